"""Searches of one OpenSearch, and what comes back as documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from domain.errors import LogsUnavailable
from domain.objects import ObjectRef
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.documents import decode, is_ours
from tools.logs.store import LogDocument

_NO_TEMPLATES = "no mapping found for `template_id`"
"""What OpenSearch says where no index has the field."""


@dataclass(frozen=True)
class Found:
    """A line with OpenSearch's score, and the values that it was sorted by."""

    document: LogDocument
    score: float
    ours: bool
    order: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tally:
    """The lines of one template: how many, when first and last, the highest severity."""

    template: str
    count: int
    first: datetime
    last: datetime
    severity: int


class SearchedIndices:
    """The indices that are searched, by name, alias or wildcard."""

    def __init__(self, client: OpenSearchClient, target: str) -> None:
        """Search through a client that somebody else closes."""
        self._client = client
        self._path = f"/{quote(target, safe=',*-')}/_search"
        self._target = target

    async def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """One search, its answer as it is.

        Raises:
            LogsUnavailable: OpenSearch is down, slow, or does not let us; or nothing was ever shipped there.
        """
        answer: dict[str, Any] = await self._client.ask("POST", self._path, body)
        shards = answer.get("_shards") or {}
        if not shards.get("total", 1):
            raise LogsUnavailable(
                f"OpenSearch has no index that {self._target!r} stands for: nothing was shipped yet, or "
                "[opensearch] search names other indices."
            )
        if shards.get("failed") and not shards.get("successful"):
            raise LogsUnavailable(f"No shard of {self._target!r} could be searched: {_find_failure(shards)}.")
        return answer

    async def find(self, body: dict[str, Any]) -> list[Found]:
        """The lines that a search finds, in its order."""
        return _read_hits(await self.ask(body))

    async def find_ours(self, body: dict[str, Any]) -> list[Found]:
        """The lines that a search by templates finds; none where plain Fluent Bit wrote all indices."""
        try:
            return await self.find(body)
        except LogsUnavailable as error:
            if _NO_TEMPLATES in str(error):
                return []
            raise

    async def tally(self, body: dict[str, Any]) -> list[Tally]:
        """The templates that a search counts."""
        answer = await self.ask(body)
        return [
            Tally(
                bucket["key"],
                bucket["doc_count"],
                read_moment(bucket["first"]["value"]),
                read_moment(bucket["last"]["value"]),
                int(bucket["worst"]["value"]),
            )
            for bucket in read_buckets(answer, "templates")
        ]

    async def read_newest(self, pods: Sequence[ObjectRef], body: dict[str, Any]) -> dict[ObjectRef, datetime]:
        """The newest time of each Pod that has lines, as ``searches.find_newest`` asks for it."""
        found = (await self.ask(body)).get("aggregations") or {}
        buckets: dict[str, Any] = found.get("pods", {}).get("buckets", {})
        newest = {pods[int(place)]: bucket["newest"]["value"] for place, bucket in buckets.items()}
        return {pod: read_moment(moment) for pod, moment in newest.items() if moment is not None}


def _read_hits(answer: dict[str, Any]) -> list[Found]:
    read = ((hit, decode(hit["_id"], hit["_source"])) for hit in answer["hits"]["hits"])
    return [
        Found(document, hit.get("_score") or 0.0, is_ours(hit["_source"]), tuple(hit.get("sort", ())))
        for hit, document in read
        if document is not None
    ]


def read_buckets(answer: dict[str, Any], name: str) -> Sequence[dict[str, Any]]:
    """The buckets of an aggregation; none where no index was searched."""
    found: Sequence[dict[str, Any]] = (answer.get("aggregations") or {}).get(name, {}).get("buckets", [])
    return found


def read_moment(milliseconds: float) -> datetime:
    """A time that an aggregation answers with."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _find_failure(shards: dict[str, Any]) -> str:
    reason = ((shards.get("failures") or [{}])[0].get("reason") or {}).get("reason", "no reason is given")
    return str(reason)[:300]
