"""``kubectl describe`` of what makes Pods: Deployments, StatefulSets, DaemonSets, Jobs, ..."""

from collections import Counter

from domain.objects import KubeObject
from tools.cluster.times import parse_time
from tools.kubectl.describe.containers import describe_template
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.writer import Writer, controller_of, write_time
from tools.kubectl.tables.columns import entries, mapping, number, part
from tools.kubectl.tables.formats import (
    format_bool,
    format_labels,
    format_selector,
    storage_class_of,
)
from tools.kubectl.text import NONE, UNSET, tell_span

_HASH = "pod-template-hash"


def describe_deployment(writer: Writer, item: KubeObject, related: Related) -> None:
    """A Deployment with its strategy, template, conditions and ReplicaSets."""
    spec, status = mapping(item, "spec"), mapping(item, "status")
    writer.heading(item)
    writer.field("CreationTimestamp", write_time(part(item, "metadata", "creationTimestamp")))
    writer.metadata(item)
    writer.field("Selector", format_selector(spec.get("selector")))
    writer.field(
        "Replicas",
        f"{number(spec, 'replicas')} desired | {number(status, 'updatedReplicas')} updated | "
        f"{number(status, 'replicas')} total | {number(status, 'availableReplicas')} available | "
        f"{number(status, 'unavailableReplicas')} unavailable",
    )
    writer.field("StrategyType", part(spec, "strategy", "type") or "")
    writer.field("MinReadySeconds", number(spec, "minReadySeconds"))
    if rolling := mapping(spec, "strategy", "rollingUpdate"):
        surge = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        writer.field("RollingUpdateStrategy", surge)
    describe_template(writer, mapping(spec, "template"))
    _describe_conditions(writer, item)
    _describe_replicasets(writer, item, related.owned_by(item, "ReplicaSet"))


def _describe_replicasets(writer: Writer, deployment: KubeObject, replicasets: list[KubeObject]) -> None:
    """Which ReplicaSet has the Deployment's template, and which are left from before."""
    if not replicasets:
        return
    wanted = _template_key(deployment)
    ordered = sorted(replicasets, key=lambda r: str(part(r, "metadata", "creationTimestamp")))
    new = next((r for r in ordered if _template_key(r) == wanted), None)
    old = [r for r in ordered if r is not new]
    for title, found in (("OldReplicaSets", old), ("NewReplicaSet", [new] if new else [])):
        texts = [
            f"{part(r, 'metadata', 'name')} ({number(r, 'status', 'replicas')}/"
            f"{number(r, 'spec', 'replicas')} replicas created)"
            for r in found
        ]
        writer.field(title, ", ".join(texts) or NONE)


def _template_key(item: KubeObject) -> tuple[object, ...]:
    template = mapping(item, "spec", "template")
    labels = {k: v for k, v in mapping(template, "metadata", "labels").items() if k != _HASH}
    return (labels, mapping(template, "metadata", "annotations"), template.get("spec"))


def describe_replicaset(writer: Writer, item: KubeObject, related: Related) -> None:
    """A ReplicaSet or ReplicationController with its counts and template."""
    spec = mapping(item, "spec")
    is_controller = item.get("kind") == "ReplicationController"
    selector = spec.get("selector")
    writer.heading(item)
    writer.field("Selector", format_labels(selector) if is_controller else format_selector(selector))
    writer.metadata(item)
    writer.optional("Controlled By", controller_of(item))
    writer.field(
        "Replicas", f"{number(item, 'status', 'replicas')} current / {number(spec, 'replicas')} desired"
    )
    _describe_pods(writer, item, related)
    describe_template(writer, mapping(spec, "template"))
    _describe_conditions(writer, item)


def _describe_conditions(writer: Writer, item: KubeObject) -> None:
    """Type, status and reason."""
    conditions = entries(item, "status", "conditions")
    if not conditions:
        return
    writer.line("Conditions:")
    rows = [(f"{c.get('type')} ", c.get("status"), c.get("reason") or "") for c in conditions]
    writer.table("Type|Status|Reason", rows)


def _describe_pods(writer: Writer, item: KubeObject, related: Related) -> None:
    phases = Counter(str(part(pod, "status", "phase")) for pod in related.owned_by(item, "Pod"))
    writer.field(
        "Pods Status",
        f"{phases['Running']} Running / {phases['Pending']} Waiting / "
        f"{phases['Succeeded']} Succeeded / {phases['Failed']} Failed",
    )


