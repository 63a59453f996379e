"""The metrics of HorizontalPodAutoscalers: what they are now and what they should be."""

from typing import Any

from domain.objects import KubeObject
from tools.kubectl.tables.columns import entries, mapping, number, part
from tools.kubectl.text import NONE, UNKNOWN

_FIELD = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def list_metrics(autoscaler: KubeObject) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each metric of the spec with its current status; autoscaling/v1 is read as v2 would write it."""
    if part(autoscaler, "spec", "metrics") is None and autoscaler.get("apiVersion") == "autoscaling/v1":
        return _read_v1(autoscaler)
    current = entries(autoscaler, "status", "currentMetrics")
    specs = entries(autoscaler, "spec", "metrics")
    return [(spec, current[i] if i < len(current) else {}) for i, spec in enumerate(specs)]


def _read_v1(autoscaler: KubeObject) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    target = number(autoscaler, "spec", "targetCPUUtilizationPercentage")
    now = part(autoscaler, "status", "currentCPUUtilizationPercentage")
    if not target:
        return []
    spec = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}}
    status = {} if now is None else {"name": "cpu", "current": {"averageUtilization": now}}
    return [({"type": "Resource", "resource": spec}, {"type": "Resource", "resource": status})]


def source_of(metric: dict[str, Any]) -> dict[str, Any]:
    """The part of a metric that its type names: ``resource``, ``pods``, ..."""
    return mapping(metric, _FIELD.get(metric.get("type", ""), ""))


def format_metrics(autoscaler: KubeObject) -> str:
    """``cpu: 12%/80%, 3/10``: at most two, as the TARGETS column shows them."""
    texts = [_format_metric(spec, status) for spec, status in list_metrics(autoscaler)]
    more = f" + {len(texts) - 2} more..." if len(texts) > 2 else ""
    return (", ".join(texts[:2]) + more) or NONE


def _format_metric(spec: dict[str, Any], status: dict[str, Any]) -> str:
    if spec.get("type") not in _FIELD:
        return "<unknown type>"
    target, now = mapping(source_of(spec), "target"), mapping(source_of(status), "current")
    is_resource = "Resource" in spec["type"]
    prefix = f"{source_of(spec).get('name')}: " if is_resource else ""
    if (average := target.get("averageValue")) is not None:
        suffix = " (avg)" if spec["type"] in ("External", "Object") else ""
        return f"{prefix}{now.get('averageValue', UNKNOWN)}/{average}{suffix}"
    if is_resource:
        return f"{prefix}{_percent(now, UNKNOWN)}/{_percent(target, '<auto>')}"
    return f"{now.get('value', UNKNOWN)}/{target.get('value')}"


def _percent(values: dict[str, Any], otherwise: str) -> str:
    utilization = values.get("averageUtilization")
    return otherwise if utilization is None else f"{utilization}%"
