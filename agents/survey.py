"""One cheap look at the cluster: what is unhealthy, what is warned of, what is well."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from agents.playbook.scene import Scene, tell_state
from domain.evidence import Evidence
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.cluster.pods import is_failing, is_well, list_containers
from tools.cluster.snapshot import Snapshot

MOST_WARNINGS = 30
MOST_PODS = 40
ESSENTIAL = {"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "Event", "Node"}
EVERYWHERE = ("Namespace", "Node", "Pod", "ConfigMap", "ServiceAccount")
"""Kinds that no living cluster is without: every namespace has a ``default`` account and a root CA."""


@dataclass(frozen=True)
class Survey:
    """What was observed, and in sentences what could not be read."""

    evidence: tuple[Evidence, ...]
    not_seen: tuple[str, ...]


def survey(scope: Scope, snapshot: Snapshot) -> Survey:
    """Note unhealthy Pods, live warnings, and the workloads and namespaces that are well.

    The snapshot covers all that may be read (trouble comes from other namespaces too); the evidence
    is limited to the namespaces asked about.
    """
    scene = Scene(snapshot, scope)
    evidence = (*_note_unhealthy(scene), *_note_warnings(scene), *_note_well(scene))
    return Survey(evidence, (*snapshot.unseen.values(), *_note_absent(snapshot), *_note_idle(snapshot)))


def _note_absent(snapshot: Snapshot) -> Iterator[str]:
    """Kinds of which every cluster has objects, and of which none was there to read."""
    for kind in EVERYWHERE:
        if not snapshot.saw(kind) and kind not in snapshot.unseen:
            yield f"{kind} objects were not among what could be read."


def _note_idle(snapshot: Snapshot) -> Iterator[str]:
    """Names in the settings that stand for no namespace: a slip there looks like an empty cluster."""
    for name in snapshot.bounds.idle:
        yield f"There is no namespace {name!r}, which {snapshot.bounds.setting} allows."


def _in_scope(ref: ObjectRef, scope: Scope) -> bool:
    return not scope.namespaces or not ref.namespace or ref.namespace in scope.namespaces


def _note_unhealthy(scene: Scene) -> Iterator[Evidence]:
    unwell = ((ObjectRef.of(pod), pod) for pod in scene.unwell_pods)
    for ref, pod in islice((entry for entry in unwell if _in_scope(entry[0], scene.scope)), MOST_PODS):
        phase = (pod.get("status") or {}).get("phase")
        troubled = [c for c in list_containers(pod) if not c.ready or is_failing(c, pod, scene.now)]
        states = "; ".join(tell_state(container) for container in troubled)
        yield scene.note(ref, f"Pod {ref.name} is {phase}, not well: {states}".rstrip(": "))


def _note_warnings(scene: Scene) -> list[Evidence]:
    live = [
        event
        for ref in scene.snapshot.refs()
        if _in_scope(ref, scene.scope)
        for event in scene.live_events(ref)
        if event.type == "Warning"
    ]
    newest = sorted(live, key=lambda event: event.last, reverse=True)[:MOST_WARNINGS]
    return [scene.note_event(event) for event in newest]


def _note_well(scene: Scene) -> Iterator[Evidence]:
    """For each workload and namespace asked about, that all its Pods are well, if they are.

    Nothing is called well while a kind cannot be read that most trouble shows in.
    """
    if ESSENTIAL & scene.snapshot.unseen.keys():
        return
    for ref in scene.scope.workloads:
        pods = scene.snapshot.pods_of(ref)
        if pods and all(is_well(pod, scene.now) for pod in pods):
            yield scene.note(
                ref, f"all {len(pods)} Pods of {ref.kind} {ref.name} are ready or have completed"
            )
    spaces = scene.scope.namespaces or tuple(
        dict.fromkeys(ObjectRef.of(pod).namespace for pod in scene.snapshot.of_kind("Pod"))
    )
    for namespace in spaces:
        pods = [pod for pod in scene.pods if ObjectRef.of(pod).namespace == namespace]
        if pods and all(is_well(pod, scene.now) for pod in pods):
            ref = ObjectRef(kind="Namespace", name=namespace)
            text = _tell_well(len(pods), f"namespace {namespace}")
            yield scene.note(ref, text, f"kubectl get pods -n {namespace}")


def _tell_well(count: int, whose: str) -> str:
    if count == 1:
        return f"the only Pod of {whose} is ready or has completed"
    return f"all {count} Pods of {whose} are ready or have completed"
