"""The log store that needs nothing but memory. It ranks by words, and by meaning if there is an embedder."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from domain.errors import EmbeddingUnavailable, LogsUnavailable
from domain.objects import ObjectRef
from tools.embeddings.embedder import Embedder
from tools.logs.fusion import rank
from tools.logs.index import LogIndex
from tools.logs.meaning import TemplateMeanings
from tools.logs.ranking import Candidate, choose
from tools.logs.store import LogCount, LogDocument, LogHit, LogPattern, LogQuery

T = TypeVar("T")


NO_WORD = 1.0
"""Stands for the BM25 of a line without a word of the query: SQLite's are negative, the best the lowest."""


class EmbeddedLogStore:
    """A ``LogStore`` over documents in memory. SQLite runs in threads, one call at a time."""

    def __init__(self, index: LogIndex, embedder: Embedder | None = None, shipped: bool = False) -> None:
        """Take an index over; ``open`` makes one. ``shipped``: its lines came on a way that may lose some."""
        self._index = index
        self._shipped = shipped
        self._meanings = TemplateMeanings(embedder) if embedder else None
        self._notes: dict[str, None] = {}
        self._closed = False
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, documents: Iterable[LogDocument], embedder: Embedder | None = None, shipped: bool = False
    ) -> "EmbeddedLogStore":
        """Index documents; of two with one id the first stays. Blocking: call it off the event loop."""
        return cls(LogIndex(documents), embedder, shipped)

    def __len__(self) -> int:
        """The number of documents."""
        return len(self._index.documents)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack; see ``LogStore``."""
        return tuple(self._notes)

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query: words, meaning, severity, rarity and recency fused, best first.

        Any text is a legal query; by words alone, one without a word in it finds nothing.
        """
        return await self._run(_search, query, await self._find_near(query))

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines of the same container around one; only the line itself if the store lacks it."""
        rows = await self._run(LogIndex.neighbours, document, before, after)
        return [self._index.documents[row] for row in rows] or [document]

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the query's filters, most severe first, then rarest."""
        return await self._run(_find_patterns, query)

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the query's filters, by interval and severity; see ``LogStore``."""
        return await self._run(LogIndex.counts, query, interval)

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line; see ``ShippedLogs``."""
        if not self._shipped:
            return None
        newest = await self._run(LogIndex.newest, [(pod.namespace, pod.name) for pod in pods])
        return {pod: time for pod, time in zip(pods, newest, strict=True) if time}

    async def close(self) -> None:
        """Release the index; every later call raises ``LogsUnavailable``."""
        with self._lock:
            self._closed = True
            self._index.close()

    async def _find_near(self, query: LogQuery) -> dict[int, float]:
        """The templates in the query's scope that are nearest to its text; none without an embedder."""
        if self._meanings is None or not query.text.strip():
            return {}
        try:
            return await self._meanings.find(query.text, await self._run(LogIndex.occurring, query))
        except EmbeddingUnavailable as error:
            self._notes[f"Logs were searched by words alone, not by meaning: {error}"] = None
            return {}

    async def _run(self, call: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.to_thread(self._run_alone, call, *arguments)

    def _run_alone(self, call: Callable[..., T], *arguments: Any) -> T:
        with self._lock:
            if self._closed:
                raise LogsUnavailable("The log store is closed.")
            try:
                return call(self._index, *arguments)
            except sqlite3.Error as error:
                raise LogsUnavailable(f"The log store cannot be read: {error}.") from error


def _search(index: LogIndex, query: LogQuery, near: Mapping[int, float]) -> list[LogHit]:
    found = dict.fromkeys(index.samples(query, near), NO_WORD) | dict(index.candidates(query))
    rows = sorted(found, reverse=True)
    rankings = {"words": rank([round(found[row], 3) for row in rows]), **index.standing(rows)}
    if near:
        rankings["meaning"] = rank([-near.get(index.template_of(row), 0.0) for row in rows])
    candidates = [
        Candidate(
            index.documents[row],
            index.template_of(row),
            index.count_alike(row),
            {signal: ranks[place] for signal, ranks in rankings.items()},
        )
        for place, row in enumerate(rows)
    ]
    return choose(candidates, query)


def _find_patterns(index: LogIndex, query: LogQuery) -> list[LogPattern]:
    groups = index.groups(query)
    ever = {group.template: group.first for group in index.groups(query.model_copy(update={"window": None}))}
    start = query.window.start if query.window else None
    known = start is not None and min(ever.values(), default=start) < start
    patterns = [
        LogPattern(
            template=index.text_of_template(group.template),
            count=group.count,
            first_seen=group.first,
            last_seen=group.last,
            level=group.level,
            new=known and start is not None and ever[group.template] >= start,
            sample=index.documents[group.newest],
        )
        for group in groups
    ]
    return sorted(patterns, key=lambda p: (-p.level, p.count, p.first_seen))[: query.limit]
