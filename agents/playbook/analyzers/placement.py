"""Pods that no scheduler looks at, or that are bound to a node which is not there."""

from collections.abc import Iterator
from datetime import timedelta

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import read_condition
from tools.cluster.times import parse_time, tell_duration

PATIENCE = timedelta(minutes=2)
"""How long a scheduler may take before its silence counts."""


def _unplaced(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject]]:
    for pod in scene.unwell_pods:
        pending = (pod.get("status") or {}).get("phase") == "Pending"
        if pending and not (pod.get("spec") or {}).get("nodeName"):
            yield ObjectRef.of(pod), pod


@analyzer("scheduling-gated")
def find_gated(scene: Scene) -> Iterator[Match]:
    """Pods that a scheduling gate holds back."""
    for ref, pod in _unplaced(scene):
        gates = [str(gate.get("name")) for gate in (pod.get("spec") or {}).get("schedulingGates") or []]
        if gates:
            told = ", ".join(gates)
            note = scene.note(ref, f"Pod {ref.name} has schedulingGates {told} (SchedulingGated)")
            yield Match(ref, {"gates": told}, (note,))


DEFAULT = "default-scheduler"
SILENCE_ALONE = 0.4
"""Confidence where no event of anything was kept."""


@analyzer("scheduler-silent", "Event")
def find_ignored(scene: Scene) -> Iterator[Match]:
    """Pods that wait for a scheduler which says nothing: no node, no condition, no event."""
    for ref, pod in _unplaced(scene):
        spec = pod.get("spec") or {}
        created = parse_time((pod.get("metadata") or {}).get("creationTimestamp"))
        spoken = read_condition(pod, "PodScheduled") or scene.snapshot.events_about(ref)
        if spoken or spec.get("schedulingGates") or not created or scene.now - created < PATIENCE:
            continue
        scheduler = str(spec.get("schedulerName") or DEFAULT)
        since = tell_duration(scene.now - created)
        text = (
            f"Pod {ref.name} is Pending since {since}, schedulerName {scheduler}, without condition or event"
        )
        sure = None if scheduler != DEFAULT or _has_events(scene) else SILENCE_ALONE
        yield Match(ref, {"scheduler": scheduler, "since": since}, (scene.note(ref, text),), confidence=sure)


def _has_events(scene: Scene) -> bool:
    """Whether events were kept at all: only then does the silence of the scheduler mean anything."""
    return any(scene.snapshot.events_about(ref) for ref in scene.snapshot.refs())


@analyzer("node-name-unknown", "Node")
def find_misplaced(scene: Scene) -> Iterator[Match]:
    """Pods bound to a node that does not exist."""
    present = sorted(ObjectRef.of(node).name for node in scene.snapshot.of_kind("Node"))
    for pod in scene.pods if present else ():
        ref, name = ObjectRef.of(pod), str((pod.get("spec") or {}).get("nodeName") or "")
        ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if name and name not in present and not ended:
            told = ", ".join(present[:8])
            evidence = (
                scene.note(ref, f"Pod {ref.name} has nodeName {name}"),
                scene.note(ref, f"nodes of the cluster: {told}", "kubectl get nodes"),
            )
            missing = ObjectRef(kind="Node", name=name)
            yield Match(ref, {"node": name, "present": told}, evidence, missing=missing)
