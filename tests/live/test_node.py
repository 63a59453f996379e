"""Pods that a real kubelet runs, fails to run, and restarts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest

from domain.errors import NotFound
from domain.objects import KubeObject
from tests.live.controlplane import ControlPlane
from tests.live.images import SHELL
from tests.live.node import NAME, Node
from tests.live.objects import Object, make
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.pods import list_containers

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("node")]


def pod(name: str, namespace: str, script: str, **container: Any) -> Object:
    main = {"name": "main", "image": SHELL, "args": ["-c", script], **container}
    return make("Pod", name, namespace, spec={"containers": [main], "terminationGracePeriodSeconds": 0})


async def wait_for(
    cluster: LiveCluster, name: str, namespace: str, what: Callable[[KubeObject], bool]
) -> KubeObject:
    for _ in range(300):
        item = await cluster.get("Pod", name, namespace)
        if what(item):
            return item
        await asyncio.sleep(0.2)
    raise AssertionError(f"{name} did not get there: {item['status']}")


def waits_for(reason: str) -> Callable[[KubeObject], bool]:
    return lambda item: any(c.waiting.get("reason") == reason for c in list_containers(item))


def restarted(item: KubeObject) -> bool:
    return any(c.restarts > 0 and c.ended for c in list_containers(item))


async def test_the_node_is_ready_and_has_the_version_of_the_server(cluster: LiveCluster, node: Node) -> None:
    assert node.name == NAME
    item = await cluster.get("Node", NAME)
    assert item["status"]["nodeInfo"]["kubeletVersion"] == await cluster.version()


async def test_logs_are_those_of_kubectl(plane: ControlPlane, namespace: str, cluster: LiveCluster) -> None:
    script = "for n in $(seq 30); do echo line $n '  two  spaces'; done; sleep 1000"
    plane.apply(pod("talks", namespace, script))
    await wait_for(cluster, "talks", namespace, lambda item: item["status"]["phase"] == "Running")
    plane.kubectl("wait", "--for=condition=Ready", "pod/talks", "-n", namespace)
    for tail in (None, 5, 0):
        theirs = plane.kubectl("logs", "talks", "-n", namespace, f"--tail={-1 if tail is None else tail}")
        ours = await cluster.logs("talks", namespace, "main", tail=tail)
        assert [line.text for line in ours] == theirs.splitlines()
    lines = await cluster.logs("talks", namespace, "main")
    assert len(lines) == 30
    middle = lines[14].time
    assert middle is not None and middle.tzinfo is UTC
    assert await cluster.logs("talks", namespace, "main", since=middle) == [
        line for line in lines if line.time is not None and line.time >= middle
    ]
    assert (
        await cluster.logs("talks", namespace, "main", since=await cluster.now() + timedelta(hours=1)) == []
    )


async def test_a_crash_loop_keeps_the_log_of_the_run_before(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    long = 40_000  # the runtime splits a line every 16 KiB, and the kubelet joins it
    script = f"head -c {long} /dev/zero | tr '\\0' x; echo; echo -n cannot open /etc/app.conf; exit 3"
    plane.apply(pod("crashes", namespace, script))
    item = await wait_for(cluster, "crashes", namespace, restarted)
    (container,) = list_containers(item)
    assert container.exit_code == 3
    await wait_for(cluster, "crashes", namespace, waits_for("CrashLoopBackOff"))
    before = await cluster.logs("crashes", namespace, "main", previous=True)
    assert [line.text for line in before] == ["x" * long, "cannot open /etc/app.conf"]


async def test_an_out_of_memory_kill_is_one(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    limits = {"limits": {"memory": "16Mi"}}
    plane.apply(pod("grows", namespace, "tail /dev/zero", resources=limits))
    item = await wait_for(cluster, "grows", namespace, lambda p: any(c.ended for c in list_containers(p)))
    (container,) = list_containers(item)
    assert (container.ended["reason"], container.exit_code) == ("OOMKilled", 137)


async def test_a_container_that_cannot_start_has_no_log_and_says_why(
    plane: ControlPlane, namespace: str, cluster: LiveCluster
) -> None:
    plane.apply(pod("lacks", namespace, "true", envFrom=[{"configMapRef": {"name": "nowhere"}}]))
    plane.apply(pod("never", namespace, "true", image="registry.local/none:2", imagePullPolicy="Never"))
    await wait_for(cluster, "lacks", namespace, waits_for("CreateContainerConfigError"))
    await wait_for(cluster, "never", namespace, waits_for("ErrImageNeverPull"))
    with pytest.raises(NotFound, match='"lacks" is waiting to start: CreateContainerConfigError'):
        await cluster.logs("lacks", namespace, "main")
    with pytest.raises(NotFound, match='previous terminated container "main" in pod "lacks" not found'):
        await cluster.logs("lacks", namespace, "main", previous=True)
