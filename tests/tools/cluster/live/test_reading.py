"""The same questions to a recording and, through HTTP, to a server that serves it."""

from datetime import UTC, datetime, timedelta

import pytest
from blockbuster import blockbuster_ctx

from domain.errors import ClusterUnavailable, NotFound, RefusedCommand
from domain.objects import KubeObject, ObjectRef
from tests.tools.cluster.live.server import ApiServer, answer, body
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.reader import LogLine, Resource
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import SURVEYED_KINDS, take_snapshot

CACHE = ObjectRef(kind="Pod", name="cache-service-6465c58795-qt664", namespace="prod-apps")


def without_managers(items: list[KubeObject]) -> list[KubeObject]:
    for item in items:
        item["metadata"].pop("managedFields", None)
    return items


async def test_lists_are_those_of_the_recording(cluster: LiveCluster, recording: RecordedCluster) -> None:
    for kind in {*SURVEYED_KINDS, "Event", "Lease"} - {"EndpointSlice"}:  # recorded as v1beta1, served as v1
        assert await cluster.list(kind) == without_managers(await recording.list(kind))


async def test_a_survey_sees_what_it_sees_in_the_recording(
    cluster: LiveCluster, recording: RecordedCluster
) -> None:
    with blockbuster_ctx(["tools"]):
        live = await take_snapshot(cluster, ["prod-apps"])
    recorded = await take_snapshot(recording, ["prod-apps"])
    assert set(live.refs()) == set(recorded.refs())
    assert len(live) > 30
    assert live.unseen == {}
    assert [e.message for e in live.events_about(CACHE)] == [e.message for e in recorded.events_about(CACHE)]


async def test_only_get_requests_leave(cluster: LiveCluster, server: ApiServer) -> None:
    await take_snapshot(cluster)
    await cluster.events("prod-apps", CACHE)
    await cluster.version()
    assert len(server.seen) > len(SURVEYED_KINDS)
    assert {request.method for request in server.seen} == {"GET"}


async def test_lists_are_read_page_by_page(cluster: LiveCluster, server: ApiServer) -> None:
    pods = await cluster.list("Pod", "prod-apps")
    pages = [dict(request.query) for request in server.asked("/api/v1/namespaces/prod-apps/pods")]
    assert len(pods) == 6
    assert pages == [{"limit": "2"}, {"limit": "2", "continue": "2"}, {"limit": "2", "continue": "4"}]


async def test_a_list_whose_token_expires_is_read_anew(cluster: LiveCluster, server: ApiServer) -> None:
    async def expire_second(request: object) -> None:
        server.misbehave("/api/v1/pods", answer(410, "The provided continue parameter is too old"))

    server.misbehave("/api/v1/pods", expire_second)
    pods = [ObjectRef.of(pod) for pod in await cluster.list("Pod")]
    assert len(pods) == len(set(pods)) == 6
    assert [r.query.get("limit") for r in server.asked("/api/v1/pods")] == ["2", "2", None]


async def test_a_list_that_changes_too_fast_is_said_to(cluster: LiveCluster, server: ApiServer) -> None:
    server.misbehave("/api/v1/pods", *[answer(410, "too old")] * 2)
    with pytest.raises(ClusterUnavailable, match=r"`list pods`: the list changes too fast"):
        await cluster.list("Pod")


async def test_selectors_are_the_servers_work(cluster: LiveCluster, server: ApiServer) -> None:
    found = await cluster.list("Deployment", labels="app in (cache-service,web)")
    assert [item["metadata"]["name"] for item in found] == ["cache-service", "web"]
    pending = await cluster.list("Pod", fields="status.phase=Pending")
    assert [ObjectRef.of(item) for item in pending] == [CACHE]
    assert server.asked("/apis/apps/v1/deployments")[0].query["labelSelector"] == "app in (cache-service,web)"


async def test_a_selector_that_the_server_refuses_is_the_askers_mistake(
    cluster: LiveCluster, server: ApiServer
) -> None:
    server.misbehave("/api/v1/pods", answer(400, "field label not supported: spec.color"))
    with pytest.raises(RefusedCommand, match=r"cannot `list pods`.*field label not supported: spec\.color"):
        await cluster.list("Pod", fields="spec.color=red")


async def test_secrets_come_without_their_values(cluster: LiveCluster, server: ApiServer) -> None:
    meta = {
        "name": "db",
        "namespace": "shop",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "aHVudGVyMg", "team": "a"},
    }
    item = {"metadata": meta, "type": "Opaque", "data": {"password": "aHVudGVyMg=="}}
    server.misbehave("/api/v1/secrets", body({"kind": "SecretList", "apiVersion": "v1", "items": [item]}))
    server.misbehave(
        "/api/v1/namespaces/shop/secrets/db", body({"kind": "Secret", "apiVersion": "v1", **item})
    )
    listed = await cluster.list("Secret")
    one = await cluster.get("Secret", "db", "shop")
    assert listed == [one]
    assert one["data"] == {"password": None}
    assert one["metadata"]["annotations"] == {"team": "a"}
    assert "aHVudGVyMg" not in str(one)


async def test_get_says_what_is_missing(cluster: LiveCluster) -> None:
    assert (await cluster.get("Deployment", "web", "prod-apps"))["kind"] == "Deployment"
    assert (await cluster.get("Node", "node-a", "prod-apps"))["kind"] == "Node"
    with pytest.raises(NotFound, match="no ConfigMap cache-config in namespace prod-apps"):
        await cluster.get("ConfigMap", "cache-config", "prod-apps")
    with pytest.raises(NotFound, match="serves no kind Unicorn"):
        await cluster.get("Unicorn", "x", "prod-apps")


