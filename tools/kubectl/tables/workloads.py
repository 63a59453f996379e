"""The tables of what makes Pods: Deployments, Jobs and their like, and what scales or guards them."""

from datetime import datetime

from domain.objects import KubeObject
from tools.cluster.pods import read_condition
from tools.cluster.times import parse_time
from tools.kubectl.tables.columns import Cells, Printer, age_of, entries, mapping, name_of, number, part
from tools.kubectl.tables.formats import format_bool, format_containers, format_labels, format_selector
from tools.kubectl.tables.metrics import format_metrics
from tools.kubectl.text import NONE, UNSET, tell_age, tell_span


def _desired(item: KubeObject) -> int:
    """``spec.replicas``; the API server defaults it to 1."""
    replicas = part(item, "spec", "replicas")
    return 1 if replicas is None else int(replicas)


def _template(item: KubeObject) -> tuple[str, str]:
    return format_containers(part(item, "spec", "template", "spec"))


def _fill_deployment(item: KubeObject, now: datetime) -> Cells:
    return (
        name_of(item),
        f"{number(item, 'status', 'readyReplicas')}/{_desired(item)}",
        number(item, "status", "updatedReplicas"),
        number(item, "status", "availableReplicas"),
        age_of(item, now),
        *_template(item),
        format_selector(part(item, "spec", "selector")),
    )


def _fill_replicaset(item: KubeObject, now: datetime) -> Cells:
    selector = mapping(item, "spec", "selector")
    is_controller = item.get("kind") == "ReplicationController"
    return (
        name_of(item),
        _desired(item),
        number(item, "status", "replicas"),
        number(item, "status", "readyReplicas"),
        age_of(item, now),
        *_template(item),
        format_labels(selector) if is_controller else format_selector(selector),
    )


def _fill_statefulset(item: KubeObject, now: datetime) -> Cells:
    ready = f"{number(item, 'status', 'readyReplicas')}/{_desired(item)}"
    return (name_of(item), ready, age_of(item, now), *_template(item))


def _fill_daemonset(item: KubeObject, now: datetime) -> Cells:
    status = mapping(item, "status")
    return (
        name_of(item),
        number(status, "desiredNumberScheduled"),
        number(status, "currentNumberScheduled"),
        number(status, "numberReady"),
        number(status, "updatedNumberScheduled"),
        number(status, "numberAvailable"),
        format_labels(part(item, "spec", "template", "spec", "nodeSelector")),
        age_of(item, now),
        *_template(item),
        format_selector(part(item, "spec", "selector")),
    )


def tell_job_status(job: KubeObject) -> str:
    """``Complete``, ``Failed``, ``Running``, ..."""
    known = {"Complete": "Complete", "Failed": "Failed"}
    late = {
        "Suspended": "Suspended",
        "FailureTarget": "FailureTarget",
        "SuccessCriteriaMet": "SuccessCriteriaMet",
    }
    for kind, word in known.items():
        if read_condition(job, kind).get("status") == "True":
            return word
    if part(job, "metadata", "deletionTimestamp"):
        return "Terminating"
    return next(
        (word for kind, word in late.items() if read_condition(job, kind).get("status") == "True"), "Running"
    )


def _fill_job(item: KubeObject, now: datetime) -> Cells:
    completions, parallelism = part(item, "spec", "completions"), number(item, "spec", "parallelism")
    done = f"{number(item, 'status', 'succeeded')}/{1 if completions is None else completions}"
    if completions is None and parallelism > 1:
        done += f" of {parallelism}"
    return (
        name_of(item),
        tell_job_status(item),
        done,
        tell_job_duration(item, now),
        age_of(item, now),
        *_template(item),
        format_selector(part(item, "spec", "selector")),
    )


def tell_job_duration(job: KubeObject, now: datetime) -> str:
    """How long a Job ran, or runs; empty before it started."""
    start = parse_time(part(job, "status", "startTime"))
    end = parse_time(part(job, "status", "completionTime")) or now
    return tell_span((end - start).total_seconds()) if start else ""


