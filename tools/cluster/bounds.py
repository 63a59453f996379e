"""The part of a cluster that may be read: a reader that never looks into other namespaces."""

import asyncio
import builtins
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar, runtime_checkable

from domain.errors import ClusterUnavailable, OutOfBounds
from domain.objects import KubeObject, ObjectRef
from tools.cluster.events import Event
from tools.cluster.reader import ClusterReader, LogLine, PrintedTable, Resource, join_tables, read_table
from tools.cluster.resources import builtin_kind

REMEMBERED_SECONDS = 60.0
"""How long the list of namespaces is believed."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bounds:
    """Which namespaces of a cluster may be read.

    Attributes:
        cluster: the name of the cluster in ``kubewhy.toml``.
        namespaces: names, in which ``*`` stands for any characters; empty: every namespace.
        outside: namespaces that are known to exist and may not be read.
        idle: those of ``namespaces`` that are known to match no namespace.
        drawn_by: what draws the bounds, for sentences; by default the setting.
    """

    cluster: str = ""
    namespaces: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()
    idle: tuple[str, ...] = ()
    drawn_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether every namespace may be read."""
        return not self.namespaces

    @property
    def has_patterns(self) -> bool:
        """Whether the namespaces have to be looked up."""
        return any("*" in name for name in self.namespaces)

    @property
    def setting(self) -> str:
        """What draws the bounds, for sentences."""
        return self.drawn_by or f"`namespaces` of cluster {self.cluster} in kubewhy.toml"

    def allow(self, namespace: str) -> bool:
        """Whether a namespace may be read."""
        return self.is_open or any(fnmatchcase(namespace, name) for name in self.namespaces)

    def check(self, namespace: str) -> None:
        """Let an allowed namespace pass.

        Raises:
            OutOfBounds: it is not allowed.
        """
        if not self.allow(namespace):
            raise OutOfBounds(
                f"Namespace {namespace!r} is not read: {self.setting} allows {', '.join(self.namespaces)}."
            )


EVERYWHERE = Bounds()
"""No bounds."""


@runtime_checkable
class BoundedReader(Protocol):
    """What a ``ClusterReader`` may be besides: one that shows some namespaces only."""

    async def bounds(self) -> Bounds:
        """Which these are, and what is known of others."""
        ...


async def read_bounds(reader: ClusterReader) -> Bounds:
    """``BoundedReader.bounds`` of a reader that has it; no bounds for one that shows every namespace."""
    return await reader.bounds() if isinstance(reader, BoundedReader) else EVERYWHERE


