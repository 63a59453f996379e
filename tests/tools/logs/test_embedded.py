import logging
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from domain.errors import LogsUnavailable
from tests.tools.logs.contract import LogStoreContract, OpenStore, find, lines
from tools.embeddings.embedder import Embedder
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


async def test_a_query_of_function_words_alone_is_taken_as_it_is() -> None:
    store = EmbeddedLogStore.open(lines("there it is", "ready"))
    assert await find(store, "what is it") == ["there it is"]
    await store.close()


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
    assert [path.name for path in tmp_path.iterdir()] == ["drain3.ini"]


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
