"""Where to look besides the words of the question: known failures, and what the named workloads need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from agents.playbook.mentions import mentioned_addresses
from agents.playbook.scene import Scene
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope, TimeWindow
from tools.cluster.pods import list_containers
from tools.cluster.services import WORKLOAD_KINDS, selected_workloads
from tools.cluster.snapshot import Snapshot
from tools.cluster.times import parse_time

MOST_UNWELL = 8
MOST_NEEDED = 8
BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=1)
"""The stretch around a failure in which its logs say why."""


class Lead(BaseModel):
    """Pods whose logs may tell more, and when: names, or prefixes ending in ``*``, of one namespace.

    Without a window, that of the question counts.
    """

    model_config = ConfigDict(frozen=True)

    namespace: str
    pods: tuple[str, ...]
    reason: str
    window: TimeWindow | None = None


def find_leads(scope: Scope, snapshot: Snapshot, only: Sequence[str] = ()) -> tuple[Lead, ...]:
    """Pods in scope that are not well, each around the time it failed, and what the named workloads need.

    What is needed may lie in another namespace; in ``only`` those to which a person limits the look.
    """
    scene = Scene(snapshot, scope)
    needed = (ref for ref in find_needed(scope.workloads, scene) if not only or ref.namespace in only)
    by_namespace: dict[str, list[ObjectRef]] = defaultdict(list)
    for ref in needed:
        by_namespace[ref.namespace].append(ref)
    return (
        *_note_unwell(scene),
        *(_lead_to(namespace, refs, "needed") for namespace, refs in by_namespace.items()),
    )


def _lead_to(namespace: str, refs: Iterable[ObjectRef], reason: str) -> Lead:
    return Lead(namespace=namespace, pods=pod_patterns(refs), reason=reason)


def pod_patterns(workloads: Iterable[ObjectRef]) -> tuple[str, ...]:
    """``name-*`` for what owns Pods (they are named after it), the bare name for a Pod, else nothing."""
    owners = {f"{ref.name}-*": None for ref in workloads if ref.kind in WORKLOAD_KINDS}
    return (*owners, *dict.fromkeys(ref.name for ref in workloads if ref.kind == "Pod"))


def _note_unwell(scene: Scene) -> Iterator[Lead]:
    """One lead for each troubled Pod with a known moment; that may lie before the question's window."""
    spaces = scene.scope.namespaces
    unwell = [pod for pod in scene.unwell_pods if not spaces or ObjectRef.of(pod).namespace in spaces]
    for pod in unwell[:MOST_UNWELL]:
        ref = ObjectRef.of(pod)
        window = _surround(_find_failure(pod, scene))
        yield Lead(namespace=ref.namespace, pods=(ref.name,), reason="not well", window=window)


def _find_failure(pod: KubeObject, scene: Scene) -> datetime | None:
    """When the Pod failed last, by its containers or else by the warnings about it."""
    ends = [parse_time(container.ended.get("finishedAt")) for container in list_containers(pod)]
    if known := [end for end in ends if end]:
        return max(known)
    warned = [e.last for e in scene.live_events(ObjectRef.of(pod)) if e.type == "Warning"]
    return max(warned, default=None)


def _surround(moment: datetime | None) -> TimeWindow | None:
    return TimeWindow(start=moment - BEFORE, end=moment + AFTER) if moment else None


def find_needed(workloads: Iterable[ObjectRef], scene: Scene) -> list[ObjectRef]:
    """The workloads behind the Services that these are told of, and what those need: two steps at most."""
    start = [ref for named in workloads for ref in _resolve(named, scene.snapshot)]
    found: dict[ObjectRef, None] = {}
    for ref in _list_needed(start, scene):
        found[ref] = None
    for ref in _list_needed(list(found), scene):
        found[ref] = None
    return [ref for ref in found if ref not in start][:MOST_NEEDED]


def _list_needed(refs: Iterable[ObjectRef], scene: Scene) -> Iterator[ObjectRef]:
    for ref in refs:
        workload = scene.snapshot.find(ref)
        for address, _ in mentioned_addresses(workload, scene.snapshot) if workload else ():
            target = address.service(ref.namespace)
            yield from _resolve(target, scene.snapshot) if target else ()


def _resolve(ref: ObjectRef, snapshot: Snapshot) -> list[ObjectRef]:
    """The workloads that run what is named: those behind a Service, the owner of a Pod."""
    item = snapshot.find(ref)
    if item is None:
        return []
    if ref.kind == "Service":
        return [ObjectRef.of(workload) for workload in selected_workloads(item, snapshot)]
    owner = snapshot.owner(ref)
    return [owner] if owner.kind in WORKLOAD_KINDS or owner.kind == "Pod" else []
