"""Which log store a live cluster gets."""

from domain.settings import OpenSearchSettings, Settings
from tests.tools.logs.contract import find
from tools.incidents import open_incident
from tools.logs.cluster import ClusterLogStore
from tools.logs.live import open_logs


async def test_without_opensearch_the_cluster_has_its_own_logs() -> None:
    reader = open_incident("missing-configmap-chain").cluster()
    store = await open_logs(Settings(), reader, reader)
    assert isinstance(store, ClusterLogStore)
    assert await find(store, "connection refused", namespaces=("prod-apps",))
    await store.close()


async def test_with_opensearch_away_the_clusters_own_logs_answer_and_it_is_said() -> None:
    settings = Settings(opensearch=OpenSearchSettings(url="http://127.0.0.1:9"))
    reader = open_incident("missing-configmap-chain").cluster()
    store = await open_logs(settings, reader, reader)
    found = await find(store, "connection refused", namespaces=("prod-apps",), limit=1)
    assert "cache-service:6379: connection refused" in found[0]
    (note,) = store.notes
    assert "OpenSearch at http://127.0.0.1:9 cannot be reached" in note
    await store.close()
