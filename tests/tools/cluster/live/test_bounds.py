"""A live cluster of which two namespaces may be read: no request for another one leaves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import ClusterUnavailable, OutOfBounds, RefusedCommand
from domain.objects import ObjectRef
from tests.tools.cluster.live.conftest import LIMITS, RECORDINGS
from tests.tools.cluster.live.server import ApiServer, answer
from tools.cluster.bounds import BoundedCluster, Bounds
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin
from tools.cluster.reader import Resource, read_table
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import CLUSTER_SCOPED, take_snapshot
from tools.kubectl import Kubectl
from tools.logs.bounds import BoundedLogStore
from tools.logs.cluster import ClusterLogStore
from tools.logs.store import LogQuery

SETTING = "`namespaces` of cluster production in kubewhy.toml"
HOMEPAGE = ObjectRef(kind="Pod", name="homepage-568cfdbb47-kc956", namespace="web-edge")
STORE = ObjectRef(kind="Pod", name="feature-store-568c447b89-bczcc", namespace="recsys")


@pytest.fixture
def recording() -> RecordedCluster:
    return RecordedCluster(RECORDINGS / "oom-cross-namespace" / "cluster")


@pytest.fixture
async def live(server: ApiServer, tmp_path: Path) -> AsyncIterator[LiveCluster]:
    login = KubeconfigLogin((server.kubeconfig(tmp_path, token="any"),))  # noqa: S106
    async with LiveCluster("production", login, LIMITS) as cluster:
        yield cluster


@pytest.fixture
def web(live: LiveCluster) -> BoundedCluster:
    return BoundedCluster(live, Bounds("production", ("web-*",)))


def spaces_asked(server: ApiServer) -> set[str]:
    """The namespaces of every request; ``*`` for an object or list that belongs to all of them."""
    found = set()
    namespaced = re.compile(
        r"/(pods|services|configmaps|secrets|deployments|events|jobs|endpoints|replicasets|ingresses)$"
    )
    for request in server.seen:
        if inside := re.search(r"/namespaces/([^/]+)/", request.path):
            found.add(inside[1])
        elif namespaced.search(request.path):
            found.add("*")
    return found


async def test_a_snapshot_holds_the_allowed_namespaces_and_what_has_none(
    web: BoundedCluster, server: ApiServer
) -> None:
    snapshot = await take_snapshot(web)

    assert {ref.namespace for ref in snapshot.refs() if ref.kind not in CLUSTER_SCOPED} == {"web-edge"}
    assert [ref.name for ref in snapshot.refs() if ref.kind == "Namespace"] == ["web-edge"]
    assert len(snapshot.of_kind("Node")) == len(await server.recording.list("Node"))
    assert snapshot.of_kind("StorageClass")
    assert snapshot.unseen == {}
    assert snapshot.bounds.outside == {"recsys"}
    assert spaces_asked(server) == {"web-edge"}


async def test_the_same_holds_of_every_way_to_read(web: BoundedCluster, server: ApiServer) -> None:
    assert await web.list("Pod") == await web.list("Pod", "web-edge")
    assert await web.get("Pod", HOMEPAGE.name, HOMEPAGE.namespace)
    assert await web.get("Node", "node-a", "recsys")
    assert {item["metadata"]["namespace"] for item in await web.events()} == {"web-edge"}
    assert await web.events(about=HOMEPAGE) == await web.events("web-edge", HOMEPAGE)
    assert [item["metadata"]["namespace"] for item in await web.top("Pod")].count("recsys") == 0
    assert await web.logs(HOMEPAGE.name, "web-edge", "homepage") == []
    await read_table(web, "Pod")
    assert spaces_asked(server) == {"web-edge"}


@pytest.mark.parametrize("namespace", ["recsys", "web", "kube-system", "Web-edge"])
async def test_another_namespace_is_refused_by_every_method(
    namespace: str, web: BoundedCluster, server: ApiServer
) -> None:
    elsewhere = STORE.model_copy(update={"namespace": namespace})
    for work in (
        web.list("Pod", namespace),
        web.get("Pod", STORE.name, namespace),
        web.get("Namespace", namespace),
        web.events(namespace),
        web.events(about=elsewhere),
        web.events(None, elsewhere),
        web.logs(STORE.name, namespace, "feature-store"),
        web.top("Pod", namespace),
        web.table("Pod", namespace, name=STORE.name),
    ):
        with pytest.raises(OutOfBounds, match=f"Namespace '{namespace}' is not read: {SETTING} allows web-"):
            await work
    assert spaces_asked(server) <= {"web-edge"}


async def test_names_are_read_without_a_look_at_the_namespaces(live: LiveCluster, server: ApiServer) -> None:
    server.misbehave("/api/v1/namespaces", *[answer(403, "namespaces is forbidden")] * 9)
    bounded = BoundedCluster(live, Bounds("production", ("recsys", "web-edge")))

    pods = await bounded.list("Pod")

    assert {pod["metadata"]["namespace"] for pod in pods} == {"recsys", "web-edge"}
    assert (await bounded.bounds()).outside == frozenset()


async def test_a_pattern_that_cannot_be_resolved_says_so(web: BoundedCluster, server: ApiServer) -> None:
    server.misbehave("/api/v1/namespaces", *[answer(403, "namespaces is forbidden")] * 9)

    with pytest.raises(ClusterUnavailable, match=r"allows with \* is not known: .* may not list namespaces"):
        await web.list("Pod")


async def test_custom_kinds_are_bounded_too(web: BoundedCluster, server: ApiServer) -> None:
    server.extra = [
        Resource(kind="Widget", plural="widgets", api_version="a.example/v1"),
        Resource(kind="Fleet", plural="fleets", api_version="a.example/v1", namespaced=False),
    ]
    await web.list("Widget")
    await web.list("Fleet")

    assert server.asked("/apis/a.example/v1/namespaces/web-edge/widgets")
    assert not server.asked("/apis/a.example/v1/widgets")
    assert server.asked("/apis/a.example/v1/fleets")


async def test_kubectl_obeys(web: BoundedCluster) -> None:
    kubectl = Kubectl(web, namespace="web-edge")

    assert "recsys" not in (await kubectl.run("kubectl get pods,services -A")).text
    namespaces = (await kubectl.run("kubectl get namespaces")).text
    assert "web-edge" in namespaces and "recsys" not in namespaces
    assert "feature-store" not in (await kubectl.run("kubectl describe node node-a")).text
    for line in (
        "kubectl get pods -n recsys",
        f"kubectl describe pod {STORE.name} -n recsys",
        f"kubectl logs {STORE.name} -n recsys",
        "kubectl events -n recsys",
        f"kubectl events --for pod/{STORE.name} -n recsys",
        "kubectl get namespace recsys",
        "kubectl top pods -n recsys",
        "kubectl rollout status deployment/feature-store -n recsys",
    ):
        with pytest.raises((OutOfBounds, RefusedCommand), match=SETTING):
            await kubectl.run(line)


async def test_shipped_logs_know_the_bounds(live: LiveCluster, server: ApiServer) -> None:
    server.log = b"2026-11-24T14:00:00Z ERROR out of memory\n"
    everything = ClusterLogStore(live)
    store = BoundedLogStore(everything, BoundedCluster(live, Bounds("production", ("web-*",))))
    try:
        whole = await everything.search(LogQuery(text="memory"))
        found = await store.search(LogQuery(text="memory"))
        assert {hit.document.namespace for hit in whole} == {"recsys", "web-edge"}
        assert {hit.document.namespace for hit in found} == {"web-edge"}
        assert await store.search(LogQuery(text="memory", namespaces=("recsys",))) == []
        assert await store.patterns(LogQuery(namespaces=("recsys",))) == []
        beyond = next(hit.document for hit in whole if hit.document.namespace == "recsys")
        assert await store.around(beyond) == []
        assert await store.around(found[0].document)
    finally:
        await store.close()
