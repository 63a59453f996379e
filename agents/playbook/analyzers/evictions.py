"""Pods that a node threw out, or did not let in."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well, list_containers
from tools.cluster.times import BEGINNING, parse_time

RECENT = timedelta(hours=1)
"""Failed Pods stay until they are collected; older ones say nothing about today."""

_OVER_ITS_LIMIT = re.compile(
    r"ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|"
    r"Usage of EmptyDir volume .* exceeds the limit"
)
"""The kubelet's words (pkg/kubelet/eviction/eviction_manager.go) for what the node is not to blame for."""

AGAIN = 2
"""So many evictions of one workload for the same limit are no accident, even while its newest Pod runs."""

_REJECTIONS = ("OutOf", "NodeAffinity", "NodePorts", "UnexpectedAdmissionError", "TopologyAffinityError")
_REJECTED = ("Preempting", "PodSizeExceedsLimit", "NodeShutdown", "Terminated")


@analyzer("evicted")
def find_evicted(scene: Scene) -> Iterator[Match]:
    """Pods that their node evicted of late, unless all is well again with what replaced them."""
    for ref, pod, reason, message in _failed(scene):
        if reason != "Evicted" or _OVER_ITS_LIMIT.search(message):
            continue
        node = ObjectRef(kind="Node", name=str((pod.get("spec") or {}).get("nodeName") or ""))
        replaced = _is_replaced(ref, scene)
        variables = {"message": message.strip(), "node": node.name}
        note = scene.note(ref, f"Pod {ref.name} on {node.name} is Failed, Evicted: {message}")
        blames = (node,) if "low on resource" in message and scene.snapshot.find(node) else ()
        yield Match(ref, variables, (note,), confidence=0.35 if replaced else 0.8, blames=blames)


@analyzer("storage-limit-exceeded")
def find_over_limit(scene: Scene) -> Iterator[Match]:
    """Pods that were evicted since they wrote more to their node's disk than their own limit allows.

    A Pod whose program ends well when it is told to is not Failed afterwards but Succeeded: then only the
    event tells.
    """
    evicted: dict[ObjectRef, dict[ObjectRef, tuple[str, Evidence]]] = {}
    for ref, message, evidence in _evictions(scene):
        if _OVER_ITS_LIMIT.search(message):
            evicted.setdefault(scene.owner(ref), {})[ref] = (message.strip(), evidence)
    for pods in evicted.values():
        ref, (message, evidence) = list(pods.items())[-1]
        over = len(pods) < AGAIN and _is_replaced(ref, scene)
        times = f" ({len(pods)} Pods so far)" if len(pods) > 1 else ""
        yield Match(ref, {"message": message, "times": times}, (evidence,), confidence=0.35 if over else None)


def _evictions(scene: Scene) -> Iterator[tuple[ObjectRef, str, Evidence]]:
    """Evicted Pods, by their status or an event of late, with the kubelet's words."""
    for ref, _, reason, message in _failed(scene):
        if reason == "Evicted":
            yield ref, message, scene.note(ref, f"Pod {ref.name} is Failed, Evicted: {message}")
    for pod in scene.snapshot.of_kind("Pod"):
        for event in scene.snapshot.events_about(ObjectRef.of(pod)):
            if event.reason == "Evicted" and scene.now - event.last < RECENT:
                yield event.about, event.message, scene.note_event(event)


@analyzer("kubelet-rejected")
def find_rejected(scene: Scene) -> Iterator[Match]:
    """Pods that the kubelet of their node did not admit."""
    for ref, pod, reason, message in _failed(scene):
        if reason.startswith(_REJECTIONS) or reason in _REJECTED:
            node = str((pod.get("spec") or {}).get("nodeName") or "")
            variables = {"message": message.strip(), "node": node, "reason": reason}
            note = scene.note(ref, f"Pod {ref.name} on {node} is Failed, {reason}: {message}")
            yield Match(ref, variables, (note,), confidence=0.35 if _is_replaced(ref, scene) else None)


def _failed(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, str, str]]:
    for pod in scene.unwell_pods:
        status = pod.get("status") or {}
        if (
            status.get("phase") == "Failed"
            and status.get("reason")
            and scene.now - _last_seen(pod, scene) < RECENT
        ):
            yield ObjectRef.of(pod), pod, str(status["reason"]), str(status.get("message") or "")


def _last_seen(pod: KubeObject, scene: Scene) -> datetime:
    """When something last happened to the Pod, as far as it and its events tell."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    times = [parse_time(condition.get("lastTransitionTime")) for condition in conditions]
    times += [parse_time(container.ended.get("finishedAt")) for container in list_containers(pod)]
    times += [parse_time((pod.get("metadata") or {}).get("creationTimestamp"))]
    times += [event.last for event in scene.snapshot.events_about(ObjectRef.of(pod))]
    return max([moment for moment in times if moment], default=BEGINNING)


def _is_replaced(ref: ObjectRef, scene: Scene) -> bool:
    """Whether the Pod's workload has all the Pods it wants, and they are well."""
    owner = scene.owner(ref)
    item = scene.snapshot.find(owner) or {}
    wanted = (item.get("spec") or {}).get("replicas", 1)
    well = [pod for pod in scene.snapshot.pods_of(owner) if is_well(pod, scene.now)]
    return owner != ref and len(well) >= (wanted or 0)