class BoundedCluster:
    """A ``ClusterReader`` that shows what lies within bounds, and asks ``reader`` for nothing else.

    A list over all namespaces is one of each allowed namespace. Kinds that have no namespace (nodes,
    volumes, storage classes) are shown whole, but for Namespaces: of these only the allowed ones. Each method
    raises ``OutOfBounds`` for another namespace. Events about nodes lie in namespace ``default``: they are
    seen where that is allowed.
    """

    def __init__(self, reader: ClusterReader, bounds: Bounds) -> None:
        """Draw ``bounds`` around a reader."""
        self._reader = reader
        self._bounds = bounds
        self._known: builtins.list[str] = []
        self._known_since = float("-inf")
        self._looking_up = asyncio.Lock()

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        return self._reader.name

    async def bounds(self) -> Bounds:
        """The bounds, with the namespaces beyond them as far as these can be listed."""
        try:
            known = await self._look_up()
        except ClusterUnavailable:
            return self._bounds
        outside = frozenset(name for name in known if not self._bounds.allow(name))
        idle = tuple(p for p in self._bounds.namespaces if not any(fnmatchcase(name, p) for name in known))
        return replace(self._bounds, outside=outside, idle=idle)

    async def allowed(self) -> builtins.list[str]:
        """The namespaces that may be read; those that ``*`` stands for are looked up.

        Raises:
            ClusterUnavailable: they have to be looked up, and that is not possible.
        """
        if not self._bounds.has_patterns:
            return sorted(self._bounds.namespaces)
        try:
            return [name for name in await self._look_up() if self._bounds.allow(name)]
        except ClusterUnavailable as error:
            raise ClusterUnavailable(
                f"Which namespaces {self._bounds.setting} allows with * is not known: {error}"
            ) from error

    async def now(self) -> datetime:
        """The cluster's present, timezone-aware."""
        return await self._reader.now()

    async def resources(self) -> builtins.list[Resource]:
        """Every resource type served, custom ones included."""
        return await self._reader.resources()

    async def version(self) -> str:
        """The server's gitVersion."""
        return await self._reader.version()

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind, by namespace and name."""

        def read(space: str | None) -> Awaitable[builtins.list[KubeObject]]:
            return self._reader.list(kind, space, labels=labels, fields=fields)

        lists = await self._read_each(kind, namespace, read)
        return [item for items in lists for item in items if self._shows(ObjectRef.of(item))]

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object.

        Raises:
            NotFound: there is none of that name.
        """
        if kind == "Namespace":
            self._bounds.check(name)
        elif await self._is_namespaced(kind):
            self._bounds.check(namespace)
        return await self._reader.get(kind, name, namespace)

    async def table(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        name: str = "",
        labels: str = "",
        fields: str = "",
        whole: bool = False,
    ) -> PrintedTable | None:
        """Objects as the server prints them; see ``TableReader``."""
        if kind == "Namespace" and name:
            self._bounds.check(name)

        def read(space: str | None) -> Awaitable[PrintedTable | None]:
            return read_table(self._reader, kind, space, name=name, labels=labels, fields=fields, whole=whole)

        joined = join_tables(await self._read_each(kind, namespace, read))
        if joined is None:
            return None
        rows = tuple(row for row in joined.rows if self._shows(ObjectRef.of(row.object)))
        return joined.model_copy(update={"rows": rows})

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Events, oldest first."""
        where = namespace or (about.namespace if about else "")
        lists = await self._read_each("Event", where, lambda space: self._reader.events(space, about))
        return sorted((item for items in lists for item in items), key=lambda item: Event.of(item).last)

    async def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: datetime | None = None,
    ) -> builtins.list[LogLine]:
        """A container's log, oldest line first.

        Raises:
            NotFound: no such Pod or container, or it has no (previous) log.
        """
        self._bounds.check(namespace)
        return await self._reader.logs(pod, namespace, container, previous=previous, tail=tail, since=since)

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """``PodMetrics`` or ``NodeMetrics`` objects for kind ``Pod`` or ``Node``."""
        lists = await self._read_each(kind, namespace, lambda space: self._reader.top(kind, space))
        return [item for items in lists for item in items]

    async def _read_each(
        self, kind: str, namespace: str | None, read: Callable[[str | None], Awaitable[Answer]]
    ) -> builtins.list[Answer]:
        """What ``read`` says of the namespace, or of every allowed one side by side."""
        if not await self._is_namespaced(kind):
            return [await read(None)]
        if namespace:
            self._bounds.check(namespace)
            return [await read(namespace)]
        return builtins.list(await asyncio.gather(*map(read, await self.allowed())))

    def _shows(self, ref: ObjectRef) -> bool:
        """Whether an object may be shown; what a server answers is not taken on trust."""
        space = ref.name if ref.kind == "Namespace" else ref.namespace
        return not space or self._bounds.allow(space)

    async def _is_namespaced(self, kind: str) -> bool:
        """A kind that nobody knows counts as one: then it is looked for within the bounds."""
        if known := builtin_kind(kind):
            return known.namespaced
        found = (r for r in await self._reader.resources() if kind in (r.kind, f"{r.kind}.{r.group}"))
        return all(resource.namespaced for resource in found)

    async def _look_up(self) -> builtins.list[str]:
        """The names of all namespaces; callers that come at once share one look."""
        async with self._looking_up:
            if time.monotonic() - self._known_since > REMEMBERED_SECONDS:
                found = await self._reader.list("Namespace")
                self._known = sorted(ObjectRef.of(item).name for item in found)
                self._known_since = time.monotonic()
            return self._known
