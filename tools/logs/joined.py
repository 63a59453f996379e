"""Two log stores as one: what was shipped, and beside it the lines that did not arrive."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.objects import ObjectRef
from tools.logs.store import (
    Level,
    LogCount,
    LogDocument,
    LogHit,
    LogPattern,
    LogQuery,
    LogStore,
    read_arrivals,
)


class JoinedLogStore:
    """A ``LogStore`` over two that have no line in common."""

    def __init__(self, first: LogStore, second: LogStore) -> None:
        """Ask both each time."""
        self._stores = (first, second)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack; see ``LogStore``."""
        return tuple(note for store in self._stores for note in store.notes)

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines of both, by their scores; see ``LogStore``."""
        answers = await asyncio.gather(*(store.search(query) for store in self._stores))
        return sorted((hit for hits in answers for hit in hits), key=lambda hit: -hit.score)[: query.limit]

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines around one, from the store that has it: the one that knows most of them."""
        answers = await asyncio.gather(*(store.around(document, before, after) for store in self._stores))
        return max(answers, key=len)

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of both, those that have one side by side; see ``LogStore``."""
        answers = await asyncio.gather(*(store.patterns(query) for store in self._stores))
        patterns = [pattern for found in answers for pattern in found]
        return sorted(patterns, key=lambda p: (-p.level, p.count, p.first_seen))[: query.limit]

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines both have; see ``LogStore``."""
        counts: Counter[tuple[datetime, Level]] = Counter()
        for found in await asyncio.gather(*(store.histogram(query, interval) for store in self._stores)):
            for one in found:
                counts[one.start, one.level] += one.count
        return [LogCount(start=start, level=level, count=n) for (start, level), n in sorted(counts.items())]

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line that was shipped; see ``ShippedLogs``."""
        return await read_arrivals(self._stores[0], pods)

    async def close(self) -> None:
        """Release both."""
        await asyncio.gather(*(store.close() for store in self._stores))
