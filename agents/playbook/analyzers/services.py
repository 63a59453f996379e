"""Services: a selector that selects nothing, Pods that are not ready, ports nobody listens on."""

from collections.abc import Iterator
from typing import Any

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import list_containers
from tools.cluster.services import (
    is_ready,
    list_workloads,
    selected_pods,
    selected_workloads,
    template_labels,
)


def _selecting(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, dict[str, str]]]:
    for service in scene.snapshot.of_kind("Service"):
        spec = service.get("spec") or {}
        if spec.get("selector") and spec.get("type") != "ExternalName":
            yield ObjectRef.of(service), service, spec["selector"]


def tell_labels(labels: dict[str, str]) -> str:
    """``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


@analyzer("service-selects-nothing")
def find_unselecting(scene: Scene) -> Iterator[Match]:
    """Services whose selector matches no Pod and no workload's template, though a near miss exists."""
    for ref, service, selector in _selecting(scene):
        if selected_pods(service, scene.snapshot) or selected_workloads(service, scene.snapshot):
            continue
        near = _nearest(ref, selector, scene)
        variables = {"selector": tell_labels(selector), "near": "", "labels": "?"}
        evidence = [scene.note(ref, f"Service {ref.name} selects {tell_labels(selector)}; no Pod carries that")]
        if near is not None:
            target, labels = ObjectRef.of(near), tell_labels(template_labels(near))
            variables |= {"near": f"; the Pods of {target.kind} {target.name} carry {labels}", "labels": labels}
            evidence.append(scene.note(target, f"Pods of {target.kind} {target.name} carry labels {labels}"))
        yield Match(ref, variables, tuple(evidence), object=ref, confidence=0.95 if near else 0.7)


def _nearest(ref: ObjectRef, selector: dict[str, str], scene: Scene) -> KubeObject | None:
    """The workload whose name or labels come closest to what the Service wants."""

    def closeness(workload: KubeObject) -> float:
        labels = template_labels(workload)
        shared = sum(labels.get(key) == value for key, value in selector.items())
        keys = sum(key in labels for key in selector)
        return 2 * shared + 0.1 * keys + 3 * (ObjectRef.of(workload).name == ref.name)

    workloads = [*list_workloads(scene.snapshot, ref.namespace)]
    best = max(workloads, key=closeness, default=None)
    return best if best is not None and closeness(best) >= 2 else None


@analyzer("service-without-ready-pods")
def find_unready(scene: Scene) -> Iterator[Match]:
    """Services that select workloads or Pods none of which is ready."""
    for ref, service, selector in _selecting(scene):
        pods = selected_pods(service, scene.snapshot)
        workloads = selected_workloads(service, scene.snapshot)
        if not (pods or workloads) or any(is_ready(pod) for pod in pods):
            continue
        if (service["spec"] or {}).get("publishNotReadyAddresses"):
            continue
        count = f"none of its {len(pods)} Pods is ready" if pods else "it has no Pods"
        text = f"Service {ref.name} (selector {tell_labels(selector)}) has no ready endpoint: {count}"
        blamed = tuple(ObjectRef.of(item) for item in (*workloads, *pods))
        yield Match(ref, {"count": count}, (scene.note(ref, text),), object=ref, blames=blamed)


@analyzer("service-target-port")
def find_wrong_ports(scene: Scene) -> Iterator[Match]:
    """Services that forward to a port which no container of the selected Pods declares."""
    for ref, service, _ in _selecting(scene):
        pods = selected_pods(service, scene.snapshot)
        declared = [port for pod in pods[:3] for c in list_containers(pod) for port in c.ports()]
        if not declared:
            continue
        for port in service["spec"].get("ports") or []:
            target = port.get("targetPort", port.get("port"))
            if not any(_fits(target, port, candidate) for candidate in declared):
                yield _tell_wrong_port(ref, port, target, declared, ObjectRef.of(pods[0]), scene)


def _fits(target: object, port: dict[str, Any], declared: dict[str, Any]) -> bool:
    same_protocol = (port.get("protocol") or "TCP") == (declared.get("protocol") or "TCP")
    return same_protocol and target in (declared.get("containerPort"), declared.get("name"))


def _tell_wrong_port(
    ref: ObjectRef,
    port: dict[str, Any],
    target: object,
    declared: list[dict[str, Any]],
    pod: ObjectRef,
    scene: Scene,
) -> Match:
    listening = ", ".join(dict.fromkeys(_tell_port(p) for p in declared))
    first = declared[0].get("containerPort")
    variables = {
        "port": str(port.get("port")),
        "protocol": str(port.get("protocol") or "TCP"),
        "target": str(target),
        "declared": listening,
        "first": str(first),
    }
    owner = scene.owner(pod)
    evidence = (
        scene.note(ref, f"Service {ref.name} forwards port {port.get('port')} to targetPort {target}"),
        scene.note(pod, f"Pods of {owner.kind} {owner.name} declare container ports: {listening}"),
    )
    return Match(
        ref, variables, evidence, object=ref, confidence=0.93 if isinstance(target, str) else 0.85
    )


def _tell_port(port: dict[str, Any]) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    protocol = f"/{port['protocol']}" if (port.get("protocol") or "TCP") != "TCP" else ""
    return f"{port.get('containerPort')}{protocol}{name}"
