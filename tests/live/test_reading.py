"""What the reader says of a real control plane, next to what kubectl says of it."""

import asyncio
import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import ClusterUnavailable, NotFound, RefusedCommand
from domain.objects import KubeObject, ObjectRef
from tests.live.build import read_version
from tests.live.conftest import READER, Connect
from tests.live.controlplane import ControlPlane
from tests.live.objects import HOMELESS, definition, deployment, make
from tools.cluster.live.api import ReadLimits
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.resources import BUILTIN_RESOURCES, find_resource
from tools.cluster.snapshot import SURVEYED_KINDS, take_snapshot

pytestmark = pytest.mark.live


def ask_kubectl(plane: ControlPlane, *arguments: str) -> list[KubeObject]:
    return list(json.loads(plane.kubectl("get", *arguments, "-o", "json"))["items"])


async def wait_for_events(cluster: LiveCluster, namespace: str, about: ObjectRef) -> list[KubeObject]:
    for _ in range(100):
        if events := await cluster.events(namespace, about):
            return events
        await asyncio.sleep(0.1)
    raise AssertionError(f"no event about {about}")


async def test_version_and_resource_types_are_those_that_kubectl_names(
    plane: ControlPlane, cluster: LiveCluster
) -> None:
    assert await cluster.version() == read_version()
    found = {f"{r.plural}.{r.group}" if r.group else r.plural for r in await cluster.resources()}
    assert found == set(plane.kubectl("api-resources", "-o", "name").split())
    for resource in BUILTIN_RESOURCES:
        if resource.group not in ("metrics.k8s.io", "resource.k8s.io") and resource.plural in found:
            assert resource in await cluster.resources()


