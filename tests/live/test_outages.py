"""The API server hangs, and is killed, while it is being asked, and while a question is investigated."""

import asyncio
import os
import signal
import time

import pytest

from domain.diagnosis import Diagnosis
from domain.errors import ClusterUnavailable
from domain.settings import load_settings
from graphs.context import Context
from graphs.session import Session
from tests.live.conftest import Connect
from tests.live.controlplane import ControlPlane
from tests.live.images import SHELL
from tests.live.objects import make
from tools.cluster.live.api import ReadLimits
from tools.cluster.snapshot import take_snapshot

pytestmark = pytest.mark.live

PATIENCE = ReadLimits(attempts=3, attempt_seconds=1.0, total_seconds=3.0)


async def test_a_server_that_hangs_does_not_hang_us(plane: ControlPlane, connect: Connect) -> None:
    cluster = connect(plane.kubeconfig, PATIENCE)
    pods = await cluster.list("Pod")
    number = plane.processes.number("kube-apiserver")
    os.kill(number, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        with pytest.raises(ClusterUnavailable, match="did not"):
            await take_snapshot(cluster)
        assert time.monotonic() - begin < 2 * PATIENCE.total_seconds
    finally:
        os.kill(number, signal.SIGCONT)
    assert [pod["metadata"]["uid"] for pod in await cluster.list("Pod")] == [
        pod["metadata"]["uid"] for pod in pods
    ]


async def test_a_server_that_is_killed_is_said_to_be_gone_and_found_again(
    plane: ControlPlane, connect: Connect
) -> None:
    cluster, patient = connect(plane.kubeconfig, PATIENCE), connect(plane.kubeconfig)
    before = await cluster.get("Namespace", "kube-system")
    plane.processes.kill("kube-apiserver")
    begin = time.monotonic()
    with pytest.raises(ClusterUnavailable, match="cannot be reached|connection broke"):
        await take_snapshot(cluster)
    assert time.monotonic() - begin < 2 * PATIENCE.total_seconds
    asked = asyncio.create_task(patient.version())
    await asyncio.to_thread(plane.start_api_server)
    assert (await asked).startswith("v1.")
    assert await cluster.get("Namespace", "kube-system") == before


async def test_a_question_outlives_the_server(
    plane: ControlPlane, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers = [{"name": "main", "image": SHELL, "envFrom": [{"configMapRef": {"name": "nowhere"}}]}]
    spec = {"containers": containers, "nodeSelector": {"disk": "none-has-it"}}
    plane.apply(make("Pod", "ledger", namespace, spec=spec))
    plane.kubectl(
        "wait", "--for=condition=PodScheduled=False", "pod/ledger", "-n", namespace, "--timeout=30s"
    )
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    monkeypatch.setenv("KUBEWHY_LIMITS__WALL_SECONDS", "20")
    load_settings.cache_clear()
    context, answers, killed = Context(cluster="local", namespace=namespace), [], False
    begin = time.monotonic()
    try:
        async for item in Session(context).ask("ledger does not start"):
            if isinstance(item, Diagnosis):
                answers.append(item)
            elif not killed and isinstance(item, dict) and item["node"] == "survey":
                plane.processes.kill("kube-apiserver")
                killed = True
        assert time.monotonic() - begin < 30
    finally:
        await context.close()
        load_settings.cache_clear()
        await asyncio.to_thread(plane.start_api_server)

    (diagnosis,) = answers
    assert killed and diagnosis.object is not None and diagnosis.object.name == "ledger"
    assert any("API server" in told or "cluster" in told for told in diagnosis.not_seen)
