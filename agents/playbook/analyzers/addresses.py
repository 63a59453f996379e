"""Workloads that are told to use an address which does not exist."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.last_words import is_telling
from agents.playbook.mentions import (
    find_dns_services,
    gets_no_dns_answer,
    mentioned_addresses,
    tells_of_connection,
)
from agents.playbook.scene import Match, Scene, SeenLine
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well, list_containers
from tools.cluster.services import Address, list_workloads

NEARLY_NAMED = 0.5
"""Confidence that an address is a slip when a Service of nearly that name exists and no log complains."""

LATELY = 20
"""Lines from the end of a log that tell how things are now."""

_UNRESOLVED = re.compile(
    r"(?i)resol|no such host|not known|lookup|bad address|enotfound|unknown host|nodename"
)


_HOST = r"(?<![\w.-])[a-z0-9][a-z0-9-]{0,62}"
_DOMAIN = r"(?:(?:\.[a-z0-9-]{1,63}){1,9})"
_UNRESOLVED_HOSTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(?:lookup|resolve(?: host)?|resolving|getaddrinfo \w+|bad address|unknown ?host(?:exception)?"
        r"|translate host name|host not found in upstream)[:\s'\"]+"
        rf"(?P<host>{_HOST}{_DOMAIN}?)(?=['\":\s/]|$)",
        r"(?i)(?:name or service not known|nodename nor servname provided[^:]{0,40}"
        r"|temporary failure in name resolution|name does not resolve):? ['\"(]?"
        rf"(?P<host>{_HOST}{_DOMAIN})",
        rf"(?i)(?P<host>{_HOST}{_DOMAIN})[^\s]{{0,80}}:? (?:no such host|name or service not known"
        r"|nodename nor|temporary failure in name resolution|name does not resolve|server misbehaving)",
    )
)


@analyzer("host-unresolvable")
def find_unresolvable(scene: Scene) -> Iterator[Match]:
    """Pods that are not well and say that a name cannot be resolved.

    When no DNS answers at all, the cluster's DNS is blamed; else it is the name that is wrong.
    """
    for pod, container, lines in scene.logs_seen():
        item = scene.snapshot.find(pod)
        if item is None or is_well(item, scene.now):
            continue
        told = [(line, found) for line in lines if not line.quiet and (found := _unresolved_host(line.text))]
        if told:
            line, host = told[-1]
            dns = find_dns_services(scene) if gets_no_dns_answer(line.text) else ()
            variables = {"host": host, "line": line.text[:300], "container": container}
            evidence = (scene.note_line(pod, line),)
            yield Match(pod, variables, evidence, blames=tuple(dns), alone=not dns)


@analyzer("external-name-unresolvable", "Service")
def find_unresolved_external_names(scene: Scene) -> Iterator[Match]:
    """ExternalName Services whose name a Pod lately could not resolve: what they stand for has no address."""
    told: set[ObjectRef] = set()
    for pod, _, lines in scene.logs_seen():
        for line in reversed(lines[-LATELY:]):
            host = "" if line.quiet else _unresolved_host(line.text)
            service = Address(host, None, "").service(pod.namespace) if host else None
            found = scene.snapshot.find(service) if service else None
            external = ((found or {}).get("spec") or {}).get("externalName")
            if service and external and service not in told:
                told.add(service)
                note = scene.note(service, f"Service {service.name} is an ExternalName for {external}")
                variables = {"external": str(external), "line": line.text[:300], "client": pod.name}
                yield Match(service, variables, (note, scene.note_line(pod, line)), object=service)


def _unresolved_host(text: str) -> str:
    found = next((f for pattern in _UNRESOLVED_HOSTS if (f := pattern.search(text))), None)
    return found["host"] if found else ""


@analyzer("service-missing", "Service")
def find_missing_services(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a Service which does not exist in the cluster."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        complaints = _complaints(workload, scene)
        seen: set[ObjectRef] = set()
        for address, where in mentioned_addresses(workload, scene.snapshot):
            target = address.service(ref.namespace)
            if target is None or target in seen or scene.snapshot.find(target):
                continue
            if not scene.snapshot.bounds.allow(target.namespace):
                continue
            failed = _find_failure(address.host, complaints)
            if failed or _is_cluster_name(address, scene) or _find_near(address, target, scene):
                seen.add(target)
                yield _tell_missing(ref, address, where, target, failed, scene)


def _is_cluster_name(address: Address, scene: Scene) -> bool:
    """Whether an address can only mean a Service of this cluster: ``name.namespace.svc...``."""
    parts = address.host.split(".")
    known = len(parts) > 2 and scene.snapshot.find(ObjectRef(kind="Namespace", name=parts[1]))
    return bool(known) and parts[2] == "svc"


def _find_near(address: Address, target: ObjectRef, scene: Scene) -> str:
    """The Service that a bare ``name:port`` was meant to name: one of nearly that name."""
    if "." in address.host or not address.port or address.host == "localhost":
        return ""
    names = [ObjectRef.of(s).name for s in scene.snapshot.of_kind("Service", target.namespace)]
    front = [name for name in names if len(name) > 3 and target.name.startswith(f"{name}-")]
    near = process.extractOne(target.name, names, scorer=fuzz.ratio, score_cutoff=85)
    return front[0] if front else near[0] if near else ""


def _weigh_silence(workload: ObjectRef, scene: Scene) -> float:
    """How sure it is that an address is the trouble which no line of a log complains of.

    Little if the workload complains of something else, or if it is well and nobody asks about it.
    """
    pods = [(ObjectRef.of(pod), pod) for pod in scene.snapshot.pods_of(workload)]
    lines = [line for ref, pod in pods for c in list_containers(pod) for line in scene.log_lines(ref, c.name)]
    if any(is_telling(line) for line in lines):
        return 0.3
    well = bool(pods) and all(is_well(pod, scene.now) for _, pod in pods)
    return 0.4 if well and workload not in scene.scope.workloads else 0.85


def _complaints(workload: KubeObject, scene: Scene) -> list[tuple[ObjectRef, SeenLine]]:
    """The lines of a workload's logs that say a host cannot be resolved, newest first."""
    pods = {ObjectRef.of(pod) for pod in scene.snapshot.pods_of(ObjectRef.of(workload))}
    return [
        (ref, line)
        for ref, _, lines in scene.logs_seen()
        for line in (reversed(lines) if ref in pods else ())
        if _UNRESOLVED.search(line.text)
    ]


