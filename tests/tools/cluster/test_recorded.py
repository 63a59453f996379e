import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from domain.errors import ClusterUnavailable, MalformedRecording, NotFound
from domain.objects import ObjectRef
from tools.cluster.recorded import RecordedCluster
from tools.cluster.resources import find_resource

RECORDINGS = Path(__file__).parents[2] / "recordings"
CHAIN = RECORDINGS / "missing-configmap-chain" / "cluster"
CACHE = ObjectRef(kind="Pod", name="cache-service-6465c58795-qt664", namespace="prod-apps")


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def listing(kind: str, *items: dict[str, Any], version: str = "v1") -> dict[str, Any]:
    return {"kind": f"{kind}List", "apiVersion": version, "items": list(items)}


def named(name: str, namespace: str = "shop", **parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace}, **parts}


async def names(
    cluster: RecordedCluster, kind: str, namespace: str | None = None, **selectors: str
) -> list[str]:
    return [item["metadata"]["name"] for item in await cluster.list(kind, namespace, **selectors)]


async def test_a_real_recording_answers_without_blocking_the_event_loop() -> None:
    cluster = RecordedCluster(CHAIN, name="local")
    with blockbuster_ctx(["tools"]):
        pods = await cluster.list("Pod", "prod-apps")
        now = await cluster.now()
        log = await cluster.logs("web-66885d4448-8c4s2", "prod-apps", "web", tail=1)
    assert len(pods) == 6
    assert {(pod["kind"], pod["apiVersion"]) for pod in pods} == {("Pod", "v1")}
    assert now == datetime(2026, 11, 24, 14, 17, 18, tzinfo=UTC)
    assert len(log) == 1
    assert cluster.name == "local"
    assert await cluster.version() == "v1.20.2"


async def test_selectors_narrow_a_list() -> None:
    cluster = RecordedCluster(CHAIN)
    assert await names(cluster, "Deployment", labels="app in (cache-service,web)") == ["cache-service", "web"]
    assert await names(cluster, "Pod", fields="status.phase=Pending") == [CACHE.name]
    assert await names(cluster, "Pod", "kube-system") == []
    assert len(await names(cluster, "Node", "prod-apps")) == 3


async def test_a_kind_that_was_not_recorded_is_an_empty_list() -> None:
    assert await RecordedCluster(CHAIN).list("Lease") == []


async def test_get_finds_by_name_and_says_what_is_missing() -> None:
    cluster = RecordedCluster(CHAIN)
    assert (await cluster.get("Deployment", "web", "prod-apps"))["kind"] == "Deployment"
    assert (await cluster.get("Node", "node-a", "prod-apps"))["kind"] == "Node"
    with pytest.raises(NotFound, match="no ConfigMap cache-config in namespace prod-apps"):
        await cluster.get("ConfigMap", "cache-config", "prod-apps")


async def test_events_are_ordered_and_can_be_about_one_object() -> None:
    cluster = RecordedCluster(CHAIN)
    events = await cluster.events("prod-apps", CACHE)
    assert {event["involvedObject"]["name"] for event in events} == {CACHE.name}
    assert any('configmap "cache-config" not found' in event["message"] for event in events)
    last = [(event["lastTimestamp"] or event["eventTime"])[:19] for event in await cluster.events()]
    assert last == sorted(last)
    assert await cluster.events("kube-system") == []


async def test_events_of_an_earlier_object_of_the_same_name_are_not_about_this_one(tmp_path: Path) -> None:
    def event(name: str, uid: str) -> dict[str, Any]:
        about = {"kind": "Pod", "name": "web-0", "namespace": "shop", "uid": uid}
        return named(name, involvedObject=about, lastTimestamp="2026-11-24T10:00:00Z")

    pod = named("web-0")
    pod["metadata"] |= {"uid": "new", "annotations": {"kubernetes.io/config.mirror": "static"}}
    write(tmp_path / "shop/pods.json", listing("Pod", pod))
    events = [event("a", "old"), event("b", "new"), event("c", "static")]
    write(tmp_path / "shop/events.json", listing("Event", *events))
    found = await RecordedCluster(tmp_path).events(
        about=ObjectRef(kind="Pod", name="web-0", namespace="shop")
    )
    assert [item["metadata"]["name"] for item in found] == ["b", "c"]


