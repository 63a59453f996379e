"""Small formats that many columns and descriptions share."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.objects import KubeObject
from tools.kubectl.tables.columns import entries, mapping, part
from tools.kubectl.text import NONE

_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_OPERATORS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


def format_labels(labels: Mapping[str, Any] | None) -> str:
    """``app=web,tier=front``, or ``<none>``."""
    return ",".join(sorted(f"{key}={value}" for key, value in (labels or {}).items())) or NONE


def format_selector(selector: Mapping[str, Any] | None) -> str:
    """A label selector with its expressions: ``app=web,tier in (a,b)``, or ``<none>``."""
    labels = mapping(selector, "matchLabels")
    parts = [(key, f"{key}={value}") for key, value in labels.items()]
    for rule in entries(selector, "matchExpressions"):
        values = ",".join(sorted(rule.get("values") or []))
        template = _OPERATORS.get(rule.get("operator", ""), "{key} <invalid>")
        parts.append((rule.get("key", ""), template.format(key=rule.get("key"), values=values)))
    return ",".join(text for _, text in sorted(parts, key=lambda p: p[0])) or NONE


def format_containers(spec: Any) -> tuple[str, str]:
    """The names and the images of a Pod spec's containers, each joined by commas."""
    containers = entries(spec, "containers")
    return ",".join(c.get("name", "") for c in containers), ",".join(c.get("image", "") for c in containers)


def format_some(texts: Iterable[str], most: int = 3) -> str:
    """The first few texts, and how many more there are: ``a,b,c + 2 more...``; empty for none."""
    known = list(texts)
    more = f" + {len(known) - most} more..." if len(known) > most else ""
    return ",".join(known[:most]) + more


def format_access_modes(modes: Iterable[str] | None) -> str:
    """``RWO,ROX``, in kubectl's order."""
    known = set(modes or ())
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in known)


def storage_class_of(item: KubeObject) -> str:
    """The class of a volume or a claim; the old annotation wins over the field."""
    annotated = mapping(item, "metadata", "annotations").get(_CLASS_ANNOTATION)
    return str(annotated or part(item, "spec", "storageClassName") or "")


def is_default_class(item: KubeObject) -> bool:
    """Whether a StorageClass is the default one."""
    annotations = mapping(item, "metadata", "annotations")
    return any(annotations.get(key) == "true" for key in _DEFAULT_CLASS)


def format_bool(value: object) -> str:
    """``True``, ``False``, or ``<unset>`` for what is no boolean."""
    return str(value) if isinstance(value, bool) else "<unset>"


def join_host_port(host: str, port: object) -> str:
    """``10.0.0.1:80``, ``[fd00::1]:80``."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def load_balancer(item: KubeObject) -> str:
    """The addresses that a load balancer gave, sorted."""
    ingress = entries(item, "status", "loadBalancer", "ingress")
    return ",".join(sorted({i.get("ip") or i.get("hostname") for i in ingress} - {None}))


def node_roles(node: KubeObject) -> str:
    """The roles of a node by its labels, or ``<none>``."""
    prefix = "node-role.kubernetes.io/"
    labels = mapping(node, "metadata", "labels")
    roles = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)}
    return ",".join(sorted((roles | {labels.get("kubernetes.io/role") or ""}) - {""})) or NONE