def _find_failure(
    host: str, complaints: Sequence[tuple[ObjectRef, SeenLine]]
) -> tuple[ObjectRef, SeenLine] | None:
    whole = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])")
    named = ((ref, line) for ref, line in complaints if host in line.text and whole.search(line.text))
    return next(named, None)


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
    near = _find_near(address, target, scene)
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
        "hint": _hint(elsewhere, near),
        "present": ", ".join(present) or "none",
    }
    confidence = 0.92 if failed else min(0.55, _weigh_silence(ref, scene))
    if near:
        confidence = max(confidence, NEARLY_NAMED)
    return Match(ref, variables, tuple(evidence), object=ref, missing=target, confidence=confidence)


def _hint(elsewhere: Sequence[str], near: str) -> str:
    if elsewhere:
        return f"; a Service of that name is in namespace {elsewhere[0]}"
    return f"; there is one called {near}" if near else ""


@analyzer("service-port-missing")
def find_missing_ports(scene: Scene) -> Iterator[Match]:
    """Workloads that are told to use a port which the Service they name does not serve."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        for address, where in mentioned_addresses(workload, scene.snapshot):
            target = address.service(ref.namespace)
            service = scene.snapshot.find(target) if target and address.port else None
            spec = (service or {}).get("spec") or {}
            ports = [p.get("port") for p in spec.get("ports") or []]
            if target and ports and address.port not in ports and spec.get("clusterIP") != "None":
                match = _tell_port(ref, address, where, target, ports, scene)
                failed = _complains(ref, address, scene)
                yield replace(match, confidence=0.85 if failed else _weigh_silence(ref, scene))


def _complains(workload: ObjectRef, address: Address, scene: Scene) -> bool:
    """Whether the workload's logs complain of a connection to that host and port."""
    pods = {ObjectRef.of(pod) for pod in scene.snapshot.pods_of(workload)}
    return any(
        tells_of_connection(line.text) and address.host in line.text and str(address.port) in line.text
        for ref, _, lines in scene.logs_seen()
        for line in (lines if ref in pods else ())
    )


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


@analyzer("governing-service-missing", "Service")
def find_ungoverned(scene: Scene) -> Iterator[Match]:
    """StatefulSets whose governing Service does not exist: it counts when names cannot be resolved."""
    for item in scene.snapshot.of_kind("StatefulSet"):
        ref, name = ObjectRef.of(item), str((item.get("spec") or {}).get("serviceName") or "")
        target = ObjectRef(kind="Service", name=name, namespace=ref.namespace)
        if not name or scene.snapshot.find(target):
            continue
        failed = _find_failure_below(name, item, scene)
        evidence = [
            scene.note(ref, f"StatefulSet {ref.name} has serviceName {name}; there is no such Service")
        ]
        if failed:
            evidence.append(scene.note_line(*failed))
        yield Match(ref, {"service": name}, tuple(evidence), object=ref, confidence=0.9 if failed else 0.3)


def _find_failure_below(
    service: str, workload: KubeObject, scene: Scene
) -> tuple[ObjectRef, SeenLine] | None:
    """A complaint that the name of a Pod below the Service (``db-0.db``) cannot be resolved."""
    below = re.compile(rf"[\w-]+-\d+\.{re.escape(service)}(?![\w-])")
    return next(((ref, line) for ref, line in _complaints(workload, scene) if below.search(line.text)), None)
