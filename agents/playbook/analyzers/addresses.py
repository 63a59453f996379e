"""Workloads that are told to use an address which does not exist."""

import re
from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene, SeenLine
from agents.playbook.topology import mentioned_addresses
from domain.objects import KubeObject, ObjectRef
from tools.cluster.services import Address, list_workloads

_UNRESOLVED = re.compile(
    r"(?i)resol|no such host|not known|lookup|bad address|enotfound|unknown host|nodename"
)


@analyzer("service-missing")
def find_missing_services(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a Service which does not exist in the cluster."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        seen: set[ObjectRef] = set()
        for address, where in mentioned_addresses(workload, scene):
            target = address.service(ref.namespace)
            if target is None or target in seen or scene.snapshot.find(target):
                continue
            failed = _find_failure(workload, address, scene)
            if failed or _is_cluster_name(address, scene):
                seen.add(target)
                yield _tell_missing(ref, address, where, target, failed, scene)


def _is_cluster_name(address: Address, scene: Scene) -> bool:
    """Whether an address can only mean a Service of this cluster: ``name.namespace.svc...``."""
    parts = address.host.split(".")
    known = len(parts) > 2 and scene.snapshot.find(ObjectRef(kind="Namespace", name=parts[1]))
    return bool(known) and parts[2] == "svc"


def _find_failure(workload: KubeObject, address: Address, scene: Scene) -> tuple[ObjectRef, SeenLine] | None:
    """The last line of the workload's logs that says the host cannot be resolved."""
    pods = {ObjectRef.of(pod) for pod in scene.snapshot.pods_of(ObjectRef.of(workload))}
    whole = re.compile(rf"(?<![\w.-]){re.escape(address.host)}(?![\w-])")
    for ref, _, lines in scene.logs_seen():
        for line in reversed(lines) if ref in pods else ():
            if whole.search(line.text) and _UNRESOLVED.search(line.text):
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
    present = sorted(ObjectRef.of(s).name for s in scene.snapshot.of_kind("Service", target.namespace))
    services = map(ObjectRef.of, scene.snapshot.of_kind("Service"))
    elsewhere = [service.namespace for service in services if service.name == target.name]
    evidence = [
        scene.note(ref, f"{where} names {address.host}"),
        scene.note(
            ref,
            f"Services in namespace {target.namespace}: {', '.join(present) or 'none'}",
            f"kubectl get services -n {target.namespace}",
        ),
    ]
    if failed:
        evidence.append(scene.note_line(*failed))
    variables = {
        "host": address.host,
        "where": where,
        "service_namespace": target.namespace,
        "hint": f"; a Service of that name is in namespace {elsewhere[0]}" if elsewhere else "",
        "present": ", ".join(present) or "none",
    }
    confidence = 0.92 if failed else 0.55
    return Match(ref, variables, tuple(evidence), object=ref, missing=target, confidence=confidence)


@analyzer("service-port-missing")
def find_missing_ports(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a port which the Service they name does not serve."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        for address, where in mentioned_addresses(workload, scene):
            target = address.service(ref.namespace)
            service = scene.snapshot.find(target) if target and address.port else None
            spec = (service or {}).get("spec") or {}
            ports = [p.get("port") for p in spec.get("ports") or []]
            if target and ports and address.port not in ports and spec.get("clusterIP") != "None":
                yield _tell_port(ref, address, where, target, ports, scene)


def _tell_port(
    ref: ObjectRef, address: Address, where: str, service: ObjectRef, ports: list[int], scene: Scene
) -> Match:
    served = ", ".join(map(str, ports))
    variables = {"where": where, "host": address.host, "port": str(address.port), "served": served}
    evidence = (
        scene.note(ref, f"{where} names {address.host}:{address.port}"),
        scene.note(service, f"Service {service.name} serves port {served}"),
    )
    return Match(ref, variables, evidence, object=ref)
