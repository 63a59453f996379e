"""``kubectl describe`` -> objects and events."""

from collections.abc import Callable, Iterator

from tools.importers.transcript.ages import parse_date
from tools.importers.transcript.described.cluster import (
    describe_account,
    describe_config_map,
    describe_limit_range,
    describe_namespace,
    describe_node,
    describe_priority_class,
    describe_quota,
    describe_secret,
)
from tools.importers.transcript.described.network import (
    describe_endpoints,
    describe_ingress,
    describe_network_policy,
    describe_service,
)
from tools.importers.transcript.described.permissions import describe_role_binding
from tools.importers.transcript.described.pods import describe_pod, read_annotations
from tools.importers.transcript.described.storage import (
    describe_claim,
    describe_storage_class,
    describe_volume,
)
from tools.importers.transcript.described.workloads import (
    describe_autoscaler,
    describe_cronjob,
    describe_daemonset,
    describe_deployment,
    describe_disruption_budget,
    describe_job,
    describe_replicaset,
    describe_statefulset,
)
from tools.importers.transcript.events import read_described_events
from tools.importers.transcript.merge import fill
from tools.importers.transcript.objects import frame, is_name, prune, read_map
from tools.importers.transcript.outline import Node, read_outline
from tools.importers.transcript.section import Raw

_READERS: dict[str, Callable[[Node], Raw]] = {
    "Pod": describe_pod,
    "Deployment": describe_deployment,
    "ReplicaSet": describe_replicaset,
    "ReplicationController": describe_replicaset,
    "StatefulSet": describe_statefulset,
    "DaemonSet": describe_daemonset,
    "Job": describe_job,
    "CronJob": describe_cronjob,
    "HorizontalPodAutoscaler": describe_autoscaler,
    "PodDisruptionBudget": describe_disruption_budget,
    "Service": describe_service,
    "Endpoints": describe_endpoints,
    "Ingress": describe_ingress,
    "NetworkPolicy": describe_network_policy,
    "PersistentVolumeClaim": describe_claim,
    "PersistentVolume": describe_volume,
    "StorageClass": describe_storage_class,
    "Node": describe_node,
    "Namespace": describe_namespace,
    "ResourceQuota": describe_quota,
    "LimitRange": describe_limit_range,
    "ServiceAccount": describe_account,
    "PriorityClass": describe_priority_class,
    "RoleBinding": describe_role_binding,
    "ClusterRoleBinding": describe_role_binding,
}
_TEXT_READERS: dict[str, Callable[[str], Raw]] = {"ConfigMap": describe_config_map, "Secret": describe_secret}
"""Kinds whose values are printed as they are, so that indentation means nothing."""

_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Pod", ("Node", "Status", "Containers")),
    ("Deployment", ("StrategyType",)),
    ("CronJob", ("Concurrency Policy",)),
    ("Job", ("Pods Statuses",)),
    ("DaemonSet", ("Desired Number of Nodes Scheduled",)),
    ("StatefulSet", ("Volume Claims",)),
    ("ReplicaSet", ("Replicas", "Pods Status", "Pod Template")),
    ("HorizontalPodAutoscaler", ("Reference", "Max replicas")),
    ("PodDisruptionBudget", ("Selector", "Status", "Name", "Namespace", "Min available")),
    ("PodDisruptionBudget", ("Selector", "Status", "Name", "Namespace", "Max unavailable")),
    ("Service", ("Type", "Session Affinity")),
    ("Endpoints", ("Subsets",)),
    ("Ingress", ("Rules", "Address")),
    ("NetworkPolicy", ("Spec", "Created on")),
    ("PersistentVolume", ("Reclaim Policy", "Claim")),
    ("PersistentVolumeClaim", ("Access Modes", "Volume", "Namespace")),
    ("StorageClass", ("Provisioner",)),
    ("Node", ("Taints", "Conditions", "System Info")),
    ("ServiceAccount", ("Mountable secrets",)),
    ("RoleBinding", ("Role", "Subjects")),
)
"""Titles by which a description without a command is known; the first kind whose titles are all there."""


def find_kind(root: Node, text: str) -> str:
    """The kind of a description that nobody named; empty when it is none that we know."""
    if kind := next((kind for kind, titles in _SIGNS if root.has(*titles)), ""):
        return kind
    if "\nData\n====" in text:
        return "Secret" if root.has("Type") else "ConfigMap"
    first_words = {node.text.split()[0] for node in root.below() if node.text}
    if root.has("Name") and "Resource" in first_words and "--------" in first_words:
        return "ResourceQuota"
    if {"Type", "Container"} <= first_words and not root.has("Node"):
        return "LimitRange"
    return ""


def read_description(text: str, kind: str, namespace: str) -> tuple[Raw, list[Raw]] | None:
    """(object, its events) of one description.

    Args:
        text: what was printed about one object.
        kind: as the command said; empty when it has to be recognised.
        namespace: as the command said; a namespace in the text wins.

    Returns:
        None when there is no name, or a kind that cannot be told.
    """
    root = read_outline(text)
    name, kind = root.get("Name"), kind or find_kind(root, text)
    if not is_name(name) or not kind:
        return None
    item = frame(kind, name, root.get("Namespace") or namespace)
    item["metadata"] |= _read_meta(root)
    if kind in _READERS:
        fill(item, _READERS[kind](root))
    elif kind in _TEXT_READERS:
        fill(item, _TEXT_READERS[kind](text))
    return item, list(read_described_events(root.find("Events"), item))


def has_reader(kind: str) -> bool:
    """Whether more of a kind than its metadata is read."""
    return kind in _READERS or kind in _TEXT_READERS


def _read_meta(root: Node) -> Raw:
    owner_kind, _, owner = root.get("Controlled By").partition("/")
    return prune(
        {
            "labels": read_map(root.find("Labels").lines()),
            "annotations": read_annotations(root),
            "creationTimestamp": parse_date(root.get("CreationTimestamp", "Created on")),
            "finalizers": root.get("Finalizers").strip("[]").split(),
            "ownerReferences": [{"kind": owner_kind, "name": owner, "controller": True}] if owner else [],
        }
    )


def split_descriptions(text: str) -> Iterator[str]:
    """The descriptions in a text, one an object: each begins with ``Name:`` in the first column."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("Name:") and any(map(str.strip, lines)):
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    if any(map(str.strip, lines)):
        yield "\n".join(lines)
