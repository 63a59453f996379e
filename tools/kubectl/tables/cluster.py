"""The tables of nodes, namespaces, configuration, limits and rights."""

from datetime import datetime

from domain.objects import KubeObject
from tools.cluster.pods import read_condition
from tools.kubectl.tables.columns import Cells, Printer, age_of, entries, mapping, name_of, part
from tools.kubectl.tables.formats import node_roles
from tools.kubectl.text import NONE, UNKNOWN


def _fill_node(item: KubeObject, now: datetime) -> Cells:
    info = mapping(item, "status", "nodeInfo")
    return (
        name_of(item),
        tell_node_status(item),
        node_roles(item),
        age_of(item, now),
        info.get("kubeletVersion"),
        _address(item, "InternalIP"),
        _address(item, "ExternalIP"),
        *(info.get(key) or UNKNOWN for key in ("osImage", "kernelVersion", "containerRuntimeVersion")),
    )


def tell_node_status(node: KubeObject) -> str:
    """``Ready``, ``NotReady,SchedulingDisabled``, ..."""
    ready = {"True": "Ready", None: "Unknown"}.get(read_condition(node, "Ready").get("status"), "NotReady")
    return ready + (",SchedulingDisabled" if part(node, "spec", "unschedulable") else "")


def _address(node: KubeObject, kind: str) -> str:
    found = (a.get("address") for a in entries(node, "status", "addresses") if a.get("type") == kind)
    return next(found, None) or NONE


def _fill_namespace(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), part(item, "status", "phase"), age_of(item, now))


def _fill_config_map(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), len(mapping(item, "data")) + len(mapping(item, "binaryData")), age_of(item, now))


def _fill_secret(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), item.get("type") or "Opaque", len(mapping(item, "data")), age_of(item, now))


def _fill_service_account(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), len(entries(item, "secrets")), age_of(item, now))


def _fill_quota(item: KubeObject, now: datetime) -> Cells:
    used = mapping(item, "status", "used")
    shown = {
        resource: f"{resource}: {used.get(resource, '0')}/{hard}"
        for resource, hard in sorted(mapping(item, "status", "hard").items())
    }
    limits = [text for resource, text in shown.items() if resource.startswith("limits.")]
    requests = [text for resource, text in shown.items() if not resource.startswith("limits.")]
    return (name_of(item), ", ".join(requests), ", ".join(limits), age_of(item, now))


def _fill_binding(item: KubeObject, now: datetime) -> Cells:
    role = mapping(item, "roleRef")
    return (
        name_of(item),
        f"{role.get('kind')}/{role.get('name')}",
        age_of(item, now),
        _subjects(item, "User"),
        _subjects(item, "Group"),
        _subjects(item, "ServiceAccount"),
    )


def _subjects(binding: KubeObject, kind: str) -> str:
    found = [s for s in entries(binding, "subjects") if s.get("kind") == kind]
    if kind == "ServiceAccount":
        return ", ".join(f"{s.get('namespace', '')}/{s.get('name')}" for s in found)
    return ", ".join(s.get("name", "") for s in found)


def _fill_priority_class(item: KubeObject, now: datetime) -> Cells:
    is_default = bool(item.get("globalDefault"))
    return (name_of(item), item.get("value", 0), is_default, age_of(item, now), item.get("preemptionPolicy"))


def _fill_lease(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), part(item, "spec", "holderIdentity"), age_of(item, now))


def _fill_runtime_class(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), item.get("handler"), age_of(item, now))


def _fill_webhooks(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), len(entries(item, "webhooks")), age_of(item, now))


def _fill_api_service(item: KubeObject, now: datetime) -> Cells:
    service = mapping(item, "spec", "service")
    home = f"{service.get('namespace')}/{service.get('name')}" if service else "Local"
    available = read_condition(item, "Available")
    said = str(available.get("status") or "Unknown")
    if said != "True" and available.get("reason"):
        said += f" ({available['reason']})"
    return (name_of(item), home, said, age_of(item, now))


_BINDING = "NAME|ROLE|AGE|+USERS|+GROUPS|+SERVICEACCOUNTS"
CLUSTER = {
    "Node": Printer.of(
        "NAME|STATUS|ROLES|AGE|VERSION|+INTERNAL-IP|+EXTERNAL-IP|+OS-IMAGE|+KERNEL-VERSION|+CONTAINER-RUNTIME",
        _fill_node,
    ),
    "Namespace": Printer.of("NAME|STATUS|AGE", _fill_namespace),
    "ConfigMap": Printer.of("NAME|DATA|AGE", _fill_config_map),
    "Secret": Printer.of("NAME|TYPE|DATA|AGE", _fill_secret),
    "ServiceAccount": Printer.of("NAME|SECRETS|AGE", _fill_service_account),
    "ResourceQuota": Printer.of("NAME|REQUEST|LIMIT|AGE", _fill_quota),
    "RoleBinding": Printer.of(_BINDING, _fill_binding),
    "ClusterRoleBinding": Printer.of(_BINDING, _fill_binding),
    "PriorityClass": Printer.of("NAME|VALUE|GLOBAL-DEFAULT|AGE|PREEMPTIONPOLICY", _fill_priority_class),
    "Lease": Printer.of("NAME|HOLDER|AGE", _fill_lease),
    "RuntimeClass": Printer.of("NAME|HANDLER|AGE", _fill_runtime_class),
    "MutatingWebhookConfiguration": Printer.of("NAME|WEBHOOKS|AGE", _fill_webhooks),
    "ValidatingWebhookConfiguration": Printer.of("NAME|WEBHOOKS|AGE", _fill_webhooks),
    "APIService": Printer.of("NAME|SERVICE|AVAILABLE|AGE", _fill_api_service),
}
