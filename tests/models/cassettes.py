"""Cassettes: what real models answered, so that the suite can be run again without an account."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import vcr
import yaml

_KEPT_REQUEST = {"content-type", "accept"}
_KEPT_RESPONSE = {"content-type", "x-amzn-errortype"}
_ACCOUNT = re.compile(r"(?<=:)\d{12}(?=:)")


@contextmanager
def use_cassette(path: Path, record: bool) -> Iterator[None]:
    """Record what is asked of a provider anew, or answer from what was recorded and ask nobody.

    A request that was not recorded fails: its prompt has changed since.
    """
    if record:
        path.unlink(missing_ok=True)
    player = vcr.VCR(
        record_mode="all" if record else "none",
        match_on=("method", "path", "body"),
        before_record_request=_scrub_request,
        before_record_response=_scrub_response,
        decode_compressed_response=True,
    )
    with player.use_cassette(str(path)):
        yield


def _scrub_request(request: Any) -> Any:
    """Neither keys nor signatures, host, account or whatever else only tells who recorded it."""
    request.uri = _ACCOUNT.sub(
        "000000000000", re.sub(r"^https?://[^/]+", "https://model.example", request.uri)
    )
    request.headers = {k: v for k, v in request.headers.items() if k.lower() in _KEPT_REQUEST}
    return request


def _scrub_response(response: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in response["headers"].items() if k.lower() in _KEPT_RESPONSE}
    return {**response, "headers": kept}


def read_requests(path: Path) -> list[dict[str, Any]]:
    """The bodies of what was asked, for a look at what left."""
    recorded = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    return [json.loads(item["request"]["body"]) for item in recorded]