def _fill_cronjob(item: KubeObject, now: datetime) -> Cells:
    last = part(item, "status", "lastScheduleTime")
    template = part(item, "spec", "jobTemplate", "spec")
    return (
        name_of(item),
        part(item, "spec", "schedule"),
        part(item, "spec", "timeZone") or NONE,
        format_bool(part(item, "spec", "suspend")),
        len(entries(item, "status", "active")),
        tell_age(last, now) if last else NONE,
        age_of(item, now),
        *format_containers(part(template, "template", "spec")),
        format_selector(part(template, "selector")),
    )


def _fill_autoscaler(item: KubeObject, now: datetime) -> Cells:
    target = mapping(item, "spec", "scaleTargetRef")
    least = part(item, "spec", "minReplicas")
    return (
        name_of(item),
        f"{target.get('kind')}/{target.get('name')}",
        format_metrics(item),
        UNSET if least is None else least,
        number(item, "spec", "maxReplicas"),
        number(item, "status", "currentReplicas"),
        age_of(item, now),
    )


def _fill_budget(item: KubeObject, now: datetime) -> Cells:
    least, most = part(item, "spec", "minAvailable"), part(item, "spec", "maxUnavailable")
    return (
        name_of(item),
        "N/A" if least is None else least,
        "N/A" if most is None else most,
        number(item, "status", "disruptionsAllowed"),
        age_of(item, now),
    )


def _fill_revision(item: KubeObject, now: datetime) -> Cells:
    owners = entries(item, "metadata", "ownerReferences")
    owner = next((o for o in owners if o.get("controller")), None)
    group = (owner or {}).get("apiVersion", "").rpartition("/")[0]
    kind = (owner or {}).get("kind", "").lower() + (f".{group}" if group else "")
    controller = f"{kind}/{owner.get('name')}" if owner else NONE
    return (name_of(item), controller, number(item, "revision"), age_of(item, now))


_TEMPLATE = "+CONTAINERS|+IMAGES|+SELECTOR"
WORKLOADS = {
    "Deployment": Printer.of(f"NAME|READY|UP-TO-DATE|AVAILABLE|AGE|{_TEMPLATE}", _fill_deployment),
    "ReplicaSet": Printer.of(f"NAME|DESIRED|CURRENT|READY|AGE|{_TEMPLATE}", _fill_replicaset),
    "ReplicationController": Printer.of(f"NAME|DESIRED|CURRENT|READY|AGE|{_TEMPLATE}", _fill_replicaset),
    "StatefulSet": Printer.of("NAME|READY|AGE|+CONTAINERS|+IMAGES", _fill_statefulset),
    "DaemonSet": Printer.of(
        f"NAME|DESIRED|CURRENT|READY|UP-TO-DATE|AVAILABLE|NODE SELECTOR|AGE|{_TEMPLATE}", _fill_daemonset
    ),
    "Job": Printer.of(f"NAME|STATUS|COMPLETIONS|DURATION|AGE|{_TEMPLATE}", _fill_job),
    "CronJob": Printer.of(
        f"NAME|SCHEDULE|TIMEZONE|SUSPEND|ACTIVE|LAST SCHEDULE|AGE|{_TEMPLATE}", _fill_cronjob
    ),
    "HorizontalPodAutoscaler": Printer.of(
        "NAME|REFERENCE|TARGETS|MINPODS|MAXPODS|REPLICAS|AGE", _fill_autoscaler
    ),
    "PodDisruptionBudget": Printer.of(
        "NAME|MIN AVAILABLE|MAX UNAVAILABLE|ALLOWED DISRUPTIONS|AGE", _fill_budget
    ),
    "ControllerRevision": Printer.of("NAME|CONTROLLER|REVISION|AGE", _fill_revision),
}
