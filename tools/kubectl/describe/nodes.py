"""``kubectl describe node``."""

from decimal import Decimal
from typing import Any

from domain.objects import KubeObject
from tools.cluster.placement import Amounts, add_amounts, pod_amounts, read_amounts
from tools.cluster.quantities import write_quantity
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.scheduling import describe_taints
from tools.kubectl.describe.writer import Writer, write_time
from tools.kubectl.tables.columns import entries, mapping, name_of, part
from tools.kubectl.tables.formats import node_roles
from tools.kubectl.text import UNSET, tell_age

_INFO = (
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
    ("Kube-Proxy Version", "kubeProxyVersion"),
)


def describe_node(writer: Writer, node: KubeObject, related: Related) -> None:
    """A node: taints, conditions, what it has, and what its Pods take of it."""
    spec, status = mapping(node, "spec"), mapping(node, "status")
    writer.heading(node, namespaced=False)
    writer.field("Roles", node_roles(node))
    writer.metadata(node)
    writer.field("CreationTimestamp", write_time(part(node, "metadata", "creationTimestamp")))
    describe_taints(writer, entries(spec, "taints"))
    writer.field("Unschedulable", str(bool(spec.get("unschedulable"))).lower())
    _describe_lease(writer, node, related)
    _describe_conditions(writer, node)
    writer.line("Addresses:")
    for address in entries(status, "addresses"):
        writer.field(str(address.get("type")), address.get("address"), 1)
    for title, key in (("Capacity", "capacity"), ("Allocatable", "allocatable")):
        if amounts := mapping(status, key):
            writer.line(f"{title}:")
            for name, amount in sorted(amounts.items()):
                writer.field(name, amount, 1)
    writer.line("System Info:")
    for title, key in _INFO:
        writer.field(title, mapping(status, "nodeInfo").get(key) or "", 1)
    writer.optional("PodCIDR", spec.get("podCIDR"))
    writer.optional("PodCIDRs", ",".join(entries(spec, "podCIDRs")))
    writer.optional("ProviderID", spec.get("providerID"))
    _describe_pods(writer, node, related)


def _describe_lease(writer: Writer, node: KubeObject, related: Related) -> None:
    """The node's heartbeat; nothing where no Lease can be seen, as in most recordings."""
    name = name_of(node)
    lease = next((item for item in related.of_kind("Lease") if name_of(item) == name), None)
    if lease is None:
        if related.of_kind("Lease"):
            writer.field("Lease", f'Failed to get lease: leases.coordination.k8s.io "{name}" not found')
        return
    spec = mapping(lease, "spec")
    writer.line("Lease:")
    writer.field("HolderIdentity", spec.get("holderIdentity") or UNSET, 1)
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        writer.field(title, write_time(spec[key]) if spec.get(key) else UNSET, 1)


def _describe_conditions(writer: Writer, node: KubeObject) -> None:
    conditions = entries(node, "status", "conditions")
    if not conditions:
        return
    writer.line("Conditions:")
    rows = [
        (
            *(f"{c.get('type')} ", f"{c.get('status')} ", f"{write_time(c.get('lastHeartbeatTime'))} "),
            *(f"{write_time(c.get('lastTransitionTime'))} ", f"{c.get('reason')} ", c.get("message")),
        )
        for c in conditions
    ]
    writer.table("Type|Status|LastHeartbeatTime|LastTransitionTime|Reason|Message", rows)


def _describe_pods(writer: Writer, node: KubeObject, related: Related) -> None:
    pods = [pod for pod in related.of_kind("Pod") if _runs_on(pod, name_of(node))]
    room = read_amounts(mapping(node, "status", "allocatable") or mapping(node, "status", "capacity"))
    writer.field("Non-terminated Pods", f"({len(pods)} in total)")
    rows = [_pod_row(pod, room, related) for pod in pods]
    header = "Namespace|Name||CPU Requests|CPU Limits|Memory Requests|Memory Limits|Age"
    writer.table(header, rows)
    writer.line("Allocated resources:")
    writer.line("(Total limits may be over 100 percent, i.e., overcommitted.)", 1)
    writer.table("Resource|Requests|Limits", _total_rows(pods, room))


def _runs_on(pod: KubeObject, node: str) -> bool:
    phase = part(pod, "status", "phase")
    return part(pod, "spec", "nodeName") == node and phase not in ("Succeeded", "Failed")


def _pod_row(pod: KubeObject, room: Amounts, related: Related) -> tuple[str, ...]:
    wanted = [pod_amounts(pod, "requests"), pod_amounts(pod, "limits")]
    shares = [_share(amounts, name, room) for name in ("cpu", "memory") for amounts in wanted]
    age = tell_age(part(pod, "metadata", "creationTimestamp"), related.now)
    return (str(part(pod, "metadata", "namespace")), name_of(pod), "", *shares, age)


def _total_rows(pods: list[KubeObject], room: Amounts) -> list[tuple[str, ...]]:
    totals = [add_amounts(pod_amounts(pod, kind) for pod in pods) for kind in ("requests", "limits")]
    standard = ["cpu", "memory", "ephemeral-storage"]
    huge = sorted(name for name in room if name.startswith("hugepages-"))
    rows = [(name, *(_share(total, name, room) for total in totals)) for name in standard + huge]
    others = sorted(set(room) - {*standard, *huge, "pods"})
    return rows + [(name, *(_amount(total, name) for total in totals)) for name in others]


def _amount(amounts: Amounts, name: str) -> str:
    binary = name == "memory" or "storage" in name or name.startswith("hugepages-")
    return write_quantity(amounts.get(name, Decimal(0)), binary=binary)


def _share(amounts: Amounts, name: str, room: Amounts) -> str:
    """``250m (12%)``: an amount, and how much of the node's it is."""
    total: Any = room.get(name)
    percent = int(amounts.get(name, Decimal(0)) / total * 100) if total else 0
    return f"{_amount(amounts, name)} ({percent}%)"
