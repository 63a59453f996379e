"""``kubectl describe`` of namespaces, quotas, limits, budgets and autoscalers."""

from collections.abc import Iterator
from typing import Any

from domain.objects import KubeObject
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.writer import Writer, write_time
from tools.kubectl.tables.columns import entries, mapping, name_of, number, part
from tools.kubectl.tables.formats import format_labels, format_selector
from tools.kubectl.tables.metrics import list_metrics, source_of
from tools.kubectl.text import UNKNOWN, UNSET

_SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a "
    "node before being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include "
    "long running pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best "
    "effort quality of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a "
    "burstable or guaranteed quality of service.",
}
_LIMITS = "Type|Resource|Min|Max|Default Request|Default Limit|Max Limit/Request Ratio"


def describe_namespace(writer: Writer, item: KubeObject, related: Related) -> None:
    """A namespace with its quotas and limits."""
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.field("Status", part(item, "status", "phase") or "")
    if conditions := entries(item, "status", "conditions"):
        writer.line("Conditions:")
        keys = ("type", "status", "lastTransitionTime", "reason", "message")
        writer.table(
            "Type|Status|LastTransitionTime|Reason|Message",
            [[c.get(k, "") for k in keys] for c in conditions],
        )
    writer.line()
    _describe_quotas(writer, [q for q in related.of_kind("ResourceQuota") if _home(q) == name_of(item)])
    writer.line()
    ranges = [r for r in related.of_kind("LimitRange") if _home(r) == name_of(item)]
    if not ranges:
        writer.line("No LimitRange resource.")
        return
    writer.line("Resource Limits")
    writer.table(_LIMITS, [row for limit_range in ranges for row in _limit_rows(limit_range)])


def _home(item: KubeObject) -> object:
    return part(item, "metadata", "namespace")


def _describe_quotas(writer: Writer, quotas: list[KubeObject]) -> None:
    if not quotas:
        writer.line("No resource quota.")
        return
    writer.line("Resource Quotas")
    for quota in sorted(quotas, key=name_of):
        writer.field("Name", name_of(quota), 1)
        _describe_scopes(writer, quota, 1)
        writer.table("Resource|Used|Hard", _quota_rows(quota), rulers=(8, 3, 3))


def describe_quota(writer: Writer, item: KubeObject, related: Related) -> None:
    """A ResourceQuota: used and hard."""
    writer.heading(item)
    _describe_scopes(writer, item, 0)
    writer.table("Resource|Used|Hard", _quota_rows(item), 0)


def _describe_scopes(writer: Writer, quota: KubeObject, level: int) -> None:
    scopes = sorted(entries(quota, "spec", "scopes"))
    writer.optional("Scopes", ", ".join(scopes), level)
    for scope in scopes:
        if scope in _SCOPES:
            writer.line(f"{'' if level else ' '}* {_SCOPES[scope]}", level)


def _quota_rows(quota: KubeObject) -> list[tuple[str, ...]]:
    used = mapping(quota, "status", "used")
    hard = mapping(quota, "status", "hard")
    return [(name, str(used.get(name, "0")), str(amount)) for name, amount in sorted(hard.items())]


def describe_limit_range(writer: Writer, item: KubeObject, related: Related) -> None:
    """A LimitRange: what a container, Pod or claim may ask for, and gets by default."""
    writer.heading(item)
    writer.table(_LIMITS, list(_limit_rows(item)), 0)


def _limit_rows(item: KubeObject) -> Iterator[tuple[str, ...]]:
    keys = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for limit in entries(item, "spec", "limits"):
        for name in sorted({name for key in keys for name in mapping(limit, key)}):
            yield (str(limit.get("type")), name, *(str(mapping(limit, key).get(name, "-")) for key in keys))


def describe_budget(writer: Writer, item: KubeObject, related: Related) -> None:
    """A PodDisruptionBudget."""
    spec = mapping(item, "spec")
    writer.heading(item)
    if "minAvailable" in spec:
        writer.field("Min available", spec["minAvailable"])
    elif "maxUnavailable" in spec:
        writer.field("Max unavailable", spec["maxUnavailable"])
    writer.field("Selector", format_selector(spec["selector"]) if "selector" in spec else UNSET)
    writer.line("Status:")
    for title, key in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        writer.field(title, number(item, "status", key), 2)


