"""OpenSearch ends in the middle of a question."""

import os
import signal
from collections.abc import Iterator

import pytest

from domain.errors import LogsUnavailable
from domain.settings import OpenSearchSettings
from tests.live.opensearch.conftest import ship
from tests.live.opensearch.server import OpenSearch, assemble, make_folder
from tests.tools.logs.contract import find, lines
from tools.incidents import open_incident
from tools.logs.cluster import ClusterLogStore
from tools.logs.fallback import FallbackLogStore
from tools.logs.opensearch.client import connect
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import LogQuery

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def frail() -> Iterator[OpenSearch]:
    """One that is stopped: no other test uses it."""
    server = OpenSearch(assemble(), make_folder())
    try:
        server.start()
        yield server
    finally:
        server.remove()


async def test_slow_down_and_back_again(frail: OpenSearch) -> None:
    settings = OpenSearchSettings(url=frail.url, replicas=0, timeout_seconds=60)
    hasty = settings.model_copy(update={"timeout_seconds": 1})
    client = connect(settings)
    await ship(client, settings, lines("ERROR cache lost", namespace="prod-apps"))
    shipped = OpenSearchLogStore(client, settings)
    own = ClusterLogStore(open_incident("missing-configmap-chain").cluster())
    moment = [0.0]
    store = FallbackLogStore(shipped, own, clock=lambda: moment[0])
    assert await find(store, "cache lost", limit=1) == ["ERROR cache lost"]

    os.kill(frail.pid(), signal.SIGSTOP)
    impatient = OpenSearchLogStore(connect(hasty), hasty)
    with pytest.raises(LogsUnavailable, match="did not answer within 1 s"):
        await impatient.search(LogQuery(text="cache"))
    await impatient.close()
    os.kill(frail.pid(), signal.SIGCONT)

    frail.stop()
    found = await find(store, "cache-service connection refused", namespaces=("prod-apps",), limit=1)
    assert "connection refused" in found[0]
    (note,) = store.notes
    assert "only what the cluster still has" in note and "cannot be reached" in note

    frail.start()
    assert await find(store, "cache lost", limit=1) != ["ERROR cache lost"]
    moment[0] += 60
    assert await find(store, "cache lost", limit=1) == ["ERROR cache lost"]
    await store.close()
