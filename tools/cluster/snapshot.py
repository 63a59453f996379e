"""One look at a cluster: every object a survey needs, indexed by name, owner and kind."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import TypeVar

from domain.errors import ClusterUnavailable
from domain.objects import KubeObject, ObjectRef
from tools.cluster.bounds import EVERYWHERE, Bounds, read_bounds
from tools.cluster.coverage import Coverage, read_coverage
from tools.cluster.events import Event
from tools.cluster.reader import ClusterReader
from tools.once import once

SURVEYED_KINDS = (
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "Endpoints",
    "EndpointSlice",
    "Ingress",
    "IngressClass",
    "NetworkPolicy",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "RoleBinding",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ResourceQuota",
    "LimitRange",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PriorityClass",
    "Node",
    "Namespace",
)
"""What a survey lists, each kind once. Secrets come as keys without values from every reader."""


CLUSTER_SCOPED = {"IngressClass", "PersistentVolume", "StorageClass", "PriorityClass", "Node", "Namespace"}


MOST_NAMED = 9
"""Kinds that a sentence names."""


class Snapshot:
    """Objects and events of one moment. Everything is a look-up in memory."""

    def __init__(
        self,
        objects: Iterable[KubeObject],
        events: Iterable[KubeObject],
        now: datetime,
        unseen: Mapping[str, str] | None = None,
        cluster: str = "",
        bounds: Bounds = EVERYWHERE,
    ) -> None:
        """Index ``objects`` and ``events``; ``unseen`` says of each kind that could not be read why.

        Of what lies beyond ``bounds`` nothing was asked for, so its absence says nothing.
        """
        self.now = now
        self.cluster = cluster
        self.bounds = bounds
        self.unseen = dict(unseen or {})
        self._objects: dict[ObjectRef, KubeObject] = {ObjectRef.of(item): item for item in objects}
        self._by_kind: dict[str, list[KubeObject]] = defaultdict(list)
        self._by_place: dict[tuple[str, str], list[KubeObject]] = defaultdict(list)
        self._children: dict[ObjectRef, list[KubeObject]] = defaultdict(list)
        self._events: dict[ObjectRef, list[Event]] = defaultdict(list)
        for ref, item in self._objects.items():
            self._by_kind[ref.kind].append(item)
            self._by_place[(ref.kind, ref.namespace)].append(item)
            for owner in _owners(item):
                self._children[owner].append(item)
        for event in sorted(map(Event.of, events), key=lambda e: e.last):
            self._events[event.about].append(event)

    def __len__(self) -> int:
        """The number of objects."""
        return len(self._objects)

    def find(self, ref: ObjectRef) -> KubeObject | None:
        """The object of that name, or None."""
        return self._objects.get(ref)

    def of_kind(self, kind: str, namespace: str | None = None) -> list[KubeObject]:
        """Objects of a kind, in one namespace or all."""
        if namespace is None:
            return list(self._by_kind.get(kind, ()))
        return list(self._by_place.get((kind, namespace), ()))

    def saw(self, kind: str) -> bool:
        """Whether any object of the kind was seen: only then is the absence of one a fact."""
        return bool(self._by_kind.get(kind))

    def refs(self) -> list[ObjectRef]:
        """The names of all objects."""
        return list(self._objects)

    def events_about(self, ref: ObjectRef) -> Sequence[Event]:
        """Events about an object, oldest first."""
        return self._events.get(ref, [])

    def children(self, ref: ObjectRef) -> Sequence[KubeObject]:
        """Objects that ``ref`` owns directly."""
        return self._children.get(ref, [])

    def owner(self, ref: ObjectRef) -> ObjectRef:
        """The topmost owner that exists (Pod -> ReplicaSet -> Deployment), or ``ref`` itself."""
        seen = {ref}
        while (item := self._objects.get(ref)) is not None:
            above = [owner for owner in _owners(item) if owner in self._objects and owner not in seen]
            if not above:
                break
            ref = above[0]
            seen.add(ref)
        return ref

    def pods_of(self, ref: ObjectRef) -> list[KubeObject]:
        """The Pods that ``ref`` owns, directly or through others (or the Pod itself)."""
        if ref.kind == "Pod":
            return [pod] if (pod := self.find(ref)) else []
        found: list[KubeObject] = []
        queue, seen = [ref], {ref}
        while queue:
            for child in self.children(queue.pop()):
                child_ref = ObjectRef.of(child)
                if child_ref.kind == "Pod":
                    found.append(child)
                elif child_ref not in seen:
                    seen.add(child_ref)
                    queue.append(child_ref)
        return found


def _owners(item: KubeObject) -> list[ObjectRef]:
    meta = item.get("metadata") or {}
    owners = sorted(meta.get("ownerReferences") or [], key=lambda o: not o.get("controller"))
    namespace = meta.get("namespace") or ""
    return [
        ObjectRef(kind=o["kind"], name=o["name"], namespace="" if o["kind"] == "Node" else namespace)
        for o in owners
        if o.get("kind") and o.get("name")
    ]


Seen = TypeVar("Seen")


def remembered(
    look: Callable[[KubeObject, Snapshot], Iterable[Seen]],
) -> Callable[[KubeObject, Snapshot], tuple[Seen, ...]]:
    """Look once at each object of a snapshot: every rule asks again, in every round."""

    @once
    def remember(_: Snapshot) -> dict[ObjectRef, tuple[Seen, ...]]:
        return {}

    @wraps(look)
    def ask(item: KubeObject, snapshot: Snapshot) -> tuple[Seen, ...]:
        known, ref = remember(snapshot), ObjectRef.of(item)
        if ref not in known:
            known[ref] = tuple(look(item, snapshot))
        return known[ref]

    return ask


async def take_snapshot(reader: ClusterReader, namespaces: Sequence[str] = ()) -> Snapshot:
    """Read every surveyed kind side by side, from ``namespaces`` or (empty) from all.

    A kind that cannot be read is left out and named in ``unseen``.

    Raises:
        ClusterUnavailable: nothing at all could be read.
    """
    where: list[str | None] = list(namespaces) or [None]
    jobs = [(kind, ns) for kind in SURVEYED_KINDS for ns in ([None] if kind in CLUSTER_SCOPED else where)]
    lists = await asyncio.gather(
        *(reader.list(kind, namespace) for kind, namespace in jobs),
        *(reader.events(namespace) for namespace in where),
        return_exceptions=True,
    )
    kinds = [kind for kind, _ in jobs] + ["Event"] * len(where)
    unseen = _note_unseen(kinds, lists, read_coverage(reader))
    read = [[] if isinstance(answer, BaseException) else answer for answer in lists]
    objects = [item for answer in read[: len(jobs)] for item in answer]
    events = [item for answer in read[len(jobs) :] for item in answer]
    return Snapshot(objects, events, await reader.now(), unseen, reader.name, await read_bounds(reader))


def _note_unseen(
    kinds: Sequence[str], answers: Sequence[object], coverage: Coverage | None
) -> dict[str, str]:
    failures = {kind: a for kind, a in zip(kinds, answers, strict=True) if isinstance(a, BaseException)}
    for failure in failures.values():
        if not isinstance(failure, ClusterUnavailable):
            raise failure
    reasons = {kind: str(failure) for kind, failure in failures.items()}
    if coverage is not None:
        reasons |= {kind: why for kind in kinds if (why := coverage.explain(kind))}
    elif len(reasons) == len(set(kinds)):
        raise ClusterUnavailable(f"The cluster cannot be read: {next(iter(reasons.values()))}")
    return _tell_together(reasons)


def _tell_together(reasons: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each kind; kinds that are unseen for the same reason share one."""
    alike: dict[str, list[str]] = defaultdict(list)
    for kind, why in reasons.items():
        alike[why].append(kind)
    told = {why: f"{_join(those)} could not be read: {why}" for why, those in alike.items()}
    return {kind: told[why] for kind, why in reasons.items()}


def _join(kinds: Sequence[str]) -> str:
    if len(kinds) > MOST_NAMED:
        return f"{', '.join(kinds[:MOST_NAMED])} and {len(kinds) - MOST_NAMED} more kinds of objects"
    return " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1]))) + " objects"