def describe_statefulset(writer: Writer, item: KubeObject, related: Related) -> None:
    """A StatefulSet with its strategy, Pods, template and volume claims."""
    spec = mapping(item, "spec")
    writer.heading(item)
    writer.field("CreationTimestamp", write_time(part(item, "metadata", "creationTimestamp")))
    writer.field("Selector", format_selector(spec.get("selector")))
    writer.metadata(item)
    writer.field(
        "Replicas", f"{number(spec, 'replicas')} desired | {number(item, 'status', 'replicas')} total"
    )
    writer.field("Update Strategy", part(spec, "updateStrategy", "type") or "")
    writer.optional("Partition", part(spec, "updateStrategy", "rollingUpdate", "partition"), 1)
    _describe_pods(writer, item, related)
    describe_template(writer, mapping(spec, "template"))
    claims = entries(spec, "volumeClaimTemplates")
    writer.line("Volume Claims:" + ("" if claims else f"\t{NONE}"))
    for claim in claims:
        writer.field("Name", part(claim, "metadata", "name"), 1)
        writer.field("StorageClass", storage_class_of(claim), 1)
        writer.labels("  Labels", mapping(claim, "metadata", "labels"))
        writer.labels("  Annotations", mapping(claim, "metadata", "annotations"))
        writer.field("Capacity", part(claim, "spec", "resources", "requests", "storage") or "<default>", 1)
        writer.field("Access Modes", f"[{' '.join(entries(claim, 'spec', 'accessModes'))}]", 1)


def describe_daemonset(writer: Writer, item: KubeObject, related: Related) -> None:
    """A DaemonSet with how many nodes it should be and is on."""
    spec, status = mapping(item, "spec"), mapping(item, "status")
    writer.heading(item)
    writer.field("Selector", format_selector(spec.get("selector")))
    writer.field("Node-Selector", format_labels(part(spec, "template", "spec", "nodeSelector")))
    writer.metadata(item)
    for title, key in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        writer.line(f"{title}: {number(status, key)}")
    _describe_pods(writer, item, related)
    describe_template(writer, mapping(spec, "template"))


def describe_job(writer: Writer, item: KubeObject, related: Related) -> None:
    """A Job with its limits, times, Pods and template."""
    spec, status = mapping(item, "spec"), mapping(item, "status")
    writer.heading(item)
    writer.field("Selector", format_selector(spec.get("selector")))
    writer.metadata(item)
    writer.optional("Controlled By", controller_of(item))
    writer.optional("Parallelism", spec.get("parallelism"))
    completions = spec.get("completions")
    writer.field("Completions", UNSET if completions is None else completions)
    writer.optional("Completion Mode", spec.get("completionMode"))
    if spec.get("suspend") is not None:
        writer.field("Suspend", str(spec["suspend"]).lower())
    writer.optional("Backoff Limit", spec.get("backoffLimit"))
    writer.optional("TTL Seconds After Finished", spec.get("ttlSecondsAfterFinished"))
    _describe_job_times(writer, item)
    if spec.get("activeDeadlineSeconds") is not None:
        writer.field("Active Deadline Seconds", f"{spec['activeDeadlineSeconds']}s")
    ready = "" if status.get("ready") is None else f" ({status['ready']} Ready)"
    counts = f"{number(status, 'active')} Active{ready} / {number(status, 'succeeded')} Succeeded"
    writer.field("Pods Statuses", f"{counts} / {number(status, 'failed')} Failed")
    if spec.get("completionMode") == "Indexed":
        writer.field("Completed Indexes", str(status.get("completedIndexes") or NONE)[:60])
    describe_template(writer, mapping(spec, "template"))


def _describe_job_times(writer: Writer, job: KubeObject) -> None:
    status = mapping(job, "status")
    start, end = parse_time(status.get("startTime")), parse_time(status.get("completionTime"))
    if start:
        writer.field("Start Time", write_time(status["startTime"]))
    if end:
        writer.field("Completed At", write_time(status["completionTime"]))
    if start and end:
        writer.field("Duration", tell_span((end - start).total_seconds()))


def describe_cronjob(writer: Writer, item: KubeObject, related: Related) -> None:
    """A CronJob with its schedule, limits, template and active Jobs."""
    spec, job = mapping(item, "spec"), mapping(item, "spec", "jobTemplate", "spec")
    writer.heading(item)
    writer.metadata(item)
    writer.field("Schedule", spec.get("schedule") or "")
    writer.optional("Time Zone", spec.get("timeZone"))
    writer.field("Concurrency Policy", spec.get("concurrencyPolicy") or "")
    writer.field("Suspend", format_bool(spec.get("suspend")))
    for title, value in (
        ("Successful Job History Limit", spec.get("successfulJobsHistoryLimit")),
        ("Failed Job History Limit", spec.get("failedJobsHistoryLimit")),
    ):
        writer.field(title, UNSET if value is None else value)
    deadline = spec.get("startingDeadlineSeconds")
    writer.field("Starting Deadline Seconds", UNSET if deadline is None else f"{deadline}s")
    writer.field("Selector", format_selector(job["selector"]) if job.get("selector") else UNSET)
    for title, value in (("Parallelism", job.get("parallelism")), ("Completions", job.get("completions"))):
        writer.field(title, UNSET if value is None else value)
    if job.get("activeDeadlineSeconds") is not None:
        writer.field("Active Deadline Seconds", f"{job['activeDeadlineSeconds']}s")
    describe_template(writer, mapping(job, "template"))
    last = part(item, "status", "lastScheduleTime")
    writer.field("Last Schedule Time", write_time(last) if last else UNSET)
    active = [str(j.get("name")) for j in entries(item, "status", "active")]
    writer.field("Active Jobs", ", ".join(active) or NONE)
