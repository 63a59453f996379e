"""Workloads that cannot reach what they need: what their logs say, what their settings name."""

import re
from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene, SeenLine
from agents.playbook.topology import failing_services, mentioned_addresses
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well
from tools.cluster.services import Address, list_workloads

_ADDRESS_SETTING = re.compile(r"(?i)host|url|addr|endpoint|server|service|uri|dsn|upstream|backend|broker|store")


@analyzer("dependency-unreachable")
def find_unreachable(scene: Scene) -> Iterator[Match]:
    """Pods whose log says that a Service cannot be reached; the Service's own trouble explains it."""
    for pod, container, lines in scene.logs_seen():
        item = scene.snapshot.find(pod)
        if item is None:
            continue
        for service, line in _last_failures(pod, lines, scene).items():
            yield _tell_unreachable(pod, container, service, line, is_well(item, scene.now), scene)


def _last_failures(pod: ObjectRef, lines: "tuple[SeenLine, ...] | list[SeenLine]", scene: Scene) -> dict[ObjectRef, SeenLine]:
    found: dict[ObjectRef, SeenLine] = {}
    for line in lines:
        for service in failing_services(line.text, pod, scene):
            found[service] = line
    return found


def _tell_unreachable(
    pod: ObjectRef, container: str, service: ObjectRef, line: SeenLine, well: bool, scene: Scene
) -> Match:
    where = service.name if service.namespace == pod.namespace else f"{service.name}.{service.namespace}"
    variables = {"service": where, "service_name": service.name, "service_namespace": service.namespace,
                 "container": container, "line": line.text[:300]}
    return Match(
        pod, variables, (scene.note_line(pod, line),), confidence=0.3 if well else 0.6, blames=(service,)
    )


@analyzer("service-missing")
def find_missing_services(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a Service which does not exist in the cluster."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        for address, where in mentioned_addresses(workload, scene):
            target = address.service(ref.namespace)
            if target and _is_cluster_name(address, where, scene) and not scene.snapshot.find(target):
                if (failed := _failed_on(workload, address, scene)) or address.host.count(".") >= 2:
                    yield _tell_missing(ref, address, where, target, failed, scene)


def _is_cluster_name(address: Address, where: str, scene: Scene) -> bool:
    """Whether an address can only mean a Service of this cluster."""
    parts = address.host.split(".")
    if len(parts) == 1:
        return bool(address.port or address.scheme) and address.host != "localhost"
    namespace_known = scene.snapshot.find(ObjectRef(kind="Namespace", name=parts[1])) is not None
    return namespace_known and (len(parts) == 2 or parts[2] == "svc") and bool(_ADDRESS_SETTING.search(where) or address.is_explicit)


def _failed_on(workload: KubeObject, address: Address, scene: Scene) -> tuple[ObjectRef, SeenLine] | None:
    for pod in scene.snapshot.pods_of(ObjectRef.of(workload)):
        for ref, _, lines in scene.logs_seen():
            if ref != ObjectRef.of(pod):
                continue
            for line in reversed(lines):
                if address.host in line.text and re.search(r"(?i)resol|no such host|not known|lookup|bad address|enotfound|refused|timed? ?out|unreach", line.text):
                    return ref, line
    return None


def _tell_missing(
    ref: ObjectRef,
    address: Address,
    where: str,
    target: ObjectRef,
    failed: tuple[ObjectRef, SeenLine] | None,
    scene: Scene,
) -> Match:
    near = [s.name for s in map(ObjectRef.of, scene.snapshot.of_kind("Service", target.namespace))]
    elsewhere = [s for s in map(ObjectRef.of, scene.snapshot.of_kind("Service")) if s.name == target.name]
    hint = f"; a Service of that name is in namespace {elsewhere[0].namespace}" if elsewhere else ""
    evidence = [
        scene.note(ref, f"{where} names {address.host}"),
        scene.note(ref, f"Services in namespace {target.namespace}: {', '.join(sorted(near)) or 'none'}",
                   f"kubectl get services -n {target.namespace}"),
    ]
    if failed:
        evidence.append(scene.note_line(*failed))
    variables = {"host": address.host, "where": where, "service_namespace": target.namespace, "hint": hint}
    return Match(ref, variables, tuple(evidence), object=ref, missing=target, confidence=0.9 if failed else 0.5)


@analyzer("service-port-missing")
def find_unserved_ports(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a port which the Service they name does not serve."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        for address, where in mentioned_addresses(workload, scene):
            target = address.service(ref.namespace)
            service = scene.snapshot.find(target) if target and address.port else None
            spec = (service or {}).get("spec") or {}
            ports = [p.get("port") for p in spec.get("ports") or []]
            if target and ports and address.port not in ports and spec.get("clusterIP") != "None":
                yield _tell_unserved(ref, address, where, target, ports, scene)


def _tell_unserved(
    ref: ObjectRef, address: Address, where: str, service: ObjectRef, ports: list[int], scene: Scene
) -> Match:
    served = ", ".join(map(str, ports))
    variables = {"where": where, "host": address.host, "port": str(address.port), "served": served}
    evidence = (
        scene.note(ref, f"{where} names {address.host}:{address.port}"),
        scene.note(service, f"Service {service.name} serves port {served}"),
    )
    return Match(ref, variables, evidence, object=ref)
