"""One control plane for all live tests. They run with ``-m live`` only, since the first run compiles it."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.live import site as sites
from tests.live.build import build
from tests.live.controlplane import ControlPlane
from tests.live.network import Network
from tests.live.node import Node, find_missing, reclaim
from tests.live.site import Site
from tools.cluster.live.api import ReadLimits
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin

LAYERS = ("plane", "network", "node", "site")
READER = "kubewhy-reader"

Connect = Callable[..., LiveCluster]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if "live" in (config.option.markexpr or "") else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the lower layers run first: nodes and addons would meddle with what they make."""
    items.sort(key=_layer)


def _layer(item: pytest.Item) -> int:
    names = getattr(item, "fixturenames", ())
    return max((LAYERS.index(layer) + 1 for layer in LAYERS if layer in names), default=0)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    plane = ControlPlane(build(), tmp_path_factory.mktemp("live") / "cluster")
    try:
        plane.start()
        yield plane
    finally:
        plane.stop()


@pytest.fixture(scope="session")
def network(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """What nodes live in; without it, what a kubelet does is not tested here."""
    if missing := find_missing():
        pytest.skip(missing)
    reclaim()
    network = Network(tmp_path_factory.mktemp("network"), plane)
    try:
        network.start()
        yield network
    finally:
        network.stop()


@pytest.fixture(scope="session")
def node(plane: ControlPlane, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The first node."""
    node = Node(build(), tmp_path_factory.mktemp("node") / "node", plane, network)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="session")
def site(
    plane: ControlPlane, network: Network, node: Node, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A whole cluster: more nodes, registries, kube-proxy, DNS, metrics."""
    if missing := sites.find_missing():
        pytest.skip(missing)
    site = Site(build(), tmp_path_factory.mktemp("site") / "site", plane, network)
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
async def connect(plane: ControlPlane) -> AsyncIterator[Connect]:
    """Opens a cluster with a kubeconfig; closes it after the test."""
    opened: list[LiveCluster] = []

    def open_cluster(kubeconfig: Path, limits: ReadLimits | None = None) -> LiveCluster:
        opened.append(LiveCluster("local", KubeconfigLogin((kubeconfig,)), limits))
        return opened[-1]

    yield open_cluster
    for cluster in opened:
        await cluster.close()


@pytest.fixture
def cluster(plane: ControlPlane, connect: Connect) -> LiveCluster:
    """Read by a user who may do everything: what it does not do, it does not do by itself."""
    return connect(plane.authority.write_kubeconfig(plane.server, READER, "system:masters"))


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own, with its ServiceAccount."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
    plane.kubectl("create", "namespace", name)
    plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=30s")
    yield name
    plane.kubectl("delete", "namespace", name, "--wait=false")
