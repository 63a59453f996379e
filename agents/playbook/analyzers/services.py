"""Services: a selector that selects nothing, Pods that are not ready, ports nobody listens on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.listening import heard_ports
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
from tools.cluster.times import parse_time, tell_duration

PARKED = 0.3
"""Confidence that a Service is in trouble whose workloads are all scaled to zero: mostly nobody misses it."""

PATIENCE = timedelta(minutes=3)
"""How long a cloud may take to give a Service its address."""


def _selecting(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, dict[str, str]]]:
    for service in scene.snapshot.of_kind("Service"):
        spec = service.get("spec") or {}
        if spec.get("selector") and spec.get("type") != "ExternalName":
            yield ObjectRef.of(service), service, spec["selector"]


def tell_labels(labels: dict[str, str]) -> str:
    """``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


@analyzer("service-selects-nothing", "Pod")
def find_unselecting(scene: Scene) -> Iterator[Match]:
    """Services whose selector matches no Pod and no workload's template, though a near miss exists."""
    for ref, service, selector in _selecting(scene):
        if selected_pods(service, scene.snapshot) or selected_workloads(service, scene.snapshot):
            continue
        near = _nearest(ref, selector, scene)
        variables = {"selector": tell_labels(selector), "near": "", "labels": "<labels of the Pods>"}
        evidence = [
            scene.note(ref, f"Service {ref.name} selects {tell_labels(selector)}; no Pod carries that")
        ]
        if near is not None:
            target, labels = ObjectRef.of(near), tell_labels(template_labels(near))
            variables |= {
                "near": f"; the Pods of {target.kind} {target.name} carry {labels}",
                "labels": labels,
            }
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


@analyzer("service-without-ready-pods", "Pod")
def find_unready(scene: Scene) -> Iterator[Match]:
    """Services that select workloads or Pods none of which is ready."""
    for ref, service, selector in _selecting(scene):
        pods = selected_pods(service, scene.snapshot)
        workloads = selected_workloads(service, scene.snapshot)
        if not (pods or workloads) or any(is_ready(pod) for pod in pods):
            continue
        if (service["spec"] or {}).get("publishNotReadyAddresses"):
            continue
        count = _count_unready(len(pods))
        text = f"Service {ref.name} (selector {tell_labels(selector)}) has no ready endpoint: {count}"
        blamed = tuple(ObjectRef.of(item) for item in (*workloads, *pods))
        parked = not pods and all((w.get("spec") or {}).get("replicas") == 0 for w in workloads)
        confidence = PARKED if parked and ref not in scene.scope.workloads else None
        note = scene.note(ref, text)
        yield Match(ref, {"count": count}, (note,), object=ref, blames=blamed, confidence=confidence)


def _count_unready(pods: int) -> str:
    if pods == 1:
        return "its only Pod is not ready"
    return f"none of its {pods} Pods is ready" if pods else "it has no Pods"


@analyzer("service-target-port", "Pod")
def find_wrong_ports(scene: Scene) -> Iterator[Match]:
    """Services that forward to a port on which the selected Pods do not listen.

    Where a Pod's log says where it listens, that counts; else what its containers declare.
    """
    for ref, service, _ in _selecting(scene):
        pods = selected_pods(service, scene.snapshot)[:3]
        declared = [port for pod in pods for c in list_containers(pod) for port in c.ports()]
        heard = {
            port
            for pod in pods
            for container in list_containers(pod)
            for port in heard_ports(ObjectRef.of(pod), container, scene)
        }
        for port in service["spec"].get("ports") or []:
            number = _target_number(port, declared)
            wrong = number not in heard if heard else bool(declared) and not _is_declared(port, declared)
            if pods and wrong and (port.get("protocol") or "TCP") == "TCP":
                yield _tell_wrong_port(ref, port, declared, heard, ObjectRef.of(pods[0]), scene)


