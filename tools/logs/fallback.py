"""Shipped logs, and the cluster's own where those cannot be had."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from domain.errors import LogsUnavailable
from domain.objects import ObjectRef
from tools.logs.store import (
    LogCount,
    LogDocument,
    LogHit,
    LogPattern,
    LogQuery,
    LogStore,
    read_arrivals,
)

T = TypeVar("T")

PAUSE_SECONDS = 60.0
"""A store that failed is left alone for so long: a question does not wait for it at every search."""


class FallbackLogStore:
    """A ``LogStore`` that asks a second one while the first is unavailable, and says so in ``notes``."""

    def __init__(
        self, first: LogStore, second: LogStore, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Own both stores: ``close`` closes them."""
        self._first = first
        self._second = second
        self._clock = clock
        self._resting_until = float("-inf")
        self._failures: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack, and what the first store failed with."""
        told = (
            f"Shipped logs could not be searched, only what the cluster still has: {why}"
            for why in self._failures
        )
        return (*told, *self._first.notes, *self._second.notes)

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query; see ``LogStore``."""
        return await self._ask(lambda store: store.search(query))

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines around one; see ``LogStore``."""
        return await self._ask(lambda store: store.around(document, before, after))

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the filters; see ``LogStore``."""
        return await self._ask(lambda store: store.patterns(query))

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the filters; see ``LogStore``."""
        return await self._ask(lambda store: store.histogram(query, interval))

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line; see ``ShippedLogs``."""
        return await self._ask(lambda store: read_arrivals(store, pods))

    async def close(self) -> None:
        """Close both stores."""
        try:
            await self._first.close()
        finally:
            await self._second.close()

    async def _ask(self, call: Callable[[LogStore], Awaitable[T]]) -> T:
        if self._clock() >= self._resting_until:
            try:
                return await call(self._first)
            except LogsUnavailable as error:
                self._failures[str(error)] = None
                self._resting_until = self._clock() + PAUSE_SECONDS
        return await call(self._second)
