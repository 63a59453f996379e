"""``kubectl describe``: what an engineer looks for, in kubectl's words and order."""

from collections.abc import Callable, Mapping

from domain.objects import KubeObject
from tools.cluster.resources import is_builtin_group
from tools.kubectl.describe.config import (
    describe_binding,
    describe_config_map,
    describe_role,
    describe_secret,
    describe_service_account,
)
from tools.kubectl.describe.generic import describe_generic
from tools.kubectl.describe.limits import (
    describe_autoscaler,
    describe_budget,
    describe_limit_range,
    describe_namespace,
    describe_priority_class,
    describe_quota,
)
from tools.kubectl.describe.network import (
    describe_endpoints,
    describe_ingress,
    describe_ingress_class,
    describe_network_policy,
    describe_service,
    describe_slice,
)
from tools.kubectl.describe.nodes import describe_node
from tools.kubectl.describe.pods import describe_pod
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.storage import (
    describe_claim,
    describe_csi_node,
    describe_storage_class,
    describe_volume,
)
from tools.kubectl.describe.workloads import (
    describe_cronjob,
    describe_daemonset,
    describe_deployment,
    describe_job,
    describe_replicaset,
    describe_statefulset,
)
from tools.kubectl.describe.writer import Writer

__all__ = ["NEEDS", "Related", "describe_object"]

Describer = Callable[[Writer, KubeObject, Related], None]

_DESCRIBERS: Mapping[str, Describer] = {
    "CSINode": describe_csi_node,
    "ClusterRole": describe_role,
    "ClusterRoleBinding": describe_binding,
    "ConfigMap": describe_config_map,
    "CronJob": describe_cronjob,
    "DaemonSet": describe_daemonset,
    "Deployment": describe_deployment,
    "EndpointSlice": describe_slice,
    "Endpoints": describe_endpoints,
    "HorizontalPodAutoscaler": describe_autoscaler,
    "Ingress": describe_ingress,
    "IngressClass": describe_ingress_class,
    "Job": describe_job,
    "LimitRange": describe_limit_range,
    "Namespace": describe_namespace,
    "NetworkPolicy": describe_network_policy,
    "Node": describe_node,
    "PersistentVolume": describe_volume,
    "PersistentVolumeClaim": describe_claim,
    "Pod": describe_pod,
    "PodDisruptionBudget": describe_budget,
    "PriorityClass": describe_priority_class,
    "ReplicaSet": describe_replicaset,
    "ReplicationController": describe_replicaset,
    "ResourceQuota": describe_quota,
    "Role": describe_role,
    "RoleBinding": describe_binding,
    "Secret": describe_secret,
    "Service": describe_service,
    "ServiceAccount": describe_service_account,
    "StatefulSet": describe_statefulset,
    "StorageClass": describe_storage_class,
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "DaemonSet": ("Pod",),
    "Deployment": ("ReplicaSet",),
    "Ingress": ("Service", "EndpointSlice", "Endpoints"),
    "Namespace": ("ResourceQuota", "LimitRange"),
    "Node": ("Pod", "Lease"),
    "PersistentVolumeClaim": ("Pod",),
    "ReplicaSet": ("Pod",),
    "ReplicationController": ("Pod",),
    "Service": ("EndpointSlice", "Endpoints"),
    "ServiceAccount": ("Secret",),
    "StatefulSet": ("Pod",),
}
"""Other kinds that a description looks at: of its namespace, or of all for a kind without one."""

_WITHOUT_EVENTS = (
    *("Secret", "ResourceQuota", "LimitRange", "Namespace", "NetworkPolicy"),
    *("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
)
"""Kinds that kubectl describes without their events."""


def describe_object(item: KubeObject, related: Related) -> str:
    """The description of one object, its events last."""
    kind = str(item.get("kind"))
    group = str(item.get("apiVersion") or "").rpartition("/")[0]
    describer = _DESCRIBERS.get(kind, describe_generic) if is_builtin_group(group) else describe_generic
    writer = Writer()
    describer(writer, item, related)
    if related.events is not None and (kind not in _WITHOUT_EVENTS or related.events):
        writer.events(related.events, related.now)
    return writer.text()
