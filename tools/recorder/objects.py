"""Reads the objects, events and metrics of namespaces side by side."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import ClusterUnavailable, OutOfBounds, RefusedCommand
from domain.objects import KubeObject
from tools.cluster.reader import ClusterReader
from tools.recorder.kinds import CLUSTER_KINDS, choose_kinds, drop_foreign_roles, trim
from tools.recorder.progress import Progress, Stage

_EVENTS_ELSEWHERE = "default"
"""The namespace in which events about objects lie that have none, such as Nodes."""


@dataclass
class ReadObjects:
    """What was read.

    Attributes:
        objects: of all kinds, metrics too, without events.
        events: of the namespaces, and those about objects without a namespace.
        listed: (kind, namespace) of which every object was read; the namespace is empty for kinds without.
        unseen: why a kind could not be read.
    """

    objects: list[KubeObject] = field(default_factory=list)
    events: list[KubeObject] = field(default_factory=list)
    listed: set[tuple[str, str]] = field(default_factory=set)
    unseen: dict[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[KubeObject]:
        """Objects of a built-in kind."""
        return [item for item in self.objects if item["kind"] == kind]


async def read_objects(reader: ClusterReader, namespaces: Sequence[str], progress: Progress) -> ReadObjects:
    """Read everything that the namespaces hold, and what they need of the cluster.

    Raises:
        ClusterUnavailable: nothing of the namespaces can be read.
        OutOfBounds: a namespace may not be read.
    """
    kinds = choose_kinds(await reader.resources())
    jobs = [(kind, space) for space in namespaces for kind in (*kinds, "Event", "PodMetrics")]
    jobs += [(kind, "") for kind in (*CLUSTER_KINDS, "NodeMetrics")]
    stage = Stage(progress, "objects", len(jobs))
    read = ReadObjects()
    found = await asyncio.gather(*(stage.step(_read(reader, kind, space, read)) for kind, space in jobs))
    if not any(space for _, space in read.listed):
        raise ClusterUnavailable(f"The cluster cannot be recorded: {next(iter(read.unseen.values()))}")
    items = drop_foreign_roles([item for answer in found for item in answer], namespaces)
    read.objects = [trim(item) for item in items]
    read.events = [trim(item) for item in (*read.events, *await _read_events_elsewhere(reader, namespaces))]
    return read


async def _read(reader: ClusterReader, kind: str, namespace: str, read: ReadObjects) -> list[KubeObject]:
    """The objects of one kind in one place; events are put aside."""
    place = namespace or None
    try:
        if kind == "Event":
            read.events += await reader.events(place)
            items = []
        elif kind.endswith("Metrics"):
            items = await reader.top(kind.removesuffix("Metrics"), place)
        else:
            items = await reader.list(kind, place)
    except (ClusterUnavailable, RefusedCommand) as error:
        read.unseen.setdefault(kind, str(error))
        return []
    read.listed.add((kind, namespace))
    return items


async def _read_events_elsewhere(reader: ClusterReader, namespaces: Sequence[str]) -> list[KubeObject]:
    """Events about Nodes and the like, as far as they may be read."""
    if _EVENTS_ELSEWHERE in namespaces:
        return []
    try:
        events = await reader.events(_EVENTS_ELSEWHERE)
    except (ClusterUnavailable, OutOfBounds):
        return []
    return [event for event in events if not (event.get("involvedObject") or {}).get("namespace")]
