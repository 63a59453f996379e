"""An index that Fluent Bit's own output wrote: nobody described it, and it has no vectors."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest

from domain.settings import OpenSearchSettings
from tests.tools.logs.contract import MINUTE, START, ConceptEmbedder, find, ids, lines, window
from tools.logs.opensearch.client import OpenSearchClient, connect
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import Level, LogDocument, LogQuery

pytestmark = pytest.mark.live

CHATTER = [f"INFO served request {n} in 5ms" for n in range(30)]
SHOP = lines(
    "ERROR cannot reach cache-service:6379: connection refused", *CHATTER, pod="web-7d9f8c7b6d-x2k4p"
)
OTHERS = [
    *lines("ERROR connection refused by nobody", pod="web-0", namespace="shop-dev", at=90),
    *lines('{"level":"error","msg":"order lost"}', pod="orders-0", at=120),
]


def write_record(document: LogDocument) -> dict[str, Any]:
    """What Fluent Bit's opensearch output sends, with ``Logstash_Format On``."""
    return {
        "@timestamp": document.time.isoformat(timespec="milliseconds"),
        "time": document.time.isoformat(),
        "stream": "stderr",
        "logtag": "F",
        "log": document.message,
        "kubernetes": {
            "pod_name": document.pod,
            "namespace_name": document.namespace,
            "container_name": document.container,
            "host": "node-a",
            "labels": {"app": "web"},
        },
    }


async def fill(client: OpenSearchClient, index: str, documents: Iterable[LogDocument]) -> None:
    rows: list[dict[str, Any]] = []
    for document in documents:
        rows += [{"create": {"_index": index, "_id": document.id}}, write_record(document)]
    await client.ask("POST", "/_bulk", rows, refresh="true")


@pytest.fixture
async def store(settings: OpenSearchSettings) -> AsyncIterator[OpenSearchLogStore]:
    own = settings.model_copy(update={"search": f"{settings.prefix}logstash-*", "cluster_field": ""})
    client = connect(own)
    store = OpenSearchLogStore(client, own, cluster="prod")
    await fill(client, f"{settings.prefix}logstash-2026.11.24", [*SHOP, *OTHERS])
    yield store
    await store.close()


async def test_it_is_searched_by_words_and_that_is_said(store: OpenSearchLogStore) -> None:
    assert await find(store, "cache refused", limit=1) == [SHOP[0].message]
    (hit,) = await store.search(LogQuery(text="order lost"))
    assert (hit.document.pod, hit.document.level, hit.document.host) == ("orders-0", Level.ERROR, "node-a")
    (note,) = store.notes
    assert "plain Fluent Bit" in note and "by words alone" in note


async def test_filters_take_names_whole(store: OpenSearchLogStore) -> None:
    async def count(**query: object) -> int:
        return len(await find(store, "connection refused request order", limit=100, **query))

    assert await count(namespaces=("shop",)) == 32
    assert await count(namespaces=("shop-dev",)) == 1
    assert await count(pods=("web-0",)) == 1
    assert await count(pods=("web-7d9f8c7b6d-*",)) == 31
    assert await count(containers=("orders",)) == 1
    assert await count(min_level=Level.ERROR) == 3
    assert await count(window=window(80, 100)) == 1


async def test_the_most_severe_lines_come_first_without_words(store: OpenSearchLogStore) -> None:
    assert set(await find(store, "", limit=3)) == {SHOP[0].message, *(one.message for one in OTHERS)}
    assert await find(store, "", min_level=Level.FATAL) == []


async def test_neighbours_patterns_and_counts(store: OpenSearchLogStore) -> None:
    assert ids(await store.around(SHOP[2], before=1, after=1)) == ids(SHOP[1:4])
    worst, *_ = await store.patterns(LogQuery(namespaces=("shop",)))
    assert worst.level is Level.ERROR
    templates = {one.template: one.count for one in await store.patterns(LogQuery(namespaces=("shop",)))}
    assert max(templates.values()) == 30
    counts = await store.histogram(LogQuery(), MINUTE)
    assert [(one.start, one.count) for one in counts] == [
        (START, 31),
        (START + MINUTE, 1),
        (START + timedelta(minutes=2), 1),
    ]
    assert await store.histogram(LogQuery(min_level=Level.ERROR), MINUTE) == []


async def test_both_kinds_of_indices_are_searched_together(settings: OpenSearchSettings) -> None:
    """While the pipeline is being introduced, a wildcard may stand for indices of both kinds."""
    from tests.live.opensearch.conftest import ship

    own = settings.model_copy(update={"search": f"{settings.prefix}*", "cluster_field": ""})
    client = connect(own)
    store = OpenSearchLogStore(client, own, ConceptEmbedder())
    await fill(client, f"{settings.prefix}logstash-2026.11.24", lines("ERROR disk is full", namespace="old"))
    await ship(client, own, lines("ERROR no space left on device", namespace="new"), ConceptEmbedder())

    assert len(await find(store, "disk device")) == 2
    assert await find(store, "disk device", namespaces=("old",)) == ["ERROR disk is full"]
    assert await find(store, "storage exhausted") == ["ERROR no space left on device"]
    assert await find(store, "", namespaces=("new",)) == ["ERROR no space left on device"]
    assert len(await find(store, "")) == 2
    await store.close()
