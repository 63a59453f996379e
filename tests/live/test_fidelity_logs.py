"""Logs of a real kubelet: what Kubewhy prints, before redaction, is what kubectl prints."""

import asyncio
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.build import build
from tests.live.controlplane import ControlPlane
from tests.live.images import SHELL
from tests.live.objects import Object, make
from tools.cluster.live.cluster import LiveCluster
from tools.kubectl import Kubectl

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("talking")]

NAMESPACE = "fidelity-logs"
TRIES = 20
TALK = "for n in $(seq 40); do echo \"$NAME line $n  'two  spaces' tab\tand {json: true} äöü\"; done; "
IN_ORDER = [
    "logs crashes --previous",
    "logs crashes -p --timestamps",
    "logs talks -c main",
    "logs talks -c main --tail=5",
    "logs talks main --tail=1",
    "logs talks -c main --tail=0",
    "logs talks -c main --timestamps",
    "logs talks -c main --timestamps --tail=3 --prefix",
    "logs talks -c main --since=10m",
    "logs talks -c main --since-time=2020-01-01T00:00:00Z",
    "logs talks -c setup",
    "logs pod/talks -c helper --prefix",
    "logs talks",
    "logs deploy/speaker",
    "logs deployment/speaker --tail=2",
    "logs job/once",
]
IN_ANY_ORDER = [
    "logs talks --all-containers",
    "logs talks --all-containers --prefix --tail=2",
    "logs -l app=speaker",
    "logs -l app=speaker --tail=20 --prefix",
    "logs -l app=nobody",
]
"""kubectl goes through containers and Pods in the order of a Go map, which is none."""


def container(name: str, script: str) -> Object:
    return {"name": name, "image": SHELL, "args": ["-c", script], "env": [{"name": "NAME", "value": name}]}


def spec(*containers: Object, **parts: Any) -> Object:
    return {"containers": containers, "terminationGracePeriodSeconds": 0, **parts}


@pytest.fixture(scope="module")
def talking(plane: ControlPlane, node: object) -> Iterator[None]:
    """Pods that have said something."""
    plane.kubectl("create", "namespace", NAMESPACE)
    plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE, "--timeout=30s")
    labels = {"app": "speaker"}
    stays = container("main", TALK + "sleep 1000")
    ends = container("main", "echo it starts; echo -n it ends; exit 3")
    talks = spec(stays, container("helper", "echo hi; sleep 1000"), initContainers=[container("setup", TALK)])
    template = {"metadata": {"labels": labels}, "spec": spec(stays)}
    job = {"template": {"spec": spec(container("main", TALK), restartPolicy="Never")}}
    deployment = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    plane.apply(
        make("Pod", "talks", NAMESPACE, spec=talks),
        make("Pod", "crashes", NAMESPACE, spec=spec(ends)),
        make("Deployment", "speaker", NAMESPACE, "apps/v1", spec=deployment),
        make("Job", "once", NAMESPACE, "batch/v1", spec=job),
    )
    waits = (
        ("--for=condition=Ready", "pod/talks"),
        ("--for=condition=Available", "deployment/speaker"),
        ("--for=condition=Complete", "job/once"),
        (
            "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff",
            "pod/crashes",
        ),
    )
    for wanted, path in waits:
        plane.kubectl("wait", wanted, path, "-n", NAMESPACE, "--timeout=90s")
    yield
    plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def ask_kubectl(plane: ControlPlane, line: str) -> str:
    """What kubectl prints and, before it, what it remarks."""
    command = [build() / "kubectl", "--kubeconfig", plane.kubeconfig, *line.split(), "-n", NAMESPACE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stderr + done.stdout


async def ask_both(plane: ControlPlane, cluster: LiveCluster, line: str) -> tuple[str, str]:
    """What both print; asked again while it differs, since a crashing container comes and goes."""
    kubectl = Kubectl(cluster, namespace=NAMESPACE, max_characters=10**7)
    for _ in range(TRIES):
        ours, theirs = (await kubectl.run(line)).text, ask_kubectl(plane, line).removesuffix("\n")
        if sorted(ours) == sorted(theirs):
            break
        await asyncio.sleep(2)
    return ours, theirs


@pytest.mark.parametrize("line", IN_ORDER)
async def test_prints_the_same_log(line: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    ours, theirs = await ask_both(plane, cluster, line)
    assert ours == theirs


@pytest.mark.parametrize("line", IN_ANY_ORDER)
async def test_prints_the_same_logs(line: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    ours, theirs = await ask_both(plane, cluster, line)
    assert sorted(ours.split("\n")) == sorted(theirs.split("\n"))