@pytest.mark.parametrize("name", ["..", "../../nodes/node-a", "a%2fb", ""])
async def test_no_name_leads_to_another_path(name: str, cluster: LiveCluster, server: ApiServer) -> None:
    with pytest.raises(NotFound, match="no object named"):
        await cluster.get("Pod", name, "prod-apps")
    with pytest.raises(NotFound, match="no object named"):
        await cluster.logs(name, "prod-apps", "web")
    assert {request.path for request in server.seen} <= {"/api", "/apis"}


async def test_events_about_an_earlier_namesake_are_left_out(
    cluster: LiveCluster, server: ApiServer, recording: RecordedCluster
) -> None:
    events = await cluster.events("prod-apps", CACHE)
    assert any('configmap "cache-config" not found' in event["message"] for event in events)
    (await recording.get("Pod", CACHE.name, CACHE.namespace))["metadata"]["uid"] = "another"
    assert await cluster.events("prod-apps", CACHE) == []


async def test_custom_resources_are_found_by_kind_or_by_kind_and_group(
    cluster: LiveCluster, server: ApiServer
) -> None:
    before = await cluster.list("Widget")
    server.extra = [
        Resource(kind="Service", plural="services", api_version="serving.knative.dev/v1"),
        Resource(kind="Widget", plural="widgets", api_version="a.example/v1", short_names=("wd",)),
        Resource(kind="Widget", plural="widgets", api_version="b.example/v1"),
    ]
    server.misbehave("/apis/b.example/v1/widgets", answer(418, "b was asked"))
    assert before == await cluster.list("Widget", "shop") == []
    assert {r.kind for r in await cluster.resources() if "." in r.kind} == {
        "Service.serving.knative.dev",
        "Widget.b.example",
    }
    with pytest.raises(ClusterUnavailable, match="b was asked"):
        await cluster.list("Widget.b.example")
    assert server.asked("/apis/a.example/v1/namespaces/shop/widgets")


async def test_discovery_without_aggregation_finds_the_same(cluster: LiveCluster, server: ApiServer) -> None:
    aggregated = await cluster.resources()
    server.aggregated = False
    server.misbehave("/apis/metrics.k8s.io/v1beta1", *[answer(503, "no endpoints")] * 3)
    await cluster.list("Unicorn")
    apart = await cluster.resources()
    assert apart == [r for r in aggregated if r.group != "metrics.k8s.io"]
    assert apart[0].api_version == "v1"


async def test_logs_carry_times(cluster: LiveCluster, server: ApiServer) -> None:
    server.log = b"2026-11-24T14:00:00.25Z one\n2026-11-24T14:00:00.750000123Z  t\xffo\nno stamp\n"
    lines = await cluster.logs("web", "prod-apps", "app", previous=True, tail=9)
    at = datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert lines == [
        LogLine(text="one", time=at + timedelta(seconds=0.25), stamp="2026-11-24T14:00:00.25Z"),
        LogLine(text=" t\ufffdo", time=at + timedelta(seconds=0.75), stamp="2026-11-24T14:00:00.750000123Z"),
        LogLine(text="no stamp"),
    ]
    query = dict(server.asked("/api/v1/namespaces/prod-apps/pods/web/log")[0].query)
    assert query == {"container": "app", "timestamps": "true", "previous": "true", "tailLines": "9"}


async def test_logs_since_a_moment_are_cut_to_the_microsecond(
    cluster: LiveCluster, server: ApiServer
) -> None:
    server.log = b"2026-11-24T14:00:00.25Z one\n2026-11-24T14:00:00.75Z two\n"
    since = datetime(2026, 11, 24, 14, 0, 0, 500_000, tzinfo=UTC)
    assert [line.text for line in await cluster.logs("web", "prod-apps", "app", since=since)] == ["two"]
    assert server.seen[0].query["sinceTime"] == "2026-11-24T14:00:00Z"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (400, 'container "app" in pod "web" is waiting to start: ContainerCreating'),
        (400, 'previous terminated container "app" in pod "web" not found'),
    ],
)
async def test_a_log_that_does_not_exist_says_why(
    code: int, message: str, cluster: LiveCluster, server: ApiServer
) -> None:
    server.misbehave("/api/v1/namespaces/prod-apps/pods/web/log", answer(code, message))
    with pytest.raises(NotFound, match=message):
        await cluster.logs("web", "prod-apps", "app")


async def test_a_log_of_no_pod_says_so(cluster: LiveCluster, server: ApiServer) -> None:
    server.misbehave("/api/v1/namespaces/prod-apps/pods/web/log", answer(404, 'pods "web" not found'))
    with pytest.raises(NotFound, match="There is no Pod web in namespace prod-apps"):
        await cluster.logs("web", "prod-apps", "app")


async def test_a_log_that_left_its_node_is_no_log_line(cluster: LiveCluster, server: ApiServer) -> None:
    server.log = b"unable to retrieve container logs for containerd://4711"
    with pytest.raises(NotFound, match="no longer on its node"):
        await cluster.logs("web", "prod-apps", "app", previous=True)


async def test_metrics_are_read_or_said_to_be_missing(cluster: LiveCluster, server: ApiServer) -> None:
    assert await cluster.top("Pod", "prod-apps") == await server.recording.list("PodMetrics", "prod-apps")
    server.unserved = {"metrics.k8s.io"}
    await cluster.list("Unicorn")
    with pytest.raises(ClusterUnavailable, match="no metrics server"):
        await cluster.top("Node")


async def test_it_knows_its_name_its_version_and_the_time(cluster: LiveCluster) -> None:
    assert cluster.name == "shop"
    assert await cluster.version() == "v1.20.2"
    assert abs(datetime.now(UTC) - await cluster.now()) < timedelta(seconds=5)
