"""Workloads with fewer Pods than they want: scaled away, paused, or not available."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from agents.playbook.analyzers.registry import analyzer, once_a_scene
from agents.playbook.mentions import failing_services, mentioned_addresses
from agents.playbook.scene import Match, Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import read_condition
from tools.cluster.services import list_workloads, selected_workloads
from tools.cluster.times import BEGINNING, parse_time

RECENT = timedelta(hours=1)
"""A Deployment with a Service that was scaled to zero this lately is suspicious before anyone complains."""

_SCALABLE = ("Deployment", "StatefulSet", "ReplicaSet")


def _wanted(workload: KubeObject) -> int:
    spec, status = workload.get("spec") or {}, workload.get("status") or {}
    if workload.get("kind") == "DaemonSet":
        return int(status.get("desiredNumberScheduled") or 0)
    replicas = spec.get("replicas")
    return 1 if replicas is None else int(replicas)


def _ready(workload: KubeObject) -> int:
    status = workload.get("status") or {}
    field = "numberReady" if workload.get("kind") == "DaemonSet" else "readyReplicas"
    return int(status.get(field) or 0)


@analyzer("workload-unavailable")
def find_unavailable(scene: Scene) -> Iterator[Match]:
    """Workloads with fewer ready Pods than wanted, or whose roll-out makes no progress."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        wanted, ready = _wanted(workload), _ready(workload)
        stuck = read_condition(workload, "Progressing").get("reason") == "ProgressDeadlineExceeded"
        running = workload.get("kind") not in ("Job", "CronJob")
        if not running or (ready >= wanted and not stuck and not _has_stray(workload)):
            continue
        text = f"{ref.kind} {ref.name} has {ready} of {wanted} Pods ready"
        if stuck:
            text += "; its roll-out exceeded the progress deadline"
        variables = {"ready": str(ready), "wanted": str(wanted)}
        yield Match(ref, variables, (scene.note(ref, text),), object=ref)


def _has_stray(workload: KubeObject) -> bool:
    """A roll-out under way whose new Pods are not available yet, while the old ones still are."""
    status = workload.get("status") or {}
    return workload.get("kind") == "Deployment" and int(status.get("unavailableReplicas") or 0) > 0


@analyzer("scaled-to-zero")
def find_scaled_away(scene: Scene) -> Iterator[Match]:
    """Workloads at zero replicas. Parking one is legal: it counts by who misses it."""
    for kind in _SCALABLE:
        for workload in scene.snapshot.of_kind(kind):
            ref = ObjectRef.of(workload)
            if _wanted(workload) == 0 and scene.owner(ref) == ref:
                yield _tell_scaled(ref, workload, scene)


def _tell_scaled(ref: ObjectRef, workload: KubeObject, scene: Scene) -> Match:
    services = [
        ObjectRef.of(service)
        for service in scene.snapshot.of_kind("Service", ref.namespace)
        if any(ObjectRef.of(w) == ref for w in selected_workloads(service, scene.snapshot))
    ]
    asked = ref in scene.scope.workloads or any(service in scene.scope.workloads for service in services)
    missed = asked or any(service in _services_missed(scene) for service in services)
    named = any(service in _services_named(scene) for service in services)
    event = next(
        (e for e in reversed(scene.snapshot.events_about(ref)) if e.reason == "ScalingReplicaSet"), None
    )
    fresh = bool(services and event and scene.now - event.last < RECENT)
    confidence = 0.9 if missed else 0.5 if named or fresh else 0.2
    evidence = [scene.note(ref, f"{ref.kind} {ref.name} has spec.replicas 0")]
    if event:
        evidence.append(scene.note_event(event))
    return Match(ref, {}, tuple(evidence), object=ref, confidence=confidence)


@once_a_scene
def _services_missed(scene: Scene) -> set[ObjectRef]:
    return {
        service
        for pod, _, lines in scene.logs_seen()
        for line in lines
        if not line.quiet
        for service in failing_services(line.text, pod, scene)
    }


@once_a_scene
def _services_named(scene: Scene) -> set[ObjectRef]:
    return {
        service
        for workload in list_workloads(scene.snapshot)
        for address, _ in mentioned_addresses(workload, scene.snapshot)
        if address.is_explicit and (service := address.service(ObjectRef.of(workload).namespace))
    }


@analyzer("job-failed")
def find_failed_jobs(scene: Scene) -> Iterator[Match]:
    """Jobs that gave up."""
    for job in scene.snapshot.of_kind("Job"):
        condition = read_condition(job, "Failed")
        if condition.get("status") != "True" or _was_made_good(job, scene):
            continue
        ref = ObjectRef.of(job)
        reason, message = str(condition.get("reason") or ""), str(condition.get("message") or "")
        variables = {"reason": reason, "message": message}
        yield Match(
            ref, variables, (scene.note(ref, f"Job {ref.name} failed: {reason}: {message}"),), object=ref
        )


def _was_made_good(job: KubeObject, scene: Scene) -> bool:
    """Whether the same CronJob has run well since."""
    ref = ObjectRef.of(job)
    owner = scene.owner(ref)
    later = [run for run in scene.snapshot.children(owner) if _created(run) > _created(job)]
    return owner != ref and any(read_condition(run, "Complete").get("status") == "True" for run in later)


def _created(item: KubeObject) -> datetime:
    return parse_time((item.get("metadata") or {}).get("creationTimestamp")) or BEGINNING
