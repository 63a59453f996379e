"""Servers that refuse, stall, break off and come back."""

import asyncio
import time

import pytest

from domain.errors import ClusterUnavailable
from tests.tools.cluster.live.conftest import LIMITS
from tests.tools.cluster.live.server import ApiServer, Misbehaviour, answer, body, break_off, reset, stall
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.snapshot import take_snapshot

PODS = "/api/v1/pods"


@pytest.mark.parametrize(
    "how",
    [
        answer(429, "too many requests", **{"Retry-After": "0"}),
        answer(500, "etcdserver: leader changed"),
        answer(503, "apiserver is shutting down"),
        reset,
        break_off,
        stall(1.0),
    ],
    ids=["429", "500", "503", "reset", "broken off", "slow"],
)
async def test_a_passing_trouble_is_waited_out(
    how: Misbehaviour, cluster: LiveCluster, server: ApiServer
) -> None:
    server.misbehave(PODS, how)
    assert len(await cluster.list("Pod")) == len(await server.recording.list("Pod"))


async def test_a_server_that_asks_for_a_pause_gets_it(cluster: LiveCluster, server: ApiServer) -> None:
    await cluster.resources()
    server.misbehave(PODS, answer(429, "", **{"Retry-After": "1"}))
    begin = time.monotonic()
    await cluster.list("Pod")
    assert time.monotonic() - begin >= 1.0


async def test_a_pause_longer_than_our_patience_is_not_waited_for(
    cluster: LiveCluster, server: ApiServer
) -> None:
    await cluster.resources()
    server.misbehave(PODS, answer(429, "the queue is full", **{"Retry-After": "60"}))
    begin = time.monotonic()
    with pytest.raises(
        ClusterUnavailable, match=r"could not `list pods`: it answered 429 \(the queue is full"
    ):
        await cluster.list("Pod")
    assert time.monotonic() - begin < 1.0


async def test_lasting_trouble_ends_within_the_bounds(cluster: LiveCluster, server: ApiServer) -> None:
    await cluster.resources()
    server.misbehave(PODS, *[stall(9.0)] * 9)
    begin = time.monotonic()
    with pytest.raises(ClusterUnavailable, match="did not"):
        await cluster.list("Pod")
    assert time.monotonic() - begin < LIMITS.total_seconds + 0.5
    assert len(server.asked(PODS)) <= LIMITS.attempts


async def test_a_survey_of_a_server_that_hangs_ends_within_the_bounds_of_one_request(
    cluster: LiveCluster, server: ApiServer
) -> None:
    for path in ("/api", "/apis"):
        server.misbehave(path, *[stall(9.0)] * 99)
    begin = time.monotonic()
    with pytest.raises(ClusterUnavailable, match="cluster cannot be read: .*`get /api`"):
        await take_snapshot(cluster, ["shop", "prod-apps"])
    assert time.monotonic() - begin < LIMITS.total_seconds + 0.5
    server.misbehaviours.clear()
    assert await cluster.version() == "v1.20.2"
    assert len(await cluster.list("Node")) == 3


async def test_what_is_forbidden_names_the_rule_that_would_allow_it(
    cluster: LiveCluster, server: ApiServer
) -> None:
    message = 'deployments.apps is forbidden: User "system:serviceaccount:ops:kubewhy" cannot list resource'
    server.misbehave("/apis/apps/v1/namespaces/shop/deployments", answer(403, message))
    with pytest.raises(ClusterUnavailable) as caught:
        await cluster.list("Deployment", "shop")
    assert str(caught.value) == (
        "User 'system:serviceaccount:ops:kubewhy' may not list deployments in namespace shop (403); a Role "
        'in namespace shop with the rule {apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"]}, '
        "bound to it, allows that."
    )
    server.misbehave("/api/v1/namespaces/shop/pods/web/log", answer(403))
    with pytest.raises(ClusterUnavailable, match=r'resources: \["pods/log"\], verbs: \["get"\]'):
        await cluster.logs("web", "shop", "app")


async def test_a_node_that_is_gone_is_not_asked_again(cluster: LiveCluster, server: ApiServer) -> None:
    path = "/api/v1/namespaces/shop/pods/web/log"
    server.misbehave(path, *[answer(500, "dial tcp 10.0.0.7:10250: connect: no route to host")] * 9)
    with pytest.raises(ClusterUnavailable, match="no route to host"):
        await cluster.logs("web", "shop", "app")
    assert len(server.asked(path)) == 1


async def test_a_survey_goes_on_without_what_is_forbidden(cluster: LiveCluster, server: ApiServer) -> None:
    server.misbehave("/api/v1/secrets", answer(403))
    server.misbehave("/api/v1/events", answer(403))
    snapshot = await take_snapshot(cluster)
    assert set(snapshot.unseen) == {"Secret", "Event"}
    assert "ClusterRole with the rule" in snapshot.unseen["Event"]
    assert snapshot.saw("Pod")


async def test_an_answer_that_is_no_json_is_no_api_server(cluster: LiveCluster, server: ApiServer) -> None:
    page = "<html>\x1b\nlog in\n</html>"
    server.misbehave("/version", body(page))
    with pytest.raises(ClusterUnavailable, match="no Kubernetes API server: <html> log in </html>"):
        await cluster.version()


async def test_a_long_message_is_bounded_and_one_line(cluster: LiveCluster, server: ApiServer) -> None:
    server.misbehave(PODS, answer(422, "a\nb\x1b[31m" + "x" * 5000))
    with pytest.raises(ClusterUnavailable) as caught:
        await cluster.list("Pod")
    assert "a b [31mxxx" in str(caught.value)
    assert len(str(caught.value)) < 400


async def test_no_more_requests_than_allowed_run_side_by_side(
    cluster: LiveCluster, server: ApiServer
) -> None:
    await cluster.resources()
    kinds = ["Pod", "Node", "Service", "Secret", "ConfigMap", "Event", "Endpoints", "Namespace"]
    paths = [r.plural for r in await cluster.resources() if r.kind in kinds and not r.group]
    for plural in paths:
        server.misbehave(f"/api/v1/{plural}", stall(0.1))
    await asyncio.gather(*(cluster.list(kind) for kind in kinds))
    assert server.most_at_once == LIMITS.concurrency


async def test_a_server_that_is_down_is_said_to_be(cluster: LiveCluster, server: ApiServer) -> None:
    await cluster.resources()
    server.misbehave(PODS, *[reset] * 9)
    with pytest.raises(ClusterUnavailable, match="the connection broke"):
        await cluster.list("Pod")
