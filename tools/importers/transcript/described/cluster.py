"""``kubectl describe`` of Nodes, namespaces, quotas, limits, configuration and accounts."""

from tools.importers.transcript.columns import read_inner_header, split_row
from tools.importers.transcript.described.tables import read_condition_table
from tools.importers.transcript.objects import prune, read_number
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_NODE_INFO = {
    "machineID": "Machine ID",
    "systemUUID": "System UUID",
    "bootID": "Boot ID",
    "kernelVersion": "Kernel Version",
    "osImage": "OS Image",
    "operatingSystem": "Operating System",
    "architecture": "Architecture",
    "containerRuntimeVersion": "Container Runtime Version",
    "kubeletVersion": "Kubelet Version",
    "kubeProxyVersion": "Kube-Proxy Version",
}


def describe_node(root: Node) -> Raw:
    """Spec and status of a Node."""
    spec = {
        "taints": [_read_taint(line) for line in root.find("Taints").lines()],
        "unschedulable": True if root.get("Unschedulable") == "true" else None,
        "podCIDR": root.get("PodCIDR"),
        "providerID": root.get("ProviderID"),
    }
    info = root.find("System Info")
    status = {
        "conditions": read_condition_table(root),
        "addresses": [{"type": n.key, "address": n.value} for n in root.find("Addresses").children if n.key],
        "capacity": _read_amounts(root.find("Capacity")),
        "allocatable": _read_amounts(root.find("Allocatable")),
        "nodeInfo": prune({field: info.get(title) for field, title in _NODE_INFO.items()}),
    }
    return {"spec": prune(spec), "status": prune(status)}


def _read_taint(line: str) -> Raw:
    pair, _, effect = line.rpartition(":")
    key, equals, value = pair.partition("=")
    return {"key": key, "effect": effect} | prune({"value": value if equals else None})


def _read_amounts(node: Node) -> dict[str, str]:
    return {child.key: child.value for child in node.children if child.key}


def describe_namespace(root: Node) -> Raw:
    """The phase of a Namespace."""
    return {"status": prune({"phase": root.get("Status")})}


def _rows_after(root: Node, first: str) -> list[dict[str, str]]:
    """The rows of a table that stands among the keys themselves, from the header that begins with a word."""
    lines = [node.line for node in root.below()]
    place = next((i for i, line in enumerate(lines) if line.split()[:1] == [first]), len(lines))
    if place + 2 > len(lines) or not lines[place + 1].lstrip().startswith("--"):
        return []
    header = read_inner_header(lines[place])
    rows = (split_row(header, line) for line in lines[place + 2 :])
    return [row for row in rows if row is not None]


def describe_quota(root: Node) -> Raw:
    """Spec and status of a ResourceQuota."""
    rows = _rows_after(root, "Resource")
    hard = {row["Resource"]: row["Hard"] for row in rows if row.get("Hard")}
    used = {row["Resource"]: row["Used"] for row in rows if row.get("Used")}
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


_LIMITS = {
    "min": "Min",
    "max": "Max",
    "defaultRequest": "Default Request",
    "default": "Default Limit",
    "maxLimitRequestRatio": "Max Limit/Request Ratio",
}


def describe_limit_range(root: Node) -> Raw:
    """The spec of a LimitRange."""
    limits: dict[str, Raw] = {}
    for row in _rows_after(root, "Type"):
        entry = limits.setdefault(row["Type"], {"type": row["Type"]})
        for field, title in _LIMITS.items():
            if (value := row.get(title, "")) not in ("", "-"):
                entry.setdefault(field, {})[row.get("Resource", "")] = value
    return {"spec": {"limits": list(limits.values())}}


def describe_config_map(text: str) -> Raw:
    """The data of a ConfigMap: each key on a line of its own over dashes, then its value."""
    return prune({"data": _read_data(text, "Data"), "binaryData": _read_sizes(text)})


def _section_lines(text: str, title: str) -> list[str]:
    """The lines under a title with a line of ``====``, up to the next such title or the events."""
    lines = text.splitlines()
    for place in range(len(lines) - 1):
        if lines[place] == title and lines[place + 1].startswith("==="):
            return _until_next_title(lines[place + 2 :])
    return []


def _until_next_title(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        if line.startswith("Events:") or (following.startswith("===") and line and not line.startswith(" ")):
            return lines[:place]
    return lines


def _read_data(text: str, title: str) -> dict[str, str]:
    lines = _section_lines(text, title)
    starts = [i for i, line in enumerate(lines[:-1]) if line.endswith(":") and lines[i + 1] == "----"]
    data = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        data[lines[start][:-1]] = "\n".join(lines[start + 2 : end]).strip("\n")
    return data


def _read_sizes(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in _section_lines(text, "BinaryData"))
    return {key.strip(): "" for key, colon, size in pairs if colon and size.strip().endswith("bytes")}


def describe_secret(text: str) -> Raw:
    """The keys of a Secret, never values; a description has none to begin with."""
    kind = next(
        (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Type:")), "Opaque"
    )
    pairs = (line.partition(":") for line in _section_lines(text, "Data"))
    return {"type": kind, "data": {key.strip(): None for key, colon, _ in pairs if colon and key.strip()}}


def describe_account(root: Node) -> Raw:
    """The Secrets of a ServiceAccount."""
    return prune(
        {
            "imagePullSecrets": [{"name": name} for name in _names(root, "Image pull secrets")],
            "secrets": [{"name": name} for name in _names(root, "Mountable secrets")],
        }
    )


def _names(root: Node, title: str) -> list[str]:
    """Names, one a line; ``(not found)`` behind one is a remark."""
    return [line.partition(" ")[0] for line in root.find(title).lines()]


def describe_priority_class(root: Node) -> Raw:
    """The value of a PriorityClass."""
    value = root.get("Value")
    number = read_number(value.removeprefix("-"))
    sign = -1 if value.startswith("-") else 1
    return prune({"value": None if number is None else sign * number, "description": root.get("Description")})