def describe_autoscaler(writer: Writer, item: KubeObject, related: Related) -> None:
    """A HorizontalPodAutoscaler with its metrics and conditions."""
    spec, status = mapping(item, "spec"), mapping(item, "status")
    target = mapping(spec, "scaleTargetRef")
    least = spec.get("minReplicas")
    writer.heading(item)
    writer.metadata(item)
    writer.field("CreationTimestamp", write_time(part(item, "metadata", "creationTimestamp")))
    writer.field("Reference", f"{target.get('kind')}/{target.get('name')}")
    writer.field("Metrics", "( current / target )")
    for metric, current in list_metrics(item):
        writer.line(_tell_metric(metric, current), 1)
    writer.field("Min replicas", UNSET if least is None else least)
    writer.field("Max replicas", number(spec, "maxReplicas"))
    _describe_behavior(writer, mapping(spec, "behavior"))
    counts = f"{number(status, 'currentReplicas')} current / {number(status, 'desiredReplicas')} desired"
    writer.field(f"{target.get('kind')} pods", counts)
    if conditions := entries(status, "conditions"):
        writer.line("Conditions:")
        keys = ("type", "status", "reason", "message")
        writer.table("Type|Status|Reason|Message", [[c.get(key, "") for key in keys] for c in conditions])


def _tell_metric(metric: dict[str, Any], current: dict[str, Any]) -> str:
    kind, source = metric.get("type"), source_of(metric)
    target, now = mapping(source, "target"), mapping(source_of(current), "current")
    name, value = part(source, "metric", "name"), str(now.get("value", UNKNOWN))
    average = str(now.get("averageValue", UNKNOWN))
    match kind:
        case "Pods":
            return f'"{name}" on pods:\t{average} / {target.get("averageValue")}'
        case "Resource" | "ContainerResource":
            where = f' of container "{source.get("container")}"' if kind == "ContainerResource" else ""
            head = f"resource {source.get('name')}{where} on pods"
            if "averageValue" in target:
                return f"{head}:\t{average} / {target['averageValue']}"
            used = now.get("averageUtilization")
            share = UNKNOWN if used is None else f"{used}% ({average})"
            wanted = target.get("averageUtilization")
            goal = "<auto>" if wanted is None else f"{wanted}%"
            return f"{head}  (as a percentage of request):\t{share} / {goal}"
        case "Object" | "External":
            what = mapping(source, "describedObject")
            on = f" on {what.get('kind')}/{what.get('name')}" if what else ""
            if "averageValue" in target:
                return f'"{name}"{on} (target average value):\t{average} / {target["averageValue"]}'
            return f'"{name}"{on} (target value):\t{value} / {target.get("value")}'
    return f'<unknown metric type "{kind}">'


def _describe_behavior(writer: Writer, behavior: dict[str, Any]) -> None:
    if behavior:
        writer.line("Behavior:")
    for title, key in (("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")):
        rules = mapping(behavior, key)
        if not rules:
            continue
        writer.line(f"{title}:", 1)
        if "stabilizationWindowSeconds" in rules:
            writer.line(f"Stabilization Window: {rules['stabilizationWindowSeconds']} seconds", 2)
        if policies := entries(rules, "policies"):
            writer.line(f"Select Policy: {rules.get('selectPolicy') or 'Max'}", 2)
            writer.line("Policies:", 2)
            for policy in policies:
                text = f"- Type: {policy.get('type')}\tValue: {policy.get('value')}\t"
                writer.line(f"{text}Period: {policy.get('periodSeconds')} seconds", 3)


def describe_priority_class(writer: Writer, item: KubeObject, related: Related) -> None:
    """A PriorityClass."""
    writer.heading(item, namespaced=False)
    writer.field("Value", item.get("value", 0))
    writer.field("GlobalDefault", str(bool(item.get("globalDefault"))).lower())
    writer.field("PreemptionPolicy", item.get("preemptionPolicy") or "PreemptLowerPriority")
    writer.field("Description", item.get("description") or "")
    writer.field("Annotations", format_labels(mapping(item, "metadata", "annotations")))
