"""Recorded clusters, printed by our own kubectl and read back: what was printed is what is read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.diagnosis import Diagnosis
from graphs.context import Context
from graphs.session import Session
from tools.cluster.resources import builtin_kind
from tools.cluster.snapshot import SURVEYED_KINDS
from tools.importers.incident import ImportedIncident, write_incident
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.mapping import read_command_mapping
from tools.incidents import Incident, find_incidents, open_incident
from tools.kubectl.executor import Kubectl

INCIDENTS = find_incidents()

NOT_PRINTED = re.compile(
    r"(?:subsets\[\]\.\w+\[\]\.targetRef|metadata)\.(uid|resourceVersion|generation|selfLink|generateName|managedFields"
    r"|annotations\.kubectl.kubernetes.io/last-applied-configuration|ownerReferences\[\]\.(uid|blockOwnerDeletion))"
    r"|.*\.(imagePullPolicy|terminationMessagePath|terminationMessagePolicy|dnsPolicy|restartPolicy|schedulerName"
    r"|serviceAccount|terminationGracePeriodSeconds|defaultMode|enableServiceLinks|preemptionPolicy|hostname"
    r"|subdomain|podIPs|clusterIPs|observedGeneration|revisionHistoryLimit|progressDeadlineSeconds|started|nodeName"
    r"|lastUpdateTime|lastProbeTime|podManagementPolicy|serviceName|timeAdded|podCIDRs|finalizers|apiVersion)(\..*|\[.*)?"
    r"|(preemptionPolicy|spec\.finalizers.*)"
    r"|status\.(images|daemonEndpoints|currentReplicas|currentRevision|updateRevision|updatedReplicas|collisionCount"
    r"|fullyLabeledReplicas|availableReplicas)(\..*|\[.*)?"
    r"|status\.conditions\[\]\.(lastTransitionTime|message|reason)"
    r"|status\.(init)?[cC]ontainerStatuses\[\]\.(state|lastState)\.(terminated\.containerID|waiting\.message)"
    r"|spec\.(resources|accessModes|claimRef|volumeClaimTemplates\[\]\.(kind|status|spec\.volumeMode)).*"
    r"|metadata\.(deletionTimestamp|annotations\.kubernetes\.io/description)|roleRef\.apiGroup"
    r"|(.*\.)?spec\.(affinity|imagePullSecrets|securityContext|podReplacementPolicy|ipFamilies|ipFamilyPolicy"
    r"|persistentVolumeClaimRetentionPolicy|jobTemplate\.spec\.backoffLimit)(\..*|\[.*)?"
    r"|.*containers\[\]\.(lifecycle|securityContext)\..*|.*volumes\[\]\.(configMap|projected\.sources).*(items|Token)\W.*"
    r"|status\.(lastPhaseTransitionTime|hostIPs|ready|active)(\..*|\[.*)?"
    r"|status\.\w*ontainerStatuses\[\]\.(allocatedResources|resources|volumeMounts).*"
)
"""What neither a table nor a description of kubectl shows."""

NO_CONDITIONS = tuple(f"{kind} status.conditions[]" for kind in ("Job", "Namespace", "PodDisruptionBudget"))

CLOSE = timedelta(seconds=60)
"""Ages are cut off at their last unit."""


KINDS = tuple(kind for kind in SURVEYED_KINDS if kind != "EndpointSlice")
"""What a thorough person looks at."""


async def print_cluster(incident: Incident) -> dict[str, str]:
    """What a thorough person would have run and seen."""
    cluster = incident.cluster()
    kubectl = Kubectl(cluster, max_characters=10**7)
    recording = await cluster.recording()
    lines = ["kubectl version", "kubectl get events -A"]
    for kind in KINDS:
        if resource := builtin_kind(kind):
            everywhere = " -A" if resource.namespaced else ""
            lines += [
                f"kubectl get {resource.plural}{everywhere} -o wide --show-labels",
                f"kubectl describe {resource.plural}{everywhere}",
            ]
    for run in recording.logs.runs():
        previous = " --previous" if run.previous else ""
        lines.append(f"kubectl logs {run.pod} -n {run.namespace} -c {run.container} --timestamps{previous}")
    return {line: (await kubectl.run(line)).text + "\n" for line in lines}


_PRINTED: dict[str, dict[str, str]] = {}


async def reimport(incident: Incident) -> ImportedIncident:
    if incident.id not in _PRINTED:
        _PRINTED[incident.id] = await print_cluster(incident)
    texts = _PRINTED[incident.id]
    return assemble(incident.id, list(read_command_mapping(texts)), datetime.now(UTC))


def find_lost(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The paths of values that are not the same any more."""
    if NOT_PRINTED.fullmatch(path):
        return
    if isinstance(before, dict):
        for key, value in before.items():
            found = after.get(key) if isinstance(after, dict) else None
            yield from find_lost(value, found, f"{path}.{key}" if path else key)
    elif isinstance(before, list):
        for place, value in enumerate(before):
            yield from find_lost(value, _partner(value, place, after), f"{path}[]")
    elif before not in (None, "", False, 0) and not _is_same(before, after):
        yield f"{path}: {before!r} -> {after!r}"


