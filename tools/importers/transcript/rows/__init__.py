"""Rows of ``kubectl get`` -> objects."""

from collections.abc import Callable

from tools.importers.transcript.ages import parse_age, read_time
from tools.importers.transcript.columns import Cells
from tools.importers.transcript.command import find_type
from tools.importers.transcript.merge import fill
from tools.importers.transcript.objects import frame, is_name, prune, read_map
from tools.importers.transcript.rows.cluster import CLUSTER
from tools.importers.transcript.rows.network import NETWORK
from tools.importers.transcript.rows.pods import read_pod
from tools.importers.transcript.rows.storage import STORAGE
from tools.importers.transcript.rows.workloads import WORKLOADS
from tools.importers.transcript.section import Raw

_READERS: dict[str, Callable[[Cells], Raw]] = {"Pod": read_pod} | WORKLOADS | NETWORK | STORAGE | CLUSTER

_DEFAULT = " (default)"
"""What ``get storageclasses`` writes behind the name of the default one."""

_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Event", ("LAST SEEN", "REASON", "OBJECT", "MESSAGE")),
    ("Pod", ("READY", "STATUS", "RESTARTS")),
    ("Deployment", ("READY", "UP-TO-DATE", "AVAILABLE")),
    ("DaemonSet", ("DESIRED", "CURRENT", "UP-TO-DATE")),
    ("ReplicaSet", ("DESIRED", "CURRENT", "READY")),
    ("Service", ("TYPE", "CLUSTER-IP")),
    ("Endpoints", ("ENDPOINTS", "AGE")),
    ("EndpointSlice", ("ADDRESSTYPE", "ENDPOINTS")),
    ("Ingress", ("CLASS", "HOSTS")),
    ("NetworkPolicy", ("POD-SELECTOR",)),
    ("PersistentVolume", ("CAPACITY", "RECLAIM POLICY", "CLAIM")),
    ("PersistentVolumeClaim", ("STATUS", "VOLUME", "ACCESS MODES")),
    ("StorageClass", ("PROVISIONER",)),
    ("CronJob", ("SCHEDULE", "SUSPEND")),
    ("Job", ("COMPLETIONS", "DURATION")),
    ("HorizontalPodAutoscaler", ("REFERENCE", "TARGETS")),
    ("PodDisruptionBudget", ("MIN AVAILABLE", "MAX UNAVAILABLE")),
    ("Node", ("STATUS", "ROLES", "VERSION")),
    ("ResourceQuota", ("REQUEST", "LIMIT")),
    ("Secret", ("TYPE", "DATA", "AGE")),
    ("ConfigMap", ("DATA", "AGE")),
    ("ServiceAccount", ("SECRETS", "AGE")),
    ("PriorityClass", ("VALUE", "GLOBAL-DEFAULT")),
    ("IngressClass", ("CONTROLLER", "PARAMETERS")),
    ("PodMetrics", ("CPU(cores)", "MEMORY(bytes)")),
    ("StatefulSet", ("READY", "AGE")),
    ("Namespace", ("STATUS", "AGE")),
)
"""Columns by which a table without a command is known; the first kind whose columns are all there."""


def find_kind(columns: set[str]) -> str:
    """The kind of a table that nobody named; empty when it is none that we know."""
    if "NAME" not in columns and "OBJECT" not in columns:
        return ""
    kind = next((kind for kind, signs in _SIGNS if set(signs) <= columns), "")
    if kind == "PodMetrics" and any(column.startswith("CPU%") or column == "CPU(%)" for column in columns):
        return "NodeMetrics"
    return kind


def read_row(cells: Cells, kind: str, namespace: str) -> Raw | None:
    """The object of a row; ``TYPE/NAME`` in the first cell tells the kind. None without a name or kind."""
    if "POD" in cells:
        return None  # a row of `top --containers`: NAME is the container's
    label = cells.get("NAME", "").removesuffix(_DEFAULT)
    word, slash, name = label.rpartition("/")
    resource = find_type(word) if slash else None
    kind = resource.kind if resource else "" if slash else kind
    if not is_name(name) or not kind:
        return None
    item = frame(kind, name, cells.get("NAMESPACE", "") or namespace)
    item["metadata"] |= prune(
        {
            "creationTimestamp": parse_age(cells.get("AGE", "")) or read_time(cells.get("CREATED AT", "")),
            "labels": read_map([cells.get("LABELS", "")]),
        }
    )
    if label != cells["NAME"] and kind == "StorageClass":
        item["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    if kind in _READERS:
        fill(item, _READERS[kind](cells))
    return item
