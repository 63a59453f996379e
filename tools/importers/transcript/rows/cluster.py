"""Rows of Nodes, namespaces, quotas, priority classes, and of ``kubectl top``."""

import re
from collections.abc import Callable

from tools.importers.transcript.columns import Cells
from tools.importers.transcript.objects import prune, read_number, read_text
from tools.importers.transcript.section import Raw

_USE = re.compile(r"(?<![\w.])([\w.]+): ([^\s/,]+)/([^\s,]+)")


def _read_node(cells: Cells) -> Raw:
    words = cells.get("STATUS", "").split(",")
    ready = {"Ready": "True", "NotReady": "False"}.get(words[0], "Unknown")
    addresses = [
        {"type": kind, "address": address}
        for kind, column in (("InternalIP", "INTERNAL-IP"), ("ExternalIP", "EXTERNAL-IP"))
        if (address := read_text(cells.get(column, "")))
    ]
    info = {
        "kubeletVersion": cells.get("VERSION", ""),
        "osImage": cells.get("OS-IMAGE", ""),
        "kernelVersion": cells.get("KERNEL-VERSION", ""),
        "containerRuntimeVersion": cells.get("CONTAINER-RUNTIME", ""),
    }
    status = {
        "conditions": [{"type": "Ready", "status": ready}],
        "addresses": addresses,
        "nodeInfo": prune(info),
    }
    return {"spec": {"unschedulable": True} if "SchedulingDisabled" in words else {}, "status": prune(status)}


def _read_namespace(cells: Cells) -> Raw:
    return {"status": prune({"phase": cells.get("STATUS", "")})}


def _read_quota(cells: Cells) -> Raw:
    found = _USE.findall(f"{cells.get('REQUEST', '')}, {cells.get('LIMIT', '')}")
    hard = {name: limit for name, _, limit in found}
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": {name: used for name, used, _ in found}}}


def _read_priority_class(cells: Cells) -> Raw:
    default = True if cells.get("GLOBAL-DEFAULT") == "true" else None
    return prune({"value": read_number(cells.get("VALUE", "")), "globalDefault": default})


def _usage(cells: Cells) -> dict[str, str]:
    return prune({"cpu": cells.get("CPU(cores)", ""), "memory": cells.get("MEMORY(bytes)", "")})


def _read_pod_metrics(cells: Cells) -> Raw:
    return {"containers": [{"name": "", "usage": _usage(cells)}]}


def _read_node_metrics(cells: Cells) -> Raw:
    return {"usage": _usage(cells)}


def _read_secret(cells: Cells) -> Raw:
    return prune({"type": cells.get("TYPE", "")})


CLUSTER: dict[str, Callable[[Cells], Raw]] = {
    "Node": _read_node,
    "Secret": _read_secret,
    "Namespace": _read_namespace,
    "ResourceQuota": _read_quota,
    "PriorityClass": _read_priority_class,
    "PodMetrics": _read_pod_metrics,
    "NodeMetrics": _read_node_metrics,
}