def _partner(value: Any, place: int, others: Any) -> Any:
    others = others if isinstance(others, list) else []
    if isinstance(value, dict):
        keys = [key for key in ("name", "type", "key", "effect", "ip", "port", "mountPath") if key in value]
        same = [other for other in others if all(other.get(key) == value[key] for key in keys)]
        if keys:
            return same[0] if same else None
    return others[place] if place < len(others) else None


def _is_same(before: Any, after: Any) -> bool:
    if (
        isinstance(before, str)
        and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", before)
        and isinstance(after, str)
    ):
        return abs(datetime.fromisoformat(before) - datetime.fromisoformat(after)) <= CLOSE
    if isinstance(before, str) and isinstance(after, str):
        return after == before or after == before.strip("\n") or "<secret:" in after
    return bool(before == after)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
async def test_what_kubectl_prints_of_a_cluster_is_read_back(incident: Incident) -> None:
    imported = await reimport(incident)
    after = {
        (o["kind"], o["metadata"].get("namespace") or "", o["metadata"]["name"]): o for o in imported.objects
    }
    recording = await incident.cluster().recording()
    lost: list[str] = []
    for kind, items in recording.objects.items():
        for (namespace, name), item in items.items() if kind in KINDS else ():
            found = after.pop((kind, namespace, name), None)
            assert found is not None, f"{kind} {namespace}/{name} is gone"
            told = {part: value for part, value in item.items() if part not in ("apiVersion", "kind")}
            lines = (f"{kind} {line}" for line in find_lost(told, found))
            lost += [line for line in lines if not line.startswith(NO_CONDITIONS)]
    assert lost == []
    assert not after
    assert imported.leftovers == []
    assert imported.logs.keys() == set(recording.logs.runs())
    assert imported.version == recording.version


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.id)
async def test_events_and_the_present_are_read_back(incident: Incident) -> None:
    imported = await reimport(incident)
    now = await incident.cluster().now()
    assert imported.recorded_at is not None
    assert abs(imported.recorded_at - now) <= timedelta(seconds=1)
    events = await incident.cluster().events()
    living = {item["metadata"]["name"] for item in imported.objects}
    known = {(e["involvedObject"]["name"], e["reason"], e.get("message") or ""): e for e in imported.events}
    for event in events:
        found = known[event["involvedObject"]["name"], event["reason"], (event.get("message") or "").strip()]
        if event["involvedObject"]["name"] in living:  # only descriptions tell how often
            assert found["count"] >= (event.get("count") or 1)
        assert found["type"] == event["type"]


DIAGNOSED = (
    "missing-configmap-chain",
    "oom-cross-namespace",
    "job-backoff-exceeded",
    "quota-exceeded",
    "node-not-ready",
    "service-selector-typo",
    "scaled-to-zero",
    "init-command-typo",
    "two-faults",
    "healthy-noisy",
)


async def diagnose(incident: Incident, question: str, folder: Path) -> Diagnosis:
    items = [item async for item in Session(Context(str(folder), "")).ask(question)]
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


@pytest.mark.parametrize("name", DIAGNOSED)
async def test_a_transcript_is_diagnosed_like_the_cluster_it_shows(name: str, tmp_path: Path) -> None:
    incident = open_incident(name)
    imported = write_incident(await reimport(incident), tmp_path / name)
    before = await diagnose(incident, incident.question, incident.folder)
    after = await diagnose(open_incident(imported), incident.question, imported)
    assert (after.outcome, after.object, after.issue_type) == (
        before.outcome,
        before.object,
        before.issue_type,
    )
    assert [hypothesis.object for hypothesis in after.also] == [
        hypothesis.object for hypothesis in before.also
    ]
