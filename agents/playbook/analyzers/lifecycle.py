"""Objects that hang: init containers that wait, deletions that do not end, schedules that are off."""

from collections.abc import Iterator
from datetime import timedelta

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.last_words import quote
from agents.playbook.mentions import mentioned_addresses
from agents.playbook.scene import Match, Scene
from agents.playbook.signals import describe_container
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import list_containers
from tools.cluster.times import parse_time, tell_duration

PATIENCE = timedelta(seconds=60)
"""How long an init container may run, or a deletion take beyond its grace period, unremarked."""


@analyzer("init-container-waiting")
def find_waiting(scene: Scene) -> Iterator[Match]:
    """Init containers that have been running for long: mostly they wait for a dependency."""
    for pod in scene.snapshot.of_kind("Pod"):
        ref = ObjectRef.of(pod)
        for container in list_containers(pod):
            started = parse_time(container.running.get("startedAt"))
            if not container.init or container.sidecar or not started or scene.now - started < PATIENCE:
                continue
            last = list(scene.log_lines(ref, container.name))[-1:]
            variables = {
                **describe_container(container),
                "since": tell_duration(scene.now - started),
                "last_words": f": {quote(last)}" if last else "",
            }
            evidence = (scene.note_container(ref, container), *(scene.note_line(ref, w) for w in last))
            yield Match(ref, variables, evidence, blames=tuple(_waited_for(pod, container.name, scene)))


def _waited_for(pod: KubeObject, container: str, scene: Scene) -> Iterator[ObjectRef]:
    namespace = ObjectRef.of(pod).namespace
    for address, where in mentioned_addresses(pod, scene.snapshot):
        target = address.service(namespace)
        if target and where.endswith(f"container {container}") and scene.snapshot.find(target):
            yield target


@analyzer("deletion-stuck")
def find_stuck_deletions(scene: Scene) -> Iterator[Match]:
    """Objects whose deletion has begun and does not end: finalizers, or a node that does not answer."""
    for kind in ("Pod", "Namespace", "PersistentVolumeClaim", "PersistentVolume"):
        for item in scene.snapshot.of_kind(kind):
            meta = item.get("metadata") or {}
            since = parse_time(meta.get("deletionTimestamp"))
            if not since or scene.now - since < PATIENCE:
                continue
            ref = ObjectRef.of(item)
            held = _tell_hold(item)
            where = f" -n {ref.namespace}" if ref.namespace else ""
            text = f"{kind} {ref.name} is being deleted since {tell_duration(scene.now - since)}; {held}"
            yield Match(
                ref,
                {"since": tell_duration(scene.now - since), "held": held, "where": where},
                (scene.note(ref, text),),
                object=ref,
            )


def _tell_hold(item: KubeObject) -> str:
    """What keeps an object from going away: what a namespace says is left in it, else its finalizers."""
    conditions = (item.get("status") or {}).get("conditions") or []
    remaining = [
        str(condition.get("message") or "").strip()
        for condition in conditions
        if condition.get("status") == "True" and str(condition.get("type")).startswith("Namespace")
    ]
    finalizers = [
        *((item.get("metadata") or {}).get("finalizers") or []),
        *((item.get("spec") or {}).get("finalizers") or []),
    ]
    if remaining:
        return "; ".join(text.rstrip(".") for text in remaining)
    return f"finalizers {', '.join(finalizers)}" if finalizers else "no finalizer: its node does not answer"


@analyzer("cronjob-suspended")
def find_suspended(scene: Scene) -> Iterator[Match]:
    """CronJobs that are suspended. It is legal: it counts when the question is about them."""
    for cronjob in scene.snapshot.of_kind("CronJob"):
        ref = ObjectRef.of(cronjob)
        if (cronjob.get("spec") or {}).get("suspend"):
            asked = ref in scene.scope.workloads
            note = scene.note(ref, f"CronJob {ref.name} has spec.suspend true")
            yield Match(ref, {}, (note,), object=ref, confidence=0.9 if asked else 0.3)