async def test_events_of_the_newer_api_read_like_core_ones(tmp_path: Path) -> None:
    event = named("a", regarding={"kind": "Pod", "name": "web-0", "namespace": "shop"}, note="went wrong")
    write(tmp_path / "shop/events.json", listing("Event", event, version="events.k8s.io/v1"))
    (found,) = await RecordedCluster(tmp_path).list("Event", fields="involvedObject.name=web-0")
    assert found["message"] == "went wrong"


async def test_logs_have_times_and_a_previous_run() -> None:
    cluster = RecordedCluster(CHAIN)
    pod = ("payment-service-564bd57b89-tq2js", "prod-apps", "payment-service")
    lines = await cluster.logs(*pod)
    assert lines[0].time == datetime(2026, 11, 24, 14, 17, 12, 300775, tzinfo=UTC)
    assert lines[0].text.startswith("2026-11-24T14:17:12Z INFO  [payment-service]")
    assert await cluster.logs(*pod, previous=True) == lines
    assert await cluster.logs(*pod, tail=2) == lines[-2:]
    assert await cluster.logs(*pod, tail=0) == []
    assert lines[0].time is not None
    later = await cluster.logs(*pod, since=lines[0].time + timedelta(seconds=1))
    assert 0 < len(later) < len(lines)


@pytest.mark.parametrize(
    ("pod", "container", "previous", "reason"),
    [
        (CACHE.name, "cache", False, "waiting to start: CreateContainerConfigError"),
        (CACHE.name, "cache", True, "no previous terminated container 'cache'"),
        (CACHE.name, "sidecar", False, "has no container 'sidecar', it has: cache"),
        ("../../../../etc", "passwd", False, "no Pod ../../../../etc"),
        ("..", "../logs/x", False, "no Pod"),
        ("web-66885d4448-8c4s2", "../web/web", False, "has no container"),
    ],
)
async def test_why_there_is_no_log(pod: str, container: str, previous: bool, reason: str) -> None:
    with pytest.raises(NotFound) as caught:
        await RecordedCluster(CHAIN).logs(pod, "prod-apps", container, previous=previous)
    assert reason in str(caught.value)


async def test_a_log_that_the_node_did_not_hand_out_says_so() -> None:
    cluster = RecordedCluster(RECORDINGS / "node-not-ready" / "cluster")
    with pytest.raises(NotFound, match="was not readable: an error on the server"):
        await cluster.logs("scorer-6fb8d5cbbc-9c5x9", "lending", "scorer")


async def test_secrets_have_keys_but_no_values(tmp_path: Path) -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":"aGVsbG8="}', "team": "shop"}
    secret = named("db", data={"password": "aGVsbG8="}, stringData={"user": "root"})
    secret["metadata"]["annotations"] = annotations
    write(tmp_path / "shop/secrets.json", listing("Secret", secret))
    write(
        tmp_path / "shop/single.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: dg==}\n"
    )
    cluster = RecordedCluster(tmp_path)
    found = await cluster.get("Secret", "db", "shop")
    assert found["data"] == {"password": None}
    assert found["stringData"] == {"user": None}
    assert found["metadata"]["annotations"] == {"team": "shop"}
    assert (await cluster.get("Secret", "s"))["data"] == {"k": None}