@analyzer("service-protocol", "Pod")
def find_wrong_protocols(scene: Scene) -> Iterator[Match]:
    """Services that forward TCP to a port which the Pods declare for UDP alone, or the other way round."""
    for ref, service, _ in _selecting(scene):
        pods = selected_pods(service, scene.snapshot)[:3]
        declared = [port for pod in pods for c in list_containers(pod) for port in c.ports()]
        for port in (service["spec"] or {}).get("ports") or []:
            same = [p for p in declared if _target(port) in (p.get("containerPort"), p.get("name"))]
            protocols = sorted({str(p.get("protocol") or "TCP") for p in same})
            wanted = str(port.get("protocol") or "TCP")
            if protocols and wanted not in protocols:
                owner, target = scene.owner(ObjectRef.of(pods[0])), str(_target(port))
                speaks = " and ".join(protocols)
                evidence = (
                    scene.note(
                        ref, f"Service {ref.name} forwards port {port.get('port')}/{wanted} to {target}"
                    ),
                    scene.note(
                        ObjectRef.of(pods[0]), f"Pods of {owner.kind} {owner.name} declare {target}/{speaks}"
                    ),
                )
                variables = {
                    "port": str(port.get("port")),
                    "protocol": wanted,
                    "target": target,
                    "speaks": speaks,
                }
                yield Match(ref, variables | {"first": protocols[0]}, evidence, object=ref)


def _target(port: dict[str, Any]) -> object:
    return port.get("targetPort", port.get("port"))


def _target_number(port: dict[str, Any], declared: list[dict[str, Any]]) -> object:
    names = {candidate.get("name"): candidate.get("containerPort") for candidate in declared}
    return names.get(_target(port), _target(port))


def _is_declared(port: dict[str, Any], declared: list[dict[str, Any]]) -> bool:
    target = _target(port)
    return any(target in (candidate.get("containerPort"), candidate.get("name")) for candidate in declared)


def _tell_wrong_port(
    ref: ObjectRef,
    port: dict[str, Any],
    declared: list[dict[str, Any]],
    heard: set[int],
    pod: ObjectRef,
    scene: Scene,
) -> Match:
    ports = [str(number) for number in sorted(heard)] or list(dict.fromkeys(_tell_port(p) for p in declared))
    variables = {
        "port": str(port.get("port")),
        "protocol": str(port.get("protocol") or "TCP"),
        "target": str(_target(port)),
        "declared": ", ".join(ports),
        "first": ports[0].split(" ")[0],
    }
    owner, how = scene.owner(pod), "say that they listen on" if heard else "declare container ports"
    evidence = (
        scene.note(ref, f"Service {ref.name} forwards port {port.get('port')} to targetPort {_target(port)}"),
        scene.note(pod, f"Pods of {owner.kind} {owner.name} {how}: {', '.join(ports)}"),
    )
    certain = bool(heard) or isinstance(_target(port), str)
    return Match(ref, variables, evidence, object=ref, confidence=0.93 if certain else 0.85)


def _tell_port(port: dict[str, Any]) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    protocol = f"/{port['protocol']}" if (port.get("protocol") or "TCP") != "TCP" else ""
    return f"{port.get('containerPort')}{protocol}{name}"


@analyzer("service-without-endpoints-object", "Endpoints")
def find_unbacked(scene: Scene) -> Iterator[Match]:
    """Services without a selector for which nobody wrote endpoints."""
    for service in scene.snapshot.of_kind("Service"):
        ref, spec = ObjectRef.of(service), service.get("spec") or {}
        if spec.get("selector") or spec.get("type") == "ExternalName" or ref.name == "kubernetes":
            continue
        endpoints = scene.snapshot.find(ref.model_copy(update={"kind": "Endpoints"})) or {}
        if scene.snapshot.saw("Endpoints") and not endpoints.get("subsets"):
            text = f"Service {ref.name} has no selector, and its Endpoints hold no address"
            yield Match(ref, {}, (scene.note(ref, text),), object=ref)


@analyzer("load-balancer-pending")
def find_unbalanced(scene: Scene) -> Iterator[Match]:
    """Services of type LoadBalancer that have waited long for an address."""
    for service in scene.snapshot.of_kind("Service"):
        ref, spec = ObjectRef.of(service), service.get("spec") or {}
        created = parse_time((service.get("metadata") or {}).get("creationTimestamp"))
        given = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress")
        if spec.get("type") != "LoadBalancer" or given or not created or scene.now - created < PATIENCE:
            continue
        failed = [e for e in scene.snapshot.events_about(ref) if e.type == "Warning"][-1:]
        since = tell_duration(scene.now - created)
        note = scene.note(ref, f"Service {ref.name} of type LoadBalancer has no address since {since}")
        variables = {"since": since, "why": f": {failed[0].message}" if failed else ""}
        asked = ref in scene.scope.workloads
        confidence = 0.9 if failed else 0.75 if asked else 0.4
        evidence = (note, *(scene.note_event(event) for event in failed))
        yield Match(ref, variables, evidence, object=ref, confidence=confidence)