@pytest.mark.parametrize("kind", [*SURVEYED_KINDS, "ClusterRole", "RoleBinding", "FlowSchema", "Lease"])
async def test_lists_are_those_of_kubectl(kind: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    resource = find_resource(kind, await cluster.resources())
    assert resource is not None
    for _ in range(5):  # Leases and Nodes change while we look
        theirs = ask_kubectl(plane, f"{resource.plural}.{resource.group}", "-A")
        ours = await cluster.list(kind)
        if [item["metadata"]["resourceVersion"] for item in theirs] == [
            item["metadata"]["resourceVersion"] for item in ours
        ]:
            break
    if kind == "Secret":
        theirs = [item | {"data": dict.fromkeys(item.get("data") or {})} for item in theirs]
    assert ours == theirs


async def test_small_pages_make_the_same_list(
    plane: ControlPlane, namespace: str, cluster: LiveCluster, connect: Connect
) -> None:
    plane.apply(*(make("ConfigMap", f"c{n:02}", namespace, data={"n": str(n)}) for n in range(23)))
    paged = connect(plane.kubeconfig, ReadLimits(page_size=4))
    assert await paged.list("ConfigMap", namespace) == await cluster.list("ConfigMap", namespace)
    assert len(await paged.list("ConfigMap", namespace)) == 24  # and kube-root-ca.crt


async def test_selectors_are_applied_by_the_server(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    plane.apply(deployment("web", namespace), deployment("api", namespace), deployment("old", namespace))
    found = await cluster.list("Deployment", namespace, labels="app in (web, api),app!=api")
    assert [item["metadata"]["name"] for item in found] == ["web"]
    found = await cluster.list("Deployment", namespace, fields="metadata.name=old")
    assert [item["metadata"]["name"] for item in found] == ["old"]
    with pytest.raises(RefusedCommand, match='"spec.color" is not a known field selector'):
        await cluster.list("Deployment", namespace, fields="spec.color=red")
    with pytest.raises(RefusedCommand, match="unable to parse requirement"):
        await cluster.list("Deployment", namespace, labels="app=((")


async def test_custom_resources_are_found_by_kind_and_by_group(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    assert await cluster.list("Widget", namespace) == []
    plane.apply(definition("Widget", "widgets", "a.example"), definition("Service", "services", "b.example"))
    plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    plane.apply(
        make("Widget", "w", namespace, "a.example/v1", spec={"size": 3}),
        make("Service", "s", namespace, "b.example/v1", spec={"size": 4}),
    )
    widgets = await cluster.list("Widget", namespace)
    assert [(item["kind"], item["apiVersion"], item["spec"]) for item in widgets] == [
        ("Widget", "a.example/v1", {"size": 3})
    ]
    assert (await cluster.get("Service.b.example", "s", namespace))["spec"] == {"size": 4}
    assert await cluster.list("Service", namespace) == []


async def test_no_value_of_a_secret_is_seen(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    value = "correct horse battery staple"
    content = json.dumps(make("Secret", "db", namespace, stringData={"password": value, "user": "ann"}))
    plane.kubectl("apply", "-f", "-", stdin=content)  # client-side: leaves a copy in an annotation
    assert value in plane.kubectl("get", "secret", "db", "-n", namespace, "-o", "yaml")
    one = await cluster.get("Secret", "db", namespace)
    assert one["data"] == {"password": None, "user": None}
    seen = str([one, await cluster.list("Secret"), await cluster.list("Secret", namespace)])
    assert value not in seen
    assert base64.b64encode(value.encode()).decode() not in seen


async def test_events_tell_why_a_pod_is_not_scheduled(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    plane.apply(deployment("web", namespace))
    plane.kubectl("wait", "--for=create", "pod", "-l", "app=web", "-n", namespace, "--timeout=30s")
    (pod,) = await cluster.list("Pod", namespace)
    (event,) = await wait_for_events(cluster, namespace, ObjectRef.of(pod))
    assert event["reason"] == "FailedScheduling"
    assert re.search("no nodes available|0/1 nodes are available", event["message"])
    snapshot = await take_snapshot(cluster, [namespace])
    assert snapshot.unseen == {}
    assert str(snapshot.owner(ObjectRef.of(pod))) == f"Deployment {namespace}/web"
    assert [e.reason for e in snapshot.events_about(ObjectRef.of(pod))] == ["FailedScheduling"]


async def test_events_of_an_earlier_namesake_are_not_the_pods_own(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    about = ObjectRef(kind="Pod", name="again", namespace=namespace)
    plane.apply(make("Pod", "again", namespace, spec=HOMELESS))
    (first,) = await wait_for_events(cluster, namespace, about)
    plane.kubectl("delete", "pod", "again", "-n", namespace)
    gone = await cluster.events(namespace, about)
    plane.apply(make("Pod", "again", namespace, spec=HOMELESS))
    (second,) = await wait_for_events(cluster, namespace, about)
    assert [event["metadata"]["uid"] for event in gone] == [first["metadata"]["uid"]]
    assert first["involvedObject"]["uid"] != second["involvedObject"]["uid"]
    assert len(await cluster.list("Event", namespace)) == 2


async def test_what_is_missing_is_said_to_be(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    plane.apply(make("Pod", "waiting", namespace, spec=HOMELESS))
    with pytest.raises(NotFound, match=f"no Pod nobody in namespace {namespace}"):
        await cluster.get("Pod", "nobody", namespace)
    with pytest.raises(NotFound, match="There is no Pod nobody"):
        await cluster.logs("nobody", namespace, "main")
    with pytest.raises(NotFound, match="container other is not valid for pod waiting"):
        await cluster.logs("waiting", namespace, "other")
    assert await cluster.list("Pod", "no-such-namespace") == []
    with pytest.raises(ClusterUnavailable, match="no metrics server"):
        await cluster.top("Pod")


async def test_now_is_the_servers_time(plane: ControlPlane, namespace: str, cluster: LiveCluster) -> None:
    created = (await cluster.get("Namespace", namespace))["metadata"]["creationTimestamp"]
    assert timedelta(0) <= await cluster.now() - datetime.fromisoformat(created) < timedelta(seconds=60)
    assert (await cluster.now()).tzinfo is UTC


async def test_the_servers_audit_log_knows_our_reader_by_get_and_list_only(
    plane: ControlPlane, cluster: LiveCluster
) -> None:
    await take_snapshot(cluster)
    await cluster.version()
    lines = [json.loads(line) for line in plane.audit_log.read_text().splitlines()]
    ours = [line for line in lines if line["user"].get("username") == READER]
    assert len(ours) > len(SURVEYED_KINDS)
    assert {line["verb"] for line in ours} == {"get", "list"}
    assert {line["verb"] for line in lines} > {"get", "list", "create", "patch", "watch"}
