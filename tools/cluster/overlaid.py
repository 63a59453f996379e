"""A cluster with what somebody pasted of it laid over."""

import builtins
from contextlib import suppress
from datetime import datetime

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import KubeObject, ObjectRef
from tools.cluster.bounds import Bounds, read_bounds
from tools.cluster.coverage import Coverage, read_coverage
from tools.cluster.events import Event
from tools.cluster.reader import ClusterReader, LogLine, PrintedTable, Resource, read_table
from tools.cluster.recorded import RecordedCluster

PASSING = frozenset(("Pod", "ReplicaSet", "Job"))
"""Kinds whose objects come and go by themselves: one that is gone may still be what a question is about."""


class OverlaidCluster:
    """A ``ClusterReader`` that also knows what was pasted, where the cluster itself does not.

    The cluster is believed first. What was pasted counts for kinds that cannot be read, for events and logs
    that are not there any more, and for Pods and the like that are gone; any other object that the cluster
    does not have does not exist.
    """

    def __init__(self, reader: ClusterReader, pasted: RecordedCluster) -> None:
        """Lay ``pasted`` over ``reader``."""
        self._reader = reader
        self._pasted = pasted
        self.added: set[ObjectRef] = set()
        """The objects that were shown from what was pasted."""

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        return self._reader.name

    @property
    def coverage(self) -> Coverage | None:
        """What the cluster's reader holds whole."""
        return read_coverage(self._reader)

    async def bounds(self) -> Bounds:
        """The namespaces of the cluster that may be read."""
        return await read_bounds(self._reader)

    async def now(self) -> datetime:
        """The cluster's present."""
        return await self._reader.now()

    async def resources(self) -> builtins.list[Resource]:
        """Every resource type served."""
        return await self._reader.resources()

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind; those that were pasted and are gone come last."""
        pasted = await self._list_pasted(kind, namespace, labels=labels, fields=fields)
        try:
            found = await self._reader.list(kind, namespace, labels=labels, fields=fields)
        except ClusterUnavailable:
            if not pasted:
                raise
            return self._add(pasted)
        if not pasted or kind not in PASSING:
            return found
        known = {ObjectRef.of(item).name for item in await self._reader.list(kind, namespace)}
        return [*found, *self._add([item for item in pasted if ObjectRef.of(item).name not in known])]

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object.

        Raises:
            NotFound: there is none of that name, and there was none.
        """
        try:
            return await self._reader.get(kind, name, namespace)
        except (NotFound, ClusterUnavailable) as error:
            if isinstance(error, ClusterUnavailable) or kind in PASSING:
                with suppress(NotFound, ClusterUnavailable):
                    return self._add([await self._pasted.get(kind, name, namespace)])[0]
            raise

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Events, oldest first; the same one is not told twice."""
        pasted: builtins.list[KubeObject] = []
        with suppress(ClusterUnavailable):
            pasted = await self._pasted.events(namespace, about)
        try:
            found = await self._reader.events(namespace, about)
        except ClusterUnavailable:
            if not pasted:
                raise
            found = []
        known = set(map(_tell, found))
        return sorted((*found, *(e for e in pasted if _tell(e) not in known)), key=lambda e: Event.of(e).last)

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
        """A container's log, oldest line first; the pasted one where there is no other.

        Raises:
            NotFound: no such Pod or container, or it has no (previous) log.
        """

        async def read(reader: ClusterReader) -> builtins.list[LogLine]:
            return await reader.logs(pod, namespace, container, previous=previous, tail=tail, since=since)

        try:
            return await read(self._reader)
        except (NotFound, ClusterUnavailable):
            with suppress(NotFound, ClusterUnavailable):
                return await read(self._pasted)
            raise

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """``PodMetrics`` or ``NodeMetrics`` objects."""
        try:
            return await self._reader.top(kind, namespace)
        except ClusterUnavailable:
            with suppress(ClusterUnavailable):
                return await self._pasted.top(kind, namespace)
            raise

    async def version(self) -> str:
        """The server's gitVersion."""
        return await self._reader.version()

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
        """Objects as the server prints them; None for a kind of which some were pasted."""
        if await self._list_pasted(kind, namespace):
            return None
        return await read_table(
            self._reader, kind, namespace, name=name, labels=labels, fields=fields, whole=whole
        )

    async def _list_pasted(
        self, kind: str, namespace: str | None, **selectors: str
    ) -> builtins.list[KubeObject]:
        with suppress(ClusterUnavailable):
            return await self._pasted.list(kind, namespace, **selectors)
        return []

    def _add(self, items: builtins.list[KubeObject]) -> builtins.list[KubeObject]:
        self.added |= set(map(ObjectRef.of, items))
        return items


def _tell(item: KubeObject) -> tuple[ObjectRef, str, str]:
    event = Event.of(item)
    return event.about, event.reason, event.message
