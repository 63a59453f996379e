"""Ingresses that send traffic to nothing."""

from collections.abc import Iterator
from datetime import timedelta

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from agents.playbook.topology import list_backends
from domain.objects import KubeObject, ObjectRef
from tools.cluster.times import parse_time

PATIENCE = timedelta(minutes=3)
"""How long a controller may take to give an Ingress its address."""


@analyzer("ingress-backend-missing", "Service")
def find_missing_backends(scene: Scene) -> Iterator[Match]:
    """Ingresses that name a Service which does not exist."""
    for ingress in scene.snapshot.of_kind("Ingress"):
        ref = ObjectRef.of(ingress)
        for name in dict.fromkeys(backend.service for backend in list_backends(ingress)):
            target = ObjectRef(kind="Service", name=name, namespace=ref.namespace)
            if scene.snapshot.find(target):
                continue
            present = sorted(ObjectRef.of(s).name for s in scene.snapshot.of_kind("Service", ref.namespace))
            evidence = (
                scene.note(ref, f"Ingress {ref.name} sends traffic to Service {name}"),
                scene.note(
                    ref,
                    f"Services in namespace {ref.namespace}: {', '.join(present) or 'none'}",
                    f"kubectl get services -n {ref.namespace}",
                ),
            )
            variables = {"service": name, "present": ", ".join(present) or "none"}
            yield Match(ref, variables, evidence, object=ref, missing=target)


@analyzer("ingress-class-missing", "IngressClass")
def find_missing_classes(scene: Scene) -> Iterator[Match]:
    """Ingresses of a class that no IngressClass defines, in a cluster that has classes."""
    classes = {ObjectRef.of(item).name for item in scene.snapshot.of_kind("IngressClass")}
    for ingress in scene.snapshot.of_kind("Ingress"):
        ref, name = ObjectRef.of(ingress), _name_class(ingress)
        if classes and name and name not in classes:
            known = ", ".join(sorted(classes))
            evidence = (
                scene.note(ref, f"Ingress {ref.name} is of class {name}; there are classes: {known}"),
            )
            yield Match(ref, {"class": name, "present": known}, evidence, object=ref)


def _name_class(ingress: KubeObject) -> str:
    annotations = (ingress.get("metadata") or {}).get("annotations") or {}
    field = (ingress.get("spec") or {}).get("ingressClassName")
    return str(field or annotations.get("kubernetes.io/ingress.class") or "")


@analyzer("ingress-unserved")
def find_unserved(scene: Scene) -> Iterator[Match]:
    """Ingresses without an address, where others of their class have one or no such class was seen.

    Some controllers never give an address: then it takes a question about Ingresses.
    """
    ingresses = scene.snapshot.of_kind("Ingress")
    served = {_name_class(ingress) for ingress in ingresses if _has_address(ingress)}
    classes = {ObjectRef.of(item).name for item in scene.snapshot.of_kind("IngressClass")}
    asked = any(word.lower().startswith("ingress") for word in scene.scope.words)
    for ingress in ingresses:
        ref, name = ObjectRef.of(ingress), _name_class(ingress)
        created = parse_time((ingress.get("metadata") or {}).get("creationTimestamp"))
        young = created is not None and scene.now - created < PATIENCE
        if _has_address(ingress) or young or not (name in served or (asked and name not in classes)):
            continue
        told = f"is of class {name}" if name else "names no class"
        seen = f"there are classes: {', '.join(sorted(classes))}" if classes else "no IngressClass was seen"
        evidence = (scene.note(ref, f"Ingress {ref.name} has no address; it {told}; {seen}"),)
        yield Match(ref, {"class": told, "seen": seen}, evidence, object=ref)


def _has_address(ingress: KubeObject) -> bool:
    return bool(((ingress.get("status") or {}).get("loadBalancer") or {}).get("ingress"))


@analyzer("ingress-port-missing")
def find_missing_ports(scene: Scene) -> Iterator[Match]:
    """Ingresses that name a port which the Service they name does not serve."""
    for ingress in scene.snapshot.of_kind("Ingress"):
        ref = ObjectRef.of(ingress)
        for backend in list_backends(ingress):
            name, port = backend.service, backend.port
            service = scene.snapshot.find(ObjectRef(kind="Service", name=name, namespace=ref.namespace))
            ports = ((service or {}).get("spec") or {}).get("ports") or []
            served = [str(value) for p in ports for value in (p.get("port"), p.get("name")) if value]
            if ports and port and port not in served:
                told = ", ".join(str(p.get("port")) for p in ports)
                evidence = (
                    scene.note(ref, f"Ingress {ref.name} sends traffic to port {port} of Service {name}"),
                    scene.note(ObjectRef.of(service or {}), f"Service {name} serves port {told}"),
                )
                variables = {"service": name, "port": port, "served": told}
                yield Match(ref, variables, evidence, object=ref)


@analyzer("ingress-tls-missing", "Secret")
def find_missing_certificates(scene: Scene) -> Iterator[Match]:
    """Ingresses whose TLS Secret does not exist, where Secrets of the namespace were seen."""
    for ingress in scene.snapshot.of_kind("Ingress"):
        ref = ObjectRef.of(ingress)
        present = sorted(ObjectRef.of(item).name for item in scene.snapshot.of_kind("Secret", ref.namespace))
        tls = (ingress.get("spec") or {}).get("tls") or []
        for name in dict.fromkeys(entry.get("secretName") for entry in tls):
            if name and present and name not in present:
                command = f"kubectl get secrets -n {ref.namespace}"
                evidence = (
                    scene.note(ref, f"Ingress {ref.name} takes its certificate from Secret {name}"),
                    scene.note(
                        ref, f"Secrets in namespace {ref.namespace}: {', '.join(present[:12])}", command
                    ),
                )
                yield Match(ref, {"secret": name}, evidence, object=ref)
