"""``kubectl describe`` of what runs Pods: Deployments and their like, Jobs, CronJobs, autoscalers."""

import re

from tools.importers.transcript.ages import parse_date
from tools.importers.transcript.described.pods import read_template
from tools.importers.transcript.described.selectors import read_selector
from tools.importers.transcript.described.tables import read_condition_table
from tools.importers.transcript.objects import prune, read_access_modes, read_map, read_number
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_COUNT = re.compile(r"(\d{1,9}) ([a-z]+)")
_ROLLING = re.compile(r"(\S+) max unavailable, (\S+) max surge")
_PODS = re.compile(r"(\d{1,9}) (Active|Succeeded|Failed|Running|Waiting)")


def _counts(text: str) -> dict[str, int]:
    """``1 desired | 1 updated | 1 total`` by word."""
    return {word: int(number) for number, word in _COUNT.findall(text)}


def _base(root: Node) -> Raw:
    template = read_template(root)
    return {"selector": read_selector(root.get("Selector"))} | prune({"template": template})


def _pods_status(root: Node) -> dict[str, int]:
    return {word: int(number) for number, word in _PODS.findall(root.get("Pods Status", "Pods Statuses"))}


def describe_deployment(root: Node) -> Raw:
    """Spec and status of a Deployment."""
    counts = _counts(root.get("Replicas"))
    rolling = _ROLLING.match(root.get("RollingUpdateStrategy"))
    strategy: Raw = {"type": root.get("StrategyType")}
    if rolling:
        strategy["rollingUpdate"] = {
            "maxUnavailable": _count_or_percent(rolling[1]),
            "maxSurge": _count_or_percent(rolling[2]),
        }
    spec = _base(root) | prune(
        {
            "replicas": counts.get("desired"),
            "strategy": prune(strategy),
            "minReadySeconds": read_number(root.get("MinReadySeconds")) or None,
            "progressDeadlineSeconds": read_number(root.get("ProgressDeadlineSeconds")),
        }
    )
    status = {
        "replicas": counts.get("total", 0),
        "updatedReplicas": counts.get("updated", 0),
        "availableReplicas": counts.get("available", 0),
        "readyReplicas": counts.get("available", 0),
        "unavailableReplicas": counts.get("unavailable", 0),
        "conditions": read_condition_table(root),
    }
    return {"spec": spec, "status": status}


def describe_replicaset(root: Node) -> Raw:
    """Spec and status of a ReplicaSet or a ReplicationController."""
    counts = _counts(root.get("Replicas"))
    spec = _base(root) | prune({"replicas": counts.get("desired")})
    status = {"replicas": counts.get("current", 0), "conditions": read_condition_table(root)}
    return {"spec": spec, "status": prune(status)}


def describe_statefulset(root: Node) -> Raw:
    """Spec and status of a StatefulSet, with its claim templates."""
    counts = _counts(root.get("Replicas"))
    claims = _read_claim_templates(root.find("Volume Claims"))
    spec = _base(root) | prune({"replicas": counts.get("desired"), "volumeClaimTemplates": claims})
    spec["updateStrategy"] = {"type": root.get("Update Strategy") or "RollingUpdate"}
    return {"spec": spec, "status": prune({"replicas": counts.get("total")})}


def _read_claim_templates(node: Node) -> list[Raw]:
    claims: list[Raw] = []
    for child in node.children:
        if child.key == "Name":
            claims.append({"metadata": {"name": child.value}, "spec": {}})
        elif claims and child.key == "StorageClass":
            claims[-1]["spec"]["storageClassName"] = child.value
        elif claims and child.key == "Capacity":
            claims[-1]["spec"]["resources"] = {"requests": {"storage": child.value}}
        elif claims and child.key == "Access Modes":
            claims[-1]["spec"]["accessModes"] = read_access_modes(child.value.strip("[]").replace(" ", ","))
    return claims


def describe_daemonset(root: Node) -> Raw:
    """Spec and status of a DaemonSet."""
    spec = _base(root)
    pods = _pods_status(root)
    numbers = {
        "desiredNumberScheduled": "Desired Number of Nodes Scheduled",
        "currentNumberScheduled": "Current Number of Nodes Scheduled",
        "updatedNumberScheduled": "Number of Nodes Scheduled with Up-to-date Pods",
        "numberAvailable": "Number of Nodes Scheduled with Available Pods",
        "numberMisscheduled": "Number of Nodes Misscheduled",
    }
    status = {field: read_number(root.get(title)) for field, title in numbers.items()}
    status["numberReady"] = (
        status["numberAvailable"] if status["numberAvailable"] is not None else pods.get("Running")
    )
    if selector := read_map(root.find("Node-Selector").lines()):
        spec.setdefault("template", {}).setdefault("spec", {}).setdefault("nodeSelector", selector)
    return {"spec": spec, "status": prune(status)}


