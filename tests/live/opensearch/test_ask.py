"""Questions about recorded clusters whose logs were shipped, all of them to one OpenSearch."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.diagnosis import Diagnosis
from domain.settings import OpenSearchSettings
from graphs.context import Context
from graphs.session import Session
from tests.live.opensearch.conftest import ship
from tests.live.opensearch.server import OpenSearch
from tests.tools.logs.contract import of_cluster
from tools.incidents import open_incident
from tools.logs.fallback import FallbackLogStore
from tools.logs.opensearch.client import connect
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import LogDocument, LogQuery, LogStore

pytestmark = pytest.mark.live

INCIDENTS = (
    "missing-configmap-chain",
    "config-parse-crash",
    "entrypoint-permission-denied",
    "init-command-typo",
    "job-backoff-exceeded",
    "rbac-forbidden",
    "service-wrong-targetport",
    "two-faults",
)
MOST = 1000


async def read_lines(incident: str) -> list[LogDocument]:
    store = await open_incident(incident).logs()
    lines = [hit.document for hit in await store.search(LogQuery(limit=MOST))]
    await store.close()
    return of_cluster(incident, lines)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shipped(opensearch: OpenSearch) -> OpenSearchSettings:
    """Every incident is a cluster of its own; they share namespaces, and Pods of the same names."""
    settings = OpenSearchSettings(
        url=opensearch.url, prefix="ask-", alias="ask", replicas=0, timeout_seconds=60
    )
    client = connect(settings)
    await ship(client, settings, [line for name in INCIDENTS for line in await read_lines(name)])
    await client.close()
    return settings


@pytest.fixture
async def context(request: pytest.FixtureRequest) -> AsyncIterator[Context]:
    context = Context(incident=request.param)
    yield context
    await context.close()


async def ask(context: Context, logs: LogStore | None = None) -> Diagnosis:
    instruments = await context.open()
    if logs:
        instruments.logs = logs
    *_, diagnosis = [item async for item in Session(context).ask(open_incident(context.incident).question)]
    assert isinstance(diagnosis, Diagnosis)
    return diagnosis


@pytest.mark.parametrize("context", INCIDENTS, indirect=True)
async def test_the_cause_is_the_same_as_offline(context: Context, shipped: OpenSearchSettings) -> None:
    offline = await ask(context)
    store = OpenSearchLogStore(connect(shipped), shipped, cluster=context.incident)
    online = await ask(context, store)
    await store.close()

    assert (online.object, online.missing, online.issue_type) == (
        offline.object,
        offline.missing,
        offline.issue_type,
    )
    assert {link.object for link in online.chain} == {link.object for link in offline.chain}


@pytest.mark.parametrize("context", ["missing-configmap-chain"], indirect=True)
async def test_an_answer_without_opensearch_says_so(context: Context) -> None:
    offline = await ask(context)
    away = OpenSearchSettings(url="http://127.0.0.1:9")
    own = await open_incident(context.incident).logs()
    store = FallbackLogStore(OpenSearchLogStore(connect(away), away), own)
    online = await ask(context, store)
    await store.close()

    assert online.root_cause == offline.root_cause
    assert any("cannot be reached" in sentence for sentence in online.not_seen), online.not_seen
