"""Nodes that are not ready or under pressure, while Pods are on them."""

from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import ObjectRef
from tools.cluster.pods import read_condition
from tools.cluster.times import parse_time, tell_duration

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


@analyzer("node-not-ready")
def find_lost_nodes(scene: Scene) -> Iterator[Match]:
    """Nodes whose Ready condition is not True."""
    for node in scene.snapshot.of_kind("Node"):
        condition = read_condition(node, "Ready")
        if not condition or condition.get("status") == "True":
            continue
        ref = ObjectRef.of(node)
        since = parse_time(condition.get("lastTransitionTime"))
        for_how_long = f" for {tell_duration(scene.now - since)}" if since else ""
        message = str(condition.get("message") or "")
        text = f"Node {ref.name} is NotReady{for_how_long}: {condition.get('reason')}: {message}"
        pods = _pods_on(ref.name, scene)
        variables = {"message": message, "since": for_how_long, "pods": _tell_pods(pods)}
        evidence = (scene.note(ref, text), scene.note(ref, f"Pods on {ref.name}: {_tell_pods(pods)}"))
        yield Match(ref, variables, evidence, object=ref)


@analyzer("node-pressure")
def find_pressed_nodes(scene: Scene) -> Iterator[Match]:
    """Nodes with a pressure condition."""
    for node in scene.snapshot.of_kind("Node"):
        ref = ObjectRef.of(node)
        for kind in _PRESSURES:
            condition = read_condition(node, kind)
            if condition.get("status") == "True":
                message = str(condition.get("message") or "")
                text = f"Node {ref.name} has {kind}: {condition.get('reason')}: {message}"
                variables = {"pressure": kind, "message": message}
                yield Match(ref, variables, (scene.note(ref, text),), object=ref)


def _pods_on(node: str, scene: Scene) -> list[ObjectRef]:
    pods = scene.snapshot.of_kind("Pod")
    return [ObjectRef.of(pod) for pod in pods if (pod.get("spec") or {}).get("nodeName") == node]


def _tell_pods(pods: list[ObjectRef]) -> str:
    named = ", ".join(f"{pod.namespace}/{pod.name}" for pod in pods[:5])
    return f"{named} and {len(pods) - 5} more" if len(pods) > 5 else named or "none"
