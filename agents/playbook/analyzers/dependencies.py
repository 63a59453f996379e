"""Workloads whose logs say that they cannot reach what they need."""

import re
from collections.abc import Iterator, Sequence

from agents.playbook.analyzers.policies import find_blocking_policies, find_closed_egress, find_dns_block
from agents.playbook.analyzers.registry import analyzer
from agents.playbook.mentions import failing_services, gets_no_dns_answer
from agents.playbook.scene import Match, Scene, SeenLine
from domain.evidence import PlannedCommand
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well, list_containers
from tools.cluster.services import find_addresses, is_ready, selected_pods

_TIMED_OUT = re.compile(r"(?i)timed? ?out|timeout|deadline exceeded|i/o timeout|no route|unreachable")


def _failures(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, str, ObjectRef, SeenLine]]:
    """Pod, container, Service and the last line that says the Service cannot be reached."""
    for pod, container, lines in scene.logs_seen():
        item = scene.snapshot.find(pod)
        if item is None:
            continue
        for service, line in _last_failures(pod, lines, scene).items():
            yield pod, item, container, service, line


def _last_failures(pod: ObjectRef, lines: Sequence[SeenLine], scene: Scene) -> dict[ObjectRef, SeenLine]:
    return {
        service: line
        for line in lines
        if not line.quiet
        for service in failing_services(line.text, pod, scene)
    }


def _dns_name(service: ObjectRef, pod: ObjectRef) -> str:
    return service.name if service.namespace == pod.namespace else f"{service.name}.{service.namespace}"


@analyzer("dependency-unreachable")
def find_unreachable(scene: Scene) -> Iterator[Match]:
    """Pods whose log says that a Service cannot be reached; the Service's own trouble explains it.

    From a Pod that is well, such a line proves little by itself: it counts only when explained, or where
    the explanation may not be read.
    """
    for pod, item, container, service, line in _failures(scene):
        variables = {
            "service": _dns_name(service, pod),
            "service_name": service.name,
            "service_namespace": service.namespace,
            "container": container,
            "line": line.text[:300],
        }
        yield Match(
            pod,
            variables,
            (scene.note_line(pod, line),),
            confidence=_weigh_complaint(item, service, scene),
            blames=(service,),
            confirm=tuple(_ask_targets(service, scene)),
        )


def _weigh_complaint(pod: KubeObject, service: ObjectRef, scene: Scene) -> float:
    if not is_well(pod, scene.now):
        return 0.6
    return 0.3 if scene.snapshot.bounds.allow(service.namespace) else 0.5


def _ask_targets(service: ObjectRef, scene: Scene) -> Iterator[PlannedCommand]:
    """The log of one Pod behind a Service, from its start: where does it listen, what does it say?"""
    for pod in selected_pods(scene.snapshot.find(service) or {}, scene.snapshot)[:1]:
        ref = ObjectRef.of(pod)
        for container in [c for c in list_containers(pod) if not c.init][:1]:
            line = f"kubectl logs {ref.name} -n {ref.namespace} -c {container.name}"
            yield PlannedCommand(line=line, purpose=f"Where does {ref.name} listen, and what does it say?")


@analyzer("service-port-unserved")
def find_unserved_ports(scene: Scene) -> Iterator[Match]:
    """Pods that connect to a port of a Service which the Service does not serve."""
    for pod, _, _, service, line in _failures(scene):
        spec = (scene.snapshot.find(service) or {}).get("spec") or {}
        served = [port.get("port") for port in spec.get("ports") or []]
        used = _used_port(line.text, service, str(spec.get("clusterIP") or ""), pod)
        if used and served and used not in served and spec.get("clusterIP") != "None":
            told = ", ".join(map(str, served))
            variables = {"service": _dns_name(service, pod), "port": str(used), "served": told}
            evidence = (
                scene.note_line(pod, line),
                scene.note(service, f"Service {service.name} serves port {told}"),
            )
            yield Match(pod, variables, evidence, confidence=0.88)


def _used_port(text: str, service: ObjectRef, cluster_ip: str, pod: ObjectRef) -> int | None:
    for address in find_addresses(text):
        if address.port and address.service(pod.namespace) == service:
            return address.port
    by_ip = re.search(rf"(?<![\d.]){re.escape(cluster_ip)}:(\d+)", text) if cluster_ip else None
    return int(by_ip[1]) if by_ip else None


@analyzer("network-policy-blocks")
def find_policy_blocks(scene: Scene) -> Iterator[Match]:
    """Pods that time out on a Service with ready Pods, while a NetworkPolicy does not let them through."""
    for pod, item, _, service, line in _failures(scene):
        if not _TIMED_OUT.search(line.text):
            continue
        targets = selected_pods(scene.snapshot.find(service) or {}, scene.snapshot)
        ready = [target for target in targets if is_ready(target)]
        port = _target_port(line, service, pod, ready, scene)
        blocking = list(find_blocking_policies(item, ready[0], scene.snapshot, port)) if ready else []
        if not scene.snapshot.bounds.allow(service.namespace):
            closed = find_closed_egress(item, service.namespace, scene.snapshot)
            blocking = [(closed, "Egress")] if closed else []
        for policy, direction in blocking:
            side = "Pods of" if direction == "Egress" else "Service"
            whose = scene.owner(pod).name if direction == "Egress" else service.name
            variables = {
                "service": _dns_name(service, pod),
                "direction": direction.lower(),
                "side": f"{side} {whose}",
                "line": line.text[:200],
                "policy": policy.name,
            }
            told = f"NetworkPolicy {policy.name} restricts {direction.lower()} of {side} {whose}"
            evidence = (scene.note_line(pod, line), scene.note(policy, told))
            yield Match(pod, variables, evidence, object=policy)


def _target_port(
    line: SeenLine, service: ObjectRef, pod: ObjectRef, targets: Sequence[KubeObject], scene: Scene
) -> int | None:
    """The container port behind the Service port that a line names; None where that is not plain."""
    spec = (scene.snapshot.find(service) or {}).get("spec") or {}
    used = _used_port(line.text, service, str(spec.get("clusterIP") or ""), pod)
    target = next((p.get("targetPort", used) for p in spec.get("ports") or [] if p.get("port") == used), None)
    named = {
        p.get("name"): p.get("containerPort") for t in targets for c in list_containers(t) for p in c.ports()
    }
    number = named.get(target, target)
    return number if isinstance(number, int) else None


@analyzer("network-policy-blocks-dns")
def find_dns_blocks(scene: Scene) -> Iterator[Match]:
    """Pods that get no answer from the DNS, while a NetworkPolicy does not let them ask."""
    for pod, container, lines in scene.logs_seen():
        item = scene.snapshot.find(pod)
        asked = [line for line in lines if gets_no_dns_answer(line.text) and not line.quiet]
        policy = find_dns_block(item, scene.snapshot) if item and asked else None
        if policy:
            variables = {"policy": policy.name, "container": container, "line": asked[-1].text[:200]}
            told = f"NetworkPolicy {policy.name} restricts egress of Pod {pod.name} and allows no port 53"
            evidence = (scene.note_line(pod, asked[-1]), scene.note(policy, told))
            yield Match(pod, variables, evidence, object=policy)
