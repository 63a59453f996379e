"""The audit log in OpenSearch, beside the file."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.errors import MalformedSettings
from domain.settings import OpenSearchSettings, Settings
from surfaces.slack import audit_index
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.loopback.opensearch import WHOLE, LoopbackOpenSearch
from tests.surfaces.slack.conftest import ANNA, CHANNEL
from tests.surfaces.slack.reading import answer_of

QUESTION = "payment service cannot start, password=hunter2-Xy9!kq"


@pytest.fixture
def settle(describe: Callable[..., Settings], opensearch: LoopbackOpenSearch) -> Callable[..., Settings]:
    def make(url: str = opensearch.url) -> Settings:
        told = describe(audit_index="kubewhy-audit")
        return told.model_copy(update={"opensearch": OpenSearchSettings(url=url, timeout_seconds=1.0)})

    return make


async def ask(slack: LoopbackSlack, settings: Settings) -> None:
    async with run_app(settings):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")
        # The answer is there first.
        async with asyncio.timeout(10):
            while b"diagnosed" not in await asyncio.to_thread(settings.slack.audit.read_bytes):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def read_file(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.ndjson").read_text().splitlines()]


async def test_the_index_gets_what_the_file_gets(
    slack: LoopbackSlack, settle: Callable[..., Settings], opensearch: LoopbackOpenSearch, tmp_path: Path
):
    await ask(slack, settle())

    assert {index for index, _ in opensearch.documents} == {"kubewhy-audit"}
    assert [*opensearch.documents.values()] == read_file(tmp_path)
    assert "hunter2" not in json.dumps([*opensearch.documents.values()])


async def test_what_is_not_taken_at_first_is_written_once(
    slack: LoopbackSlack,
    settle: Callable[..., Settings],
    opensearch: LoopbackOpenSearch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(audit_index, "RETRY_SECONDS", 0.05)
    opensearch.script = [WHOLE, [429], [503]]
    await ask(slack, settle())

    verdicts = sorted(document["verdict"] for document in opensearch.documents.values())
    assert verdicts == sorted(line["verdict"] for line in read_file(tmp_path)) == ["asked", "diagnosed"]


async def test_what_the_index_refuses_is_in_the_file_and_the_rest_in_both(
    slack: LoopbackSlack, settle: Callable[..., Settings], opensearch: LoopbackOpenSearch, tmp_path: Path
):
    opensearch.poison = '"verdict": "asked"'
    await ask(slack, settle())

    assert [document["verdict"] for document in opensearch.documents.values()] == ["diagnosed"]
    assert len(read_file(tmp_path)) == 2


async def test_while_opensearch_is_down_questions_are_answered_and_the_file_is_written(
    slack: LoopbackSlack, settle: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit_index, "CLOSE_SECONDS", 0.1)
    await ask(slack, settle("http://127.0.0.1:9"))

    assert [line["verdict"] for line in read_file(tmp_path)] == ["asked", "diagnosed"]


async def test_an_index_without_an_opensearch_is_refused(describe: Callable[..., Settings]):
    with pytest.raises(MalformedSettings, match="audit_index"):
        async with run_app(describe(audit_index="kubewhy-audit")):
            pass
