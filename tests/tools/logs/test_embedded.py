import logging
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from domain.errors import LogsUnavailable
from tests.tools.logs.contract import LogStoreContract, OpenStore, find, lines
from tools.embeddings.embedder import Embedder
from tools.incidents import open_incident
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import LogDocument, LogQuery


@pytest.fixture
async def open_store() -> AsyncIterator[OpenStore]:
    opened: list[EmbeddedLogStore] = []

    async def open_one(
        documents: Iterable[LogDocument], embedder: Embedder | None = None
    ) -> EmbeddedLogStore:
        opened.append(EmbeddedLogStore.open(documents, embedder))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


class TestEmbeddedLogStore(LogStoreContract):
    """Keeps what every store promises."""


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_query_of_function_words_alone_is_taken_as_it_is() -> None:
    store = EmbeddedLogStore.open(lines("there it is", "ready"))
    assert await find(store, "what is it") == ["there it is"]
    await store.close()


@pytest.mark.parametrize(
    ("incident", "question", "decisive", "within"),
    [
        ("missing-configmap-chain", "Payment service cannot start", "connect to cache-service:6379", 1),
        ("config-parse-crash", "query-router keeps restarting after the config change", "timeout_ms", 1),
        ("entrypoint-permission-denied", "The ledger export has produced nothing", "Permission denied", 1),
        ("init-command-typo", "auth-api pods are not coming up", "migrat: not found", 1),
        (
            "service-wrong-targetport",
            "label-printer cannot get rates",
            "upstream rates-api GET /rates failed",
            1,
        ),
        ("job-backoff-exceeded", "Month-end close did not finish", "entries are unposted", 1),
        ("two-faults", "mailer fails", "SMTP_HOST is not set", 1),
        ("node-not-ready", "Loan decisions are deferred", "upstream scorer GET /score failed", 3),
        ("sidecar-port-conflict", "gateway pod fails", "status 1", 3),
    ],
)
async def test_questions_find_the_decisive_line(
    incident: str, question: str, decisive: str, within: int
) -> None:
    store = await open_incident(incident).logs()
    found = await find(store, question, limit=within)
    await store.close()
    assert any(decisive in message for message in found), found


async def test_mining_leaves_no_files_and_no_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drain3.ini").write_text("[DRAIN]\nsim_th = broken\n")
    with caplog.at_level(logging.DEBUG):
        store = EmbeddedLogStore.open(lines("a 1", "a 2"))
        assert [pattern.count for pattern in await store.patterns(LogQuery())] == [2]
    await store.close()
    assert [record for record in caplog.records if record.name.startswith("drain3")] == []
    assert list_names(tmp_path) == ["drain3.ini"]


async def test_a_line_from_two_sources_is_one_document() -> None:
    store = EmbeddedLogStore.open(lines("a", "b") + lines("a", "b", "c"))
    assert len(store) == 3
    await store.close()


async def test_an_empty_and_a_closed_store() -> None:
    store = EmbeddedLogStore.open([])
    assert await store.search(LogQuery(text="x")) == []
    assert await store.patterns(LogQuery()) == []
    await store.close()
    with pytest.raises(LogsUnavailable, match="closed"):
        await store.search(LogQuery(text="x"))
    with pytest.raises(LogsUnavailable, match="closed"):
        await store.around(lines("a")[0])
