"""Trails that lead out of what may be read: what the investigation could not follow, it says."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.playbook.mentions import failing_services, find_beyond, mentioned_addresses, tells_of_connection
from agents.playbook.scene import Scene
from agents.playbook.topology import Topology
from domain.diagnosis import Diagnosis, Outcome
from domain.evidence import Evidence
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.cluster.services import find_addresses, list_workloads
from tools.cluster.snapshot import Snapshot

SETTLED = 0.8
"""From this confidence on a cause explains the trouble, and what else a workload uses is no trail."""

MOST = 5
"""Sentences on trails; who uses more than that of other namespaces gets one on the rest."""

_FORBIDDEN = re.compile(
    r"(?i)cannot \w+ resource \\?\"(?P<resource>[\w./-]+)\\?\".{0,120}?"
    r"in the namespace \\?\"(?P<space>[\w-]+)"
)


@dataclass(frozen=True)
class Departure:
    """A trail from an object that was seen to one in a namespace that may not be read.

    Attributes:
        source: where the trail comes from.
        where: what leads there: a log, an event, a setting.
        target: where it leads.
        failing: whether the log or event says that something failed there; else it is only mentioned.
    """

    source: ObjectRef
    where: str
    target: ObjectRef
    failing: bool


def find_departures(
    snapshot: Snapshot, scope: Scope, evidence: Iterable[Evidence], diagnosis: Diagnosis
) -> tuple[str, ...]:
    """A sentence on each trail that leaves the bounds on the way from what was asked about.

    What is only mentioned in a setting counts where a workload was asked about and no cause is certain.
    """
    if snapshot.bounds.is_open:
        return ()
    scene = Scene(snapshot, scope, evidence)
    settled = diagnosis.outcome is Outcome.DIAGNOSED and diagnosis.confidence >= SETTLED
    mentions = bool(scope.workloads) and not settled
    trails = (*_follow_failures(scene), *(_follow_settings(scene) if mentions else ()))
    near = _Nearby(scene)
    first: dict[ObjectRef, Departure] = {}
    for trail in trails:
        if near.holds(trail.source):
            first.setdefault(trail.target, trail)
    return tuple(_tell(list(first.values()), snapshot))


class _Nearby:
    """What was asked about, and all that it needs; without a workload, the namespaces asked about."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        asked = scene.scope.workloads
        self._needed = Topology(scene).distances(asked) if asked else None

    def holds(self, ref: ObjectRef) -> bool:
        """Whether an object, or its owner, is one of them."""
        if self._needed is not None:
            return ref in self._needed or self._scene.owner(ref) in self._needed
        spaces = self._scene.scope.namespaces
        return not spaces or ref.namespace in spaces


def _follow_failures(scene: Scene) -> Iterator[Departure]:
    """From the lines and events that complain."""
    for pod, _, lines in scene.logs_seen():
        for line in lines:
            if not line.quiet:
                yield from _follow_text(line.text, pod, "its log", scene)
    for ref in scene.snapshot.refs():
        for event in scene.live_events(ref):
            if event.type == "Warning":
                yield from _follow_text(event.message, ref, f"event {event.reason}", scene)


def _follow_text(text: str, source: ObjectRef, where: str, scene: Scene) -> Iterator[Departure]:
    owner = scene.owner(source)
    if found := _FORBIDDEN.search(text):
        name = f"the RoleBindings for {found['resource']}"
        bindings = ObjectRef(kind="RoleBinding", name=name, namespace=found["space"])
        if not scene.snapshot.bounds.allow(bindings.namespace):
            yield Departure(owner, where, bindings, failing=True)
    if not tells_of_connection(text):
        return
    for address in find_addresses(text):
        if target := find_beyond(address, source.namespace, scene):
            yield Departure(owner, where, target, failing=True)
    for service in failing_services(text, source, scene):
        if target := _find_alias(service, scene):
            yield Departure(service, "its externalName", target, failing=True)


def _follow_settings(scene: Scene) -> Iterator[Departure]:
    """From the addresses in settings and in Services that are aliases."""
    for workload in list_workloads(scene.snapshot):
        ref = ObjectRef.of(workload)
        for address, where in mentioned_addresses(workload, scene.snapshot):
            if target := find_beyond(address, ref.namespace, scene):
                yield Departure(ref, where, target, failing=False)
    for service in map(ObjectRef.of, scene.snapshot.of_kind("Service")):
        if target := _find_alias(service, scene):
            yield Departure(service, "its externalName", target, failing=False)


def _find_alias(service: ObjectRef, scene: Scene) -> ObjectRef | None:
    """The Service beyond the bounds that a Service of type ExternalName stands for."""
    spec = (scene.snapshot.find(service) or {}).get("spec") or {}
    addresses = find_addresses(str(spec.get("externalName") or ""))
    return next((found for a in addresses if (found := find_beyond(a, service.namespace, scene))), None)


def _tell(trails: list[Departure], snapshot: Snapshot) -> Iterator[str]:
    trails.sort(key=lambda trail: not trail.failing)
    excluded = f"which {snapshot.bounds.setting} does not include"
    for trail in trails[:MOST]:
        what = f"Service {trail.target.name}" if trail.target.kind == "Service" else trail.target.name
        yield (
            f"The trail leads from {trail.source} ({trail.where}) to {what} in namespace"
            f" {trail.target.namespace}, {excluded}."
        )
    if rest := trails[MOST:]:
        spaces = ", ".join(sorted({trail.target.namespace for trail in rest}))
        yield f"{len(rest)} more trails lead to namespaces ({spaces}) that may not be read."
