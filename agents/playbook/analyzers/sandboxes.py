"""Pods whose sandbox (network, runtime) cannot be created."""

import re
from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from agents.playbook.signals import note_node
from domain.objects import ObjectRef
from tools.cluster.events import Event

_REASONS = ("FailedCreatePodSandBox", "NetworkNotReady")
_OTHERWISE_TOLD = re.compile(r"(?i)OOM-killed|memory limit too low|(?:containerd|crio|docker\w*)\.sock")
"""Of a memory limit too small to start, or of the runtime itself, other rules speak."""


@analyzer("sandbox-failed")
def find_failed_sandboxes(scene: Scene) -> Iterator[Match]:
    """Pods without a sandbox. Where Pods of several workloads fail on one node, the node is at fault."""
    failed = list(_failed(scene))
    for ref, node, event in failed:
        hit = {scene.owner(other) for other, where, _ in failed if where == node}
        whole_node = len(hit) > 1 and scene.snapshot.find(node) is not None
        evidence = (scene.note_event(event), note_node(ref, node.name, scene))
        yield Match(ref, {"message": event.message}, evidence, object=node if whole_node else None)


def _failed(scene: Scene) -> Iterator[tuple[ObjectRef, ObjectRef, Event]]:
    for pod in scene.unwell_pods:
        ref = ObjectRef.of(pod)
        node = ObjectRef(kind="Node", name=str((pod.get("spec") or {}).get("nodeName") or ""))
        events = [e for e in scene.live_events(ref) if e.reason in _REASONS]
        told = [e for e in events if not _OTHERWISE_TOLD.search(e.message)]
        if told:
            yield ref, node, told[-1]
