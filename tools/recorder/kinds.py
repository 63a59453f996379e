"""Which kinds are recorded, and what of their objects is left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from domain.objects import KubeObject, ObjectRef
from tools.cluster.reader import Resource
from tools.cluster.secrets import drop_last_applied

CLUSTER_KINDS = (
    *("Node", "Namespace", "PersistentVolume", "StorageClass", "PriorityClass", "IngressClass"),
    *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService", "RuntimeClass"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "CustomResourceDefinition"),
    *("ClusterRoleBinding", "ClusterRole", "CSIDriver", "CSINode", "VolumeAttachment"),
)
"""Kinds without a namespace that are recorded; of the cluster's roles those that concern the namespaces."""

_ELSEWHERE = ("Event", "Binding")
"""Events are read in their own way; a Binding can only be created."""

_REVIEWS = ("authentication.k8s.io", "authorization.k8s.io")
"""Groups of what is asked for by creating it; none of it can be listed."""

_METRICS = "metrics.k8s.io"
"""Metrics are read in their own way; those of ``custom.metrics.k8s.io`` are computed when asked for."""


def choose_kinds(served: Iterable[Resource]) -> list[str]:
    """The namespaced kinds to record: all that the server serves, custom ones included."""
    return list(dict.fromkeys(resource.kind for resource in served if _is_recorded(resource)))


def _is_recorded(resource: Resource) -> bool:
    is_virtual = resource.group in _REVIEWS or f".{resource.group}".endswith(f".{_METRICS}")
    return resource.namespaced and not is_virtual and resource.kind not in _ELSEWHERE


def trim(item: KubeObject) -> KubeObject:
    """An object without the bookkeeping of who set which field, and a definition without its schemas."""
    item = drop_last_applied(item)
    meta = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    item = {**item, "metadata": meta}
    if item["kind"] == "CustomResourceDefinition" and isinstance(item.get("spec"), Mapping):
        versions = [_drop_schema(version) for version in item["spec"].get("versions") or []]
        item["spec"] = {**item["spec"], "versions": versions}
    return item


def _drop_schema(version: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in version.items() if key != "schema"}


def drop_foreign_roles(objects: Sequence[KubeObject], namespaces: Sequence[str]) -> Iterator[KubeObject]:
    """The objects without the ClusterRoles and bindings that give the namespaces' accounts nothing."""
    kept = [
        item for item in objects if item["kind"] != "ClusterRoleBinding" or _is_concerned(item, namespaces)
    ]
    bindings = [item for item in kept if item["kind"] in ("RoleBinding", "ClusterRoleBinding")]
    granted = {(item.get("roleRef") or {}).get("name") for item in bindings}
    for item in kept:
        if item["kind"] != "ClusterRole" or ObjectRef.of(item).name in granted:
            yield item


def _is_concerned(binding: KubeObject, namespaces: Sequence[str]) -> bool:
    groups = {"system:serviceaccounts", "system:authenticated"}
    groups |= {f"system:serviceaccounts:{namespace}" for namespace in namespaces}
    return any(
        subject.get("namespace") in namespaces or subject.get("name") in groups
        for subject in binding.get("subjects") or []
    )
