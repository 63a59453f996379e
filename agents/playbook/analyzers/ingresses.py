"""Ingresses that send traffic to nothing."""

from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from agents.playbook.topology import list_backends
from domain.objects import ObjectRef


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
        ref = ObjectRef.of(ingress)
        annotations = (ingress.get("metadata") or {}).get("annotations") or {}
        name = (ingress.get("spec") or {}).get("ingressClassName") or annotations.get(
            "kubernetes.io/ingress.class"
        )
        if classes and name and name not in classes:
            known = ", ".join(sorted(classes))
            evidence = (
                scene.note(ref, f"Ingress {ref.name} is of class {name}; there are classes: {known}"),
            )
            yield Match(ref, {"class": name, "present": known}, evidence, object=ref)


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
