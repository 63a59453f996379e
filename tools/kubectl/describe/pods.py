"""``kubectl describe pod``."""

from typing import Any

from domain.objects import KubeObject
from tools.kubectl.describe.containers import describe_containers, describe_resources
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.scheduling import describe_tolerations, describe_topology
from tools.kubectl.describe.volumes import describe_volumes
from tools.kubectl.describe.writer import Writer, controller_of, write_time
from tools.kubectl.tables.columns import entries, mapping, part
from tools.kubectl.text import NONE, tell_age


def describe_pod(writer: Writer, pod: KubeObject, related: Related) -> None:
    """A Pod in full: where it runs, its containers and their states, conditions, volumes."""
    spec, status = mapping(pod, "spec"), mapping(pod, "status")
    _describe_placement(writer, pod, spec, status)
    writer.metadata(pod)
    _describe_status(writer, pod, related)
    if spec.get("resources"):
        writer.line("Resources:")
        describe_resources(writer, spec["resources"], 1)
    if spec.get("initContainers"):
        states = entries(status, "initContainerStatuses")
        describe_containers(writer, "Init Containers", spec["initContainers"], states, pod)
    describe_containers(
        writer, "Containers", entries(spec, "containers"), entries(status, "containerStatuses"), pod
    )
    if spec.get("ephemeralContainers"):
        states = entries(status, "ephemeralContainerStatuses")
        describe_containers(writer, "Ephemeral Containers", spec["ephemeralContainers"], states, pod)
    _describe_conditions(writer, pod)
    describe_volumes(writer, entries(spec, "volumes"))
    writer.field("QoS Class", status.get("qosClass") or tell_qos(spec))
    writer.labels("Node-Selectors", mapping(spec, "nodeSelector"))
    describe_tolerations(writer, entries(spec, "tolerations"))
    describe_topology(writer, entries(spec, "topologySpreadConstraints"))


def _describe_placement(
    writer: Writer, pod: KubeObject, spec: dict[str, Any], status: dict[str, Any]
) -> None:
    writer.heading(pod)
    writer.optional("Priority", spec.get("priority"))
    writer.optional("Priority Class Name", spec.get("priorityClassName"))
    writer.optional("Runtime Class Name", spec.get("runtimeClassName"))
    writer.optional("Service Account", spec.get("serviceAccountName"))
    node = spec.get("nodeName")
    writer.field("Node", f"{node}/{status.get('hostIP') or ''}" if node else NONE)
    if status.get("startTime"):
        writer.field("Start Time", write_time(status["startTime"]))


def _describe_status(writer: Writer, pod: KubeObject, related: Related) -> None:
    status = mapping(pod, "status")
    deleted = part(pod, "metadata", "deletionTimestamp")
    if deleted and status.get("phase") not in ("Failed", "Succeeded"):
        writer.field("Status", f"Terminating (lasts {tell_age(deleted, related.now)})")
        grace = part(pod, "metadata", "deletionGracePeriodSeconds")
        writer.field("Termination Grace Period", f"{grace or 0}s")
    else:
        writer.field("Status", status.get("phase") or "")
    writer.optional("Reason", status.get("reason"))
    writer.optional("Message", status.get("message"))
    writer.optional("SeccompProfile", part(pod, "spec", "securityContext", "seccompProfile", "type"))
    writer.field("IP", status.get("podIP") or "")
    ips = [i.get("ip") for i in entries(status, "podIPs")] or [status.get("podIP")]
    if known := [ip for ip in ips if ip]:
        writer.line("IPs:")
        for ip in known:
            writer.field("IP", ip, 1)
    else:
        writer.field("IPs", NONE)
    writer.optional("Controlled By", controller_of(pod))
    writer.optional("NominatedNodeName", status.get("nominatedNodeName"))


def _describe_conditions(writer: Writer, pod: KubeObject) -> None:
    conditions = entries(pod, "status", "conditions")
    stands = {c.get("type"): c.get("status") for c in conditions}
    gates = [g.get("conditionType") for g in entries(pod, "spec", "readinessGates")]
    for title, kinds in (("Readiness Gates", gates), ("Conditions", list(stands))):
        if not kinds:
            continue
        writer.line(f"{title}:")
        writer.line("Type\tStatus", 1)
        for kind in kinds:
            writer.line(f"{kind} \t{stands.get(kind, NONE)}", 1)


def tell_qos(spec: dict[str, Any]) -> str:
    """The quality of service of a Pod whose status does not say it: BestEffort, Burstable or Guaranteed.

    See https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
    """
    containers = entries(spec, "containers") + entries(spec, "initContainers")
    resources = [mapping(container, "resources") for container in containers]
    if not any(mapping(r, "limits") or mapping(r, "requests") for r in resources):
        return "BestEffort"
    for limits, requests in ((mapping(r, "limits"), mapping(r, "requests")) for r in resources):
        for name in ("cpu", "memory"):
            if name not in limits or requests.get(name, limits[name]) != limits[name]:
                return "Burstable"
    return "Guaranteed"
