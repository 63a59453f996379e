"""Rows of what runs Pods: Deployments and their like, Jobs, CronJobs, autoscalers."""

import re
from collections.abc import Callable

from tools.importers.transcript.ages import parse_age
from tools.importers.transcript.columns import Cells
from tools.importers.transcript.described.selectors import read_selector
from tools.importers.transcript.objects import prune, read_number, read_text, read_words
from tools.importers.transcript.section import Raw

_READY = re.compile(r"(\d{1,6})/(\d{1,6})")
_TARGET = re.compile(r"(?<!\S)(?:([\w-]+): )?(\S+)/(\d{1,6})%")


def _read_ready(cells: Cells) -> tuple[int | None, int | None]:
    found = _READY.fullmatch(cells.get("READY", ""))
    return (int(found[1]), int(found[2])) if found else (None, None)


def _template(cells: Cells) -> Raw:
    """Template and selector from the columns of ``-o wide``."""
    names, images = read_words(cells.get("CONTAINERS", "")), read_words(cells.get("IMAGES", ""))
    images += [""] * (len(names) - len(images))
    containers = [prune({"name": name, "image": image}) for name, image in zip(names, images, strict=False)]
    selector = read_selector(read_text(cells.get("SELECTOR", "")))
    template: Raw = {}
    if containers:
        template = {
            "metadata": prune({"labels": selector.get("matchLabels")}),
            "spec": {"containers": containers},
        }
    return prune({"selector": selector, "template": template})


def _read_deployment(cells: Cells) -> Raw:
    ready, desired = _read_ready(cells)
    status = {
        "readyReplicas": ready,
        "updatedReplicas": read_number(cells.get("UP-TO-DATE", "")),
        "availableReplicas": read_number(cells.get("AVAILABLE", "")),
    }
    return {"spec": _template(cells) | prune({"replicas": desired}), "status": prune(status)}


def _read_statefulset(cells: Cells) -> Raw:
    ready, desired = _read_ready(cells)
    return {
        "spec": _template(cells) | prune({"replicas": desired}),
        "status": prune({"readyReplicas": ready}),
    }


def _read_replicaset(cells: Cells) -> Raw:
    status = {
        "replicas": read_number(cells.get("CURRENT", "")),
        "readyReplicas": read_number(cells.get("READY", "")),
    }
    spec = _template(cells) | prune({"replicas": read_number(cells.get("DESIRED", ""))})
    return {"spec": spec, "status": prune(status)}


def _read_daemonset(cells: Cells) -> Raw:
    columns = {
        "desiredNumberScheduled": "DESIRED",
        "currentNumberScheduled": "CURRENT",
        "numberReady": "READY",
        "updatedNumberScheduled": "UP-TO-DATE",
        "numberAvailable": "AVAILABLE",
    }
    return {
        "spec": _template(cells),
        "status": prune({field: read_number(cells.get(name, "")) for field, name in columns.items()}),
    }


_JOB_CONDITIONS = {
    "Complete": "Complete",
    "Failed": "Failed",
    "Suspended": "Suspended",
    "FailureTarget": "FailureTarget",
}


def _read_job(cells: Cells) -> Raw:
    found = _READY.fullmatch(cells.get("COMPLETIONS", ""))
    status = prune({"succeeded": int(found[1]) if found else None})
    if kind := _JOB_CONDITIONS.get(cells.get("STATUS", "")):
        status["conditions"] = [{"type": kind, "status": "True"}]
    return {
        "spec": _template(cells) | prune({"completions": int(found[2]) if found else None}),
        "status": status,
    }


def _read_cronjob(cells: Cells) -> Raw:
    spec = {"schedule": cells.get("SCHEDULE", ""), "suspend": cells.get("SUSPEND", "").lower() == "true"}
    return {"spec": spec, "status": prune({"lastScheduleTime": parse_age(cells.get("LAST SCHEDULE", ""))})}


def _read_autoscaler(cells: Cells) -> Raw:
    kind, _, name = cells.get("REFERENCE", "").partition("/")
    metrics, current = [], []
    for resource, used, target in _TARGET.findall(cells.get("TARGETS", "")):
        about = {"name": resource or "cpu"}
        wanted = {"type": "Utilization", "averageUtilization": int(target)}
        metrics.append({"type": "Resource", "resource": about | {"target": wanted}})
        if (number := read_number(used.rstrip("%"))) is not None:
            current.append(
                {"type": "Resource", "resource": about | {"current": {"averageUtilization": number}}}
            )
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
        "minReplicas": read_number(cells.get("MINPODS", "")),
        "maxReplicas": read_number(cells.get("MAXPODS", "")),
        "metrics": metrics,
    }
    status = {"currentReplicas": read_number(cells.get("REPLICAS", "")), "currentMetrics": current}
    return {"spec": prune(spec), "status": prune(status)}


WORKLOADS: dict[str, Callable[[Cells], Raw]] = {
    "Deployment": _read_deployment,
    "StatefulSet": _read_statefulset,
    "ReplicaSet": _read_replicaset,
    "ReplicationController": _read_replicaset,
    "DaemonSet": _read_daemonset,
    "Job": _read_job,
    "CronJob": _read_cronjob,
    "HorizontalPodAutoscaler": _read_autoscaler,
}
