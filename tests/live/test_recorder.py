"""What was recorded of a real cluster is asked about later with the same outcome."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.diagnosis import Diagnosis
from domain.errors import ClusterUnavailable
from domain.settings import load_settings
from graphs.context import Context
from graphs.session import Session
from tests.live.conftest import Connect
from tests.live.controlplane import ControlPlane
from tests.live.objects import definition, deployment, make
from tests.live.test_ask import broken
from tests.live.test_node import restarted, wait_for, waits_for
from tests.live.test_permissions import RBAC, log_in
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.pods import list_containers
from tools.cluster.resources import builtin_kind
from tools.cluster.snapshot import take_snapshot
from tools.incidents import Incident, open_incident
from tools.kubectl import Kubectl
from tools.recorder import record

pytestmark = pytest.mark.live

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


async def take(cluster: LiveCluster, namespace: str, folder: Path) -> Incident:
    await record(cluster, (namespace,), HOUR, folder, progress=lambda stage, done, total: None)
    return open_incident(folder)


async def ask(context: Context, question: str) -> Diagnosis:
    try:
        items = [item async for item in Session(context).ask(question)]
    finally:
        await context.close()
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


def essence(diagnosis: Diagnosis) -> tuple[object, ...]:
    """What a diagnosis says, whatever has been counted on in the meantime."""
    told = re.sub(r"\d+", "N", f"{diagnosis.summary} {diagnosis.root_cause}")
    chain = [(link.object, re.sub(r"\d+", "N", link.statement)) for link in diagnosis.chain]
    facts = (diagnosis.outcome, diagnosis.issue_type, diagnosis.object, diagnosis.missing, diagnosis.fix)
    return (*facts, diagnosis.confidence, told, chain)


@pytest.mark.usefixtures("node")
async def test_a_recording_is_diagnosed_as_the_cluster_is(
    plane: ControlPlane, namespace: str, cluster: LiveCluster, tmp_path: Path
) -> None:
    settings = [{"configMapRef": {"name": "ledger-settings"}}]
    plane.apply(
        broken("ledger", namespace, "sleep 1000", envFrom=settings),
        broken("mailer", namespace, "echo required setting SMTP_HOST is not set; exit 2"),
        broken("indexer", namespace, "tail /dev/zero", resources={"limits": {"memory": "16Mi"}}),
        broken("courier", namespace, "sleep 1000", image="registry.invalid/courier:9"),
        deployment("parked", namespace),
    )
    await wait_for(cluster, "ledger", namespace, waits_for("CreateContainerConfigError"))
    for name in ("mailer", "indexer"):
        await wait_for(cluster, name, namespace, restarted)
        await wait_for(cluster, name, namespace, lambda pod: any(c.waiting for c in list_containers(pod)))
    await wait_for(cluster, "courier", namespace, waits_for("ImagePullBackOff"))
    incident = await take(cluster, namespace, tmp_path / "recorded")
    causes = {}
    for name in ("ledger", "mailer", "indexer", "courier", "parked"):
        question = f"what is wrong with {name}?"
        live = await ask(Context(cluster="local", namespace=namespace), question)
        recorded = await ask(Context(incident=str(incident.folder)), question)
        assert essence(recorded) == essence(live)
        causes[name] = recorded
    assert {str(cause.outcome) for cause in causes.values()} == {"diagnosed"}
    assert "SMTP_HOST" in causes["mailer"].root_cause
    assert causes["ledger"].missing is not None


@pytest.mark.usefixtures("node")
async def test_logs_are_kept_of_both_runs(
    plane: ControlPlane, namespace: str, cluster: LiveCluster, tmp_path: Path
) -> None:
    script = (
        "cd /kept; test -e again && echo again && sleep 1000; touch again; echo; echo '  gives up'; exit 3"
    )
    pod = broken("stumbles", namespace, script, volumeMounts=[{"name": "memory", "mountPath": "/kept"}])
    pod["spec"]["volumes"] = [{"name": "memory", "emptyDir": {}}]
    plane.apply(pod)
    await wait_for(cluster, "stumbles", namespace, restarted)
    await wait_for(cluster, "stumbles", namespace, lambda pod: any(c.running for c in list_containers(pod)))
    recorded = (await take(cluster, namespace, tmp_path / "recorded")).cluster()
    for previous, last in ((False, "again"), (True, "  gives up")):
        theirs = await cluster.logs("stumbles", namespace, "main", previous=previous)
        assert theirs[-1].text == last
        assert await recorded.logs("stumbles", namespace, "main", previous=previous) == theirs
    assert await recorded.version() == await cluster.version()


async def test_custom_resources_are_recorded_too(
    plane: ControlPlane, namespace: str, cluster: LiveCluster, tmp_path: Path
) -> None:
    group = f"{namespace}.example.com"
    plane.apply(definition("Ballot", "ballots", group))
    plane.kubectl("wait", "--for=condition=Established", f"crd/ballots.{group}")
    plane.apply(make("Ballot", "first", namespace, f"{group}/v1", spec={"seats": 3}))
    incident = await take(cluster, namespace, tmp_path / "recorded")
    printed = await Kubectl(incident.cluster()).run(f"kubectl get ballots -n {namespace} -o yaml")
    assert "seats: 3" in printed.text


async def test_what_may_not_be_read_is_not_taken_for_absent(
    plane: ControlPlane, namespace: str, connect: Connect, tmp_path: Path
) -> None:
    rules = [{"apiGroups": ["", "apps"], "resources": ["pods", "events", "deployments"], "verbs": ["list"]}]
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}]
    reference = {"apiGroup": RBAC.partition("/")[0], "kind": "Role", "name": "half-blind"}
    plane.apply(
        make("Role", "half-blind", namespace, RBAC, rules=rules),
        make("RoleBinding", "half-blind", namespace, RBAC, subjects=subjects, roleRef=reference),
        deployment("parked", namespace),
    )
    cluster = connect(log_in(plane, namespace))
    incident = await take(cluster, namespace, tmp_path / "recorded")
    live, recorded = await take_snapshot(cluster, (namespace,)), await take_snapshot(incident.cluster())
    assert set(recorded.unseen) == set(live.unseen)
    assert {"Pod", "Deployment", "Event"}.isdisjoint(recorded.unseen)
    for kind in ("Secret", "ConfigMap", "Service", "Node"):
        where = namespace if (known := builtin_kind(kind)) and known.namespaced else None
        with pytest.raises(ClusterUnavailable) as theirs:
            await cluster.list(kind, where)
        with pytest.raises(ClusterUnavailable) as ours:
            await incident.cluster().list(kind)
        assert str(ours.value) == str(theirs.value)