def describe_job(root: Node) -> Raw:
    """Spec and status of a Job; the conditions are told by its events and its end."""
    spec = _base(root) | prune(
        {
            "parallelism": read_number(root.get("Parallelism")),
            "completions": read_number(root.get("Completions")),
            "backoffLimit": read_number(root.get("Backoff Limit")),
            "completionMode": root.get("Completion Mode"),
            "suspend": True if root.get("Suspend") == "true" else None,
            "activeDeadlineSeconds": read_number(root.get("Active Deadline Seconds").removesuffix("s")),
        }
    )
    pods = _pods_status(root)
    status = prune(
        {
            "startTime": parse_date(root.get("Start Time")),
            "completionTime": parse_date(root.get("Completed At")),
            "active": pods.get("Active") or None,
            "succeeded": pods.get("Succeeded") or None,
            "failed": pods.get("Failed") or None,
        }
    )
    return {"spec": spec, "status": status}


def describe_cronjob(root: Node) -> Raw:
    """Spec and status of a CronJob."""
    job = prune({"template": read_template(root), "backoffLimit": read_number(root.get("Backoff Limit"))})
    spec = prune(
        {
            "schedule": root.get("Schedule"),
            "concurrencyPolicy": root.get("Concurrency Policy"),
            "suspend": root.get("Suspend").lower() == "true",
            "successfulJobsHistoryLimit": read_number(root.get("Successful Job History Limit")),
            "failedJobsHistoryLimit": read_number(root.get("Failed Job History Limit")),
            "jobTemplate": {"spec": job},
        }
    )
    return {"spec": spec, "status": prune({"lastScheduleTime": parse_date(root.get("Last Schedule Time"))})}


_HPA_METRIC = re.compile(
    r"resource ([\w-]+) on pods(?:\s+\(as a percentage of request\))?:\s+(\S+)(?: \([^)]*\))? / (\S+)"
)


def describe_autoscaler(root: Node) -> Raw:
    """Spec and status of a HorizontalPodAutoscaler."""
    kind, _, name = root.get("Reference").partition("/")
    found = [match for line in root.find("Metrics").lines() if (match := _HPA_METRIC.search(line))]
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
        "minReplicas": read_number(root.get("Min replicas")),
        "maxReplicas": read_number(root.get("Max replicas")),
        "metrics": [_metric(match[1], "target", match[3]) for match in found],
    }
    counts = _counts(root.get(f"{kind} pods"))
    status = {
        "currentReplicas": counts.get("current"),
        "desiredReplicas": counts.get("desired"),
        "currentMetrics": [
            _metric(match[1], "current", match[2]) for match in found if match[2] != "<unknown>"
        ],
        "conditions": read_condition_table(root),
    }
    return {"spec": prune(spec), "status": prune(status)}


def _metric(resource: str, side: str, text: str) -> Raw:
    """A metric of resources: used share of the request (``80%``), or an amount."""
    share = read_number(text.removesuffix("%")) if text.endswith("%") else None
    value: Raw = {"averageValue": text} if share is None else {"averageUtilization": share}
    if side == "target":
        value["type"] = "AverageValue" if share is None else "Utilization"
    return {"type": "Resource", "resource": {"name": resource, side: value}}


def describe_disruption_budget(root: Node) -> Raw:
    """Spec and status of a PodDisruptionBudget."""
    status = root.find("Status")
    spec = prune(
        {
            "minAvailable": _count_or_percent(root.get("Min available")),
            "maxUnavailable": _count_or_percent(root.get("Max unavailable")),
            "selector": read_selector(root.get("Selector")),
        }
    )
    numbers = {
        "disruptionsAllowed": "Allowed disruptions",
        "currentHealthy": "Current",
        "desiredHealthy": "Desired",
        "expectedPods": "Total",
    }
    return {"spec": spec, "status": prune({f: read_number(status.get(t)) for f, t in numbers.items()})}


def _count_or_percent(text: str) -> int | str | None:
    number = read_number(text)
    return text if number is None else number
