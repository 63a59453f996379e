"""The cluster's own logs as a log store: read once, bounded, and honest about what could not be read."""

from datetime import datetime

import pytest

from domain.errors import ClusterUnavailable, LogsUnavailable
from tools.cluster.reader import LogLine
from tools.cluster.recorded import RecordedCluster
from tools.incidents import INCIDENTS, open_incident
from tools.logs.cluster import ClusterLogStore
from tools.logs.store import Level, LogQuery


class CountingCluster(RecordedCluster):
    """Counts the logs that are read; ``dark`` refuses all of them."""

    reads = 0
    dark = False

    async def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: datetime | None = None,
    ) -> list[LogLine]:
        self.reads += 1
        if self.dark:
            raise ClusterUnavailable("logs may not be read")
        return await super().logs(pod, namespace, container, previous=previous, tail=tail, since=since)


def open_cluster(incident: str = "missing-configmap-chain") -> CountingCluster:
    return CountingCluster(open_incident(incident, INCIDENTS).folder / "cluster")


async def test_the_decisive_line_is_found_and_read_once() -> None:
    cluster = open_cluster()
    store = ClusterLogStore(cluster)
    query = LogQuery(text="connection refused", namespaces=("prod-apps",), min_level=Level.ERROR)

    first = await store.search(query)
    reads = cluster.reads
    again = await store.search(query)
    around = await store.around(first[0].document)
    patterns = await store.patterns(query)
    await store.close()

    assert "cache-service:6379: connection refused" in first[0].document.message
    assert first[0].document.pod.startswith("payment-service")
    assert [hit.document for hit in again] == [hit.document for hit in first]
    assert cluster.reads == reads
    assert first[0].document in around
    assert any("connection refused" in pattern.template for pattern in patterns)


async def test_the_previous_run_of_what_restarted_is_read_too() -> None:
    store = ClusterLogStore(open_cluster("healthy-noisy"))

    hits = await store.search(LogQuery(containers=("fraud",), limit=1000))
    await store.close()

    assert {hit.document.previous for hit in hits} == {True, False}


async def test_logs_that_may_not_be_read_are_unavailable() -> None:
    cluster = open_cluster()
    cluster.dark = True

    with pytest.raises(LogsUnavailable, match="may not be read"):
        await ClusterLogStore(cluster).search(LogQuery(text="anything"))
