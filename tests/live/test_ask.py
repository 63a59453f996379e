"""A question about Pods that a real kubelet cannot start or keep running, end to end."""

from collections.abc import Iterator

import pytest

from domain.diagnosis import Diagnosis
from domain.settings import load_settings
from graphs.context import Context
from graphs.session import Session
from tests.live.controlplane import ControlPlane
from tests.live.images import SHELL
from tests.live.objects import Object, make
from tests.live.test_node import restarted, wait_for, waits_for
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.pods import list_containers

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("node")]


@pytest.fixture(autouse=True)
def kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def broken(name: str, namespace: str, script: str, **container: object) -> Object:
    main = {"name": "main", "image": SHELL, "args": ["-c", script], **container}
    return make("Pod", name, namespace, spec={"containers": [main], "terminationGracePeriodSeconds": 0})


async def ask(question: str, namespace: str) -> Diagnosis:
    context = Context(cluster="local", namespace=namespace)
    try:
        items = [item async for item in Session(context).ask(question)]
    finally:
        await context.close()
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


async def test_a_missing_configmap(plane: ControlPlane, namespace: str, cluster: LiveCluster) -> None:
    reference = [{"configMapRef": {"name": "ledger-settings"}}]
    plane.apply(broken("ledger", namespace, "sleep 1000", envFrom=reference))
    await wait_for(cluster, "ledger", namespace, waits_for("CreateContainerConfigError"))

    diagnosis = await ask("ledger does not start", namespace)

    assert diagnosis.missing is not None
    assert (diagnosis.missing.kind, diagnosis.missing.name) == ("ConfigMap", "ledger-settings")


async def test_the_last_words_of_a_crash(plane: ControlPlane, namespace: str, cluster: LiveCluster) -> None:
    script = "echo required setting SMTP_HOST is not set; exit 2"
    plane.apply(broken("mailer", namespace, script))
    await wait_for(cluster, "mailer", namespace, restarted)
    await wait_for(cluster, "mailer", namespace, waits_for("CrashLoopBackOff"))

    diagnosis = await ask("no mails, is it the mailer?", namespace)

    assert diagnosis.object is not None
    assert diagnosis.object.name == "mailer"
    assert "SMTP_HOST" in diagnosis.root_cause


async def test_an_out_of_memory_kill(plane: ControlPlane, namespace: str, cluster: LiveCluster) -> None:
    limits = {"limits": {"memory": "16Mi"}}
    plane.apply(broken("indexer", namespace, "tail /dev/zero", resources=limits))
    await wait_for(cluster, "indexer", namespace, restarted)
    await wait_for(cluster, "indexer", namespace, lambda pod: any(c.waiting for c in list_containers(pod)))

    diagnosis = await ask("indexer keeps dying", namespace)

    assert diagnosis.issue_type == "resources"
    assert "16Mi" in diagnosis.root_cause


async def test_a_healthy_namespace(plane: ControlPlane, namespace: str) -> None:
    plane.apply(broken("fine", namespace, "echo ready; sleep 1000"))
    plane.kubectl("wait", "--for=condition=Ready", "pod/fine", "-n", namespace)

    diagnosis = await ask("is anything wrong?", namespace)

    assert diagnosis.outcome == "healthy"
