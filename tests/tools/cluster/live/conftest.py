from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.tools.cluster.live.server import ApiServer
from tools.cluster.live.api import ReadLimits
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin
from tools.cluster.recorded import RecordedCluster

RECORDINGS = Path(__file__).parents[3] / "recordings"
LIMITS = ReadLimits(concurrency=4, page_size=2, attempts=3, attempt_seconds=0.5, total_seconds=2.0)


@pytest.fixture
def recording() -> RecordedCluster:
    return RecordedCluster(RECORDINGS / "missing-configmap-chain" / "cluster")


@pytest.fixture
async def server(recording: RecordedCluster) -> AsyncIterator[ApiServer]:
    server = ApiServer(recording)
    runner = await server.start()
    yield server
    await runner.cleanup()


@pytest.fixture
async def cluster(server: ApiServer, tmp_path: Path) -> AsyncIterator[LiveCluster]:
    login = KubeconfigLogin((server.kubeconfig(tmp_path, **{"token": "static"}),))
    async with LiveCluster("shop", login, LIMITS) as cluster:
        yield cluster