async def test_custom_resources_need_no_table(tmp_path: Path) -> None:
    definition = {
        "metadata": {"name": "certificates.cert-manager.io"},
        "spec": {
            "group": "cert-manager.io",
            "scope": "Namespaced",
            "names": {"kind": "Certificate", "plural": "certificates", "shortNames": ["cert"]},
            "versions": [{"name": "v1", "served": True}],
        },
    }
    crd = "CustomResourceDefinition"
    write(
        tmp_path / "customresourcedefinitions.json",
        listing(crd, definition, version="apiextensions.k8s.io/v1"),
    )
    certificate = named("tls") | {"kind": "Certificate", "apiVersion": "cert-manager.io/v1"}
    policy = named("p") | {"kind": "BackupPolicy", "apiVersion": "backup.example.com/v1alpha1"}
    knative = named("api") | {"kind": "Service", "apiVersion": "serving.knative.dev/v1"}
    write(tmp_path / "shop/certificates.json", {"kind": "List", "apiVersion": "v1", "items": [certificate]})
    write(tmp_path / "shop/policy.json", policy)
    write(tmp_path / "shop/ksvc.json", {"kind": "List", "items": [knative]})
    write(tmp_path / "shop/services.json", listing("Service", named("api")))
    cluster = RecordedCluster(tmp_path)
    resources = await cluster.resources()
    found = {word: find_resource(word, resources) for word in ("cert", "backuppolicies", "services.serving")}
    assert {word: resource and resource.kind for word, resource in found.items()} == {
        "cert": "Certificate",
        "backuppolicies": "BackupPolicy",
        "services.serving": "Service.serving.knative.dev",
    }
    assert await names(cluster, "Certificate", "shop") == ["tls"]
    assert [item["apiVersion"] for item in await cluster.list("Service")] == ["v1"]
    assert [i["kind"] for i in await cluster.list("Service.serving.knative.dev")] == ["Service"]


async def test_metrics_if_recorded(tmp_path: Path) -> None:
    usage = named("web-0", containers=[{"name": "web", "usage": {"cpu": "5m", "memory": "9Mi"}}])
    write(tmp_path / "top-pods.json", listing("PodMetrics", usage, version="metrics.k8s.io/v1beta1"))
    cluster = RecordedCluster(tmp_path)
    assert [item["metadata"]["name"] for item in await cluster.top("Pod", "shop")] == ["web-0"]
    assert await cluster.top("Pod", "other") == []
    with pytest.raises(ClusterUnavailable, match="Metrics of Node objects were not recorded"):
        await cluster.top("Node")


async def test_yaml_timestamps_stay_text_and_several_documents_are_read(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  creationTimestamp: 2026-11-24T10:00:00Z\n"
    )
    write(tmp_path / "both.yaml", text.format("a") + "---\n" + text.format("b") + "---\n")
    cluster = RecordedCluster(tmp_path)
    assert await names(cluster, "ConfigMap") == ["a", "b"]
    assert await cluster.now() == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("shop/pods.json", '{"kind": "PodList",\n "items": [\n', "shop/pods.json, line"),
        ("shop/pods.json", "", "shop/pods.json, line 1: this is not valid JSON"),
        ("shop/pods.json", b"\xff\xfe".decode("latin-1"), "line 1: this is not valid JSON"),
        ("web.yaml", "kind: Pod\nmetadata: [\n", "web.yaml, line 3: this is not valid YAML"),
        ("shop/pods.json", listing("Pod", {"metadata": {}}), "item 1 (Pod) has no metadata.name"),
        ("shop/pods.json", listing("Pod", named("a", spec="x")), "`spec` of Pod a is no mapping"),
        ("shop/pods.json", {"kind": "PodList", "items": {"a": 1}}, "`items` is no list"),
        ("package.json", {"name": "x"}, "item 1 is no Kubernetes object"),
        ("numbers.json", [1, 2], "item 1 is no Kubernetes object"),
        ("readme.txt", "hello", "holds no recording: expected what `kubectl cluster-info dump"),
        ("shop/web-0/logs.txt", "no header\n", "holds no recording"),
    ],
)
async def test_a_malformed_recording_is_named(
    tmp_path: Path, file: str, content: Any, complaint: str
) -> None:
    write(tmp_path / file, content)
    with pytest.raises(MalformedRecording) as caught:
        await RecordedCluster(tmp_path).list("Pod")
    assert complaint in str(caught.value)


async def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside/pods.json", listing("Pod", named("secretive")))
    write(tmp_path / "in/shop/pods.json", listing("Pod", named("web-0")))
    (tmp_path / "in/shop/more.json").symlink_to(tmp_path / "outside/pods.json")
    (tmp_path / "in/outside").symlink_to(tmp_path / "outside")
    (tmp_path / "in/circle.json").symlink_to(tmp_path / "in/circle.json")
    assert await names(RecordedCluster(tmp_path / "in"), "Pod") == ["web-0"]
