"""The whole way: a line as Fluent Bit writes it, a stream, the handler as Lambda calls it, a search."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from domain.settings import EmbeddingSettings, OpenSearchSettings, load_settings
from tests.live.kinesis.server import Kinesis, install
from tests.live.opensearch.server import OpenSearch
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock
from tests.loopback.eventsource import EventSourceMapping
from tests.loopback.threads import in_thread
from tests.pipeline.producer import pack, put
from tests.pipeline.records import container_line, kubelet_line, kubernetes_event
from tools.embeddings.choose import open_embedder
from tools.logs.opensearch.client import connect
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import Level, LogHit, LogQuery

pytestmark = pytest.mark.live

REGION = "eu-central-1"
TRACE = (
    "ERROR cannot open session store",
    "java.net.ConnectException: refused",
    "\tat shop.Store.open(Store.java:42)",
)


@pytest.fixture(scope="module")
def kinesis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinesis]:
    server = Kinesis(install(), tmp_path_factory.mktemp("kinesis"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def bedrock() -> Iterator[LoopbackBedrock]:
    with in_thread(serve_bedrock()) as bedrock:
        yield bedrock


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The event loop of a Lambda container, which outlives an event."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def handler(
    monkeypatch: pytest.MonkeyPatch,
    loop: asyncio.AbstractEventLoop,
    settings: OpenSearchSettings,
    bedrock: LoopbackBedrock,
    tmp_path: Path,
) -> Iterator[Any]:
    from pipeline import handler as function

    chosen = {"URL": settings.url, "PREFIX": settings.prefix, "ALIAS": settings.alias, "REPLICAS": "0"}
    chosen |= {"TEMPLATES": settings.templates, "TIMEOUT_SECONDS": "60"}
    environment = {f"KUBEWHY_OPENSEARCH__{name}": value for name, value in chosen.items()} | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "LAMBDA_TASK_ROOT": "/var/task",
        "KUBEWHY_EMBEDDINGS__USE": "titan",
        "KUBEWHY_EMBEDDINGS__ENDPOINT_URL": bedrock.url,
        "KUBEWHY_INGEST__CLUSTER": "main",
        "KUBEWHY_INGEST__DEAD_LETTERS": str(tmp_path / "dead.ndjson"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    yield function.handler
    loop.run_until_complete(function.warm.close())
    load_settings.cache_clear()


async def search(settings: OpenSearchSettings, bedrock: LoopbackBedrock, query: LogQuery) -> list[LogHit]:
    client = connect(settings)
    await client.ask("POST", f"/{settings.alias},{settings.templates}/_refresh")
    embedder = open_embedder(EmbeddingSettings(use="titan", endpoint_url=bedrock.url))
    store = OpenSearchLogStore(client, settings, embedder, "main")
    try:
        return await store.search(query)
    finally:
        await store.close()


async def count(settings: OpenSearchSettings) -> int:
    client = connect(settings)
    await client.ask("POST", f"/{settings.alias}/_refresh")
    answer = await client.ask("GET", f"/{settings.alias}/_count")
    await client.close()
    return int(answer["count"])


@pytest.mark.parametrize("form", ["plain", "aggregated"])
def test_a_line_is_found_that_a_node_has_shipped(
    kinesis_server: Kinesis,
    opensearch: OpenSearch,
    settings: OpenSearchSettings,
    bedrock: LoopbackBedrock,
    handler: Any,
    loop: asyncio.AbstractEventLoop,
    tmp_path: Path,
    form: str,
) -> None:
    kinesis = boto3.client("kinesis", region_name=REGION, endpoint_url=kinesis_server.url)
    stream = f"logs-{form}"
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    records = [container_line(f"GET /basket/{n} 200 {n % 90}ms", n) for n in range(2_000)]
    records[700:700] = [container_line(text, 2_000 + n, pod="payment-0") for n, text in enumerate(TRACE)]
    records += [
        kubelet_line("Started container web"),
        kubernetes_event("Failed", 'configmap "cache-config" not found'),
    ]
    put(kinesis, stream, pack(records, form))
    put(kinesis, stream, [b"no json"])
    put(kinesis, stream, pack(records[690:710], "plain"), seed=2)
    mapping = EventSourceMapping(handler, batch_size=500)
    mapping.drain(kinesis, stream)

    assert mapping.given_up == []
    assert loop.run_until_complete(count(settings)) == 2_000 + 1 + 2
    assert "no json" in (tmp_path / "dead.ndjson").read_text()
    query = LogQuery(text="why can the payment service not open its session store", limit=3)
    best = loop.run_until_complete(search(settings, bedrock, query))[0].document
    assert best.message == "\n".join(TRACE)
    assert (best.pod, best.level, best.cluster) == ("payment-0", Level.ERROR, "main")
    event = loop.run_until_complete(
        search(settings, bedrock, LogQuery(text="configmap cache-config missing"))
    )[0]
    assert event.document.message.endswith('configmap "cache-config" not found')
    assert bedrock.requests < 12, "templates are embedded, not lines"
