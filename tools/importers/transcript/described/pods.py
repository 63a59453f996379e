"""``kubectl describe pod``, and the Pod template in the descriptions of workloads."""

import re

from tools.importers.transcript.ages import parse_age, parse_date
from tools.importers.transcript.described.containers import read_containers
from tools.importers.transcript.described.selectors import read_selector
from tools.importers.transcript.described.volumes import read_volumes
from tools.importers.transcript.objects import condition, prune, read_map, read_number
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_TOLERATION = re.compile(
    r"(?:(?!op=)([^\s:=]+))?(?:=([^\s:]*))?(?::(\w+))?(?: ?op=(\w+))?(?: for (\d{1,9})s)?"
)
_SPREAD = re.compile(r"([\w./-]+):(\w+) when max skew (\d{1,6}) is exceeded(?: for selector (.+))?")
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


def describe_pod(root: Node) -> Raw:
    """The spec and the status of a Pod."""
    spec, status = read_pod_spec(root)
    node = root.get("Node").partition("/")
    spec |= prune(
        {
            "nodeName": node[0],
            "priority": read_number(root.get("Priority")),
            "runtimeClassName": root.get("Runtime Class Name"),
        }
    )
    told = root.get("Status")
    status |= prune(
        {
            "phase": _phase(told),
            "reason": root.get("Reason"),
            "message": "\n".join(root.find("Message").lines()),
            "podIP": root.get("IP"),
            "hostIP": node[2],
            "startTime": parse_date(root.get("Start Time")),
            "qosClass": root.get("QoS Class"),
            "nominatedNodeName": root.get("NominatedNodeName"),
            "conditions": _read_conditions(root.find("Conditions")),
        }
    )
    return {"spec": spec, "status": status} | read_deletion(told)


def _phase(told: str) -> str:
    word = told.partition(" ")[0]
    return word if word in _PHASES else "Running" if word == "Terminating" else ""


def read_deletion(told: str) -> Raw:
    """``Terminating (lasts 5m)``: for how long it has been marked for deletion."""
    age = parse_age(told.partition("lasts ")[2].rstrip(")"))
    return {"metadata": {"deletionTimestamp": age}} if age else {}


def read_pod_spec(root: Node) -> tuple[Raw, Raw]:
    """(spec, container statuses) of whatever prints containers, volumes and where they may run."""
    spec: Raw = {"serviceAccountName": root.get("Service Account")}
    status: Raw = {}
    for title, field in (("Init Containers", "initContainers"), ("Containers", "containers")):
        found = read_containers(root.find(title))
        spec[field] = [container for container, _ in found]
        status[field.removesuffix("s") + "Statuses"] = [state for _, state in found if state]
    spec["volumes"] = read_volumes(root.find("Volumes"))
    spec["nodeSelector"] = read_map(root.find("Node-Selectors").lines())
    spec["tolerations"] = [_read_toleration(line) for line in root.find("Tolerations").lines()]
    spec["priorityClassName"] = root.get("Priority Class Name")
    spec["topologySpreadConstraints"] = [
        _read_spread(match)
        for line in root.find("Topology Spread Constraints").lines()
        if (match := _SPREAD.match(line))
    ]
    spec["hostNetwork"] = True if root.get("Host Network") == "true" else None
    return prune(spec), prune(status)


def read_template(root: Node) -> Raw:
    """The Pod template under ``Pod Template:``; empty when there is none."""
    node = root.find("Pod Template")
    if not node.line:
        return {}
    meta = prune({"labels": read_map(node.find("Labels").lines()), "annotations": read_annotations(node)})
    return {"metadata": meta, "spec": read_pod_spec(node)[0]}


def read_annotations(root: Node) -> dict[str, str]:
    """The annotations; further lines of one are put to it."""
    node, found, last = root.find("Annotations"), dict[str, str](), ""
    first = Node(node.value)
    for line in (first, *node.below()):
        key, value = line.key, line.value
        if not key and "=" in line.text and not last:
            key, _, value = line.text.partition("=")  # of a StorageClass
        if key and " " not in key:
            last = key
            found[key] = value
        elif last and line.text:
            found[last] += "\n" + line.text
    return found


def _read_conditions(node: Node) -> list[Raw]:
    rows = (child.text.split() for child in node.children)
    return [
        condition(row[0], row[1]) for row in rows if len(row) == 2 and row[1] in ("True", "False", "Unknown")
    ]


def _read_spread(found: re.Match[str]) -> Raw:
    constraint = {"topologyKey": found[1], "whenUnsatisfiable": found[2], "maxSkew": int(found[3])}
    return constraint | prune({"labelSelector": read_selector(found[4] or "")})


def _read_toleration(line: str) -> Raw:
    found = _TOLERATION.match(line)
    key, value, effect, operator, seconds = found.groups() if found else ("", None, None, None, None)
    return prune(
        {
            "key": key,
            "value": value,
            "effect": effect,
            "operator": operator or ("Equal" if value is not None else "Exists"),
            "tolerationSeconds": int(seconds) if seconds else None,
        }
    )
