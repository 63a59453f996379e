"""The part of a log store that may be read: shipped logs know no bounds of a cluster."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.objects import ObjectRef
from tools.cluster.bounds import BoundedCluster
from tools.logs.store import (
    LogCount,
    LogDocument,
    LogHit,
    LogPattern,
    LogQuery,
    LogStore,
    read_arrivals,
)


class BoundedLogStore:
    """A ``LogStore`` that shows the lines of namespaces which may be read, and asks for no others."""

    def __init__(self, store: LogStore, cluster: BoundedCluster) -> None:
        """Draw the bounds of ``cluster`` around ``store``."""
        self._store = store
        self._cluster = cluster

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack; see ``LogStore``."""
        return self._store.notes

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query; see ``LogStore``."""
        within = await self._confine(query)
        return await self._store.search(within) if within else []

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines around one; see ``LogStore``."""
        if document.namespace not in await self._cluster.allowed():
            return []
        return await self._store.around(document, before, after)

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the filters; see ``LogStore``."""
        within = await self._confine(query)
        return await self._store.patterns(within) if within else []

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the filters; see ``LogStore``."""
        within = await self._confine(query)
        return await self._store.histogram(within, interval) if within else []

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line; see ``ShippedLogs``."""
        allowed = await self._cluster.allowed()
        return await read_arrivals(self._store, [pod for pod in pods if pod.namespace in allowed])

    async def close(self) -> None:
        """Release what the store holds."""
        await self._store.close()

    async def _confine(self, query: LogQuery) -> LogQuery | None:
        """The query over what is allowed of its namespaces; None when that is nothing: empty means all."""
        allowed = await self._cluster.allowed()
        kept = [name for name in allowed if not query.namespaces or name in query.namespaces]
        return query.model_copy(update={"namespaces": tuple(kept)}) if kept else None
