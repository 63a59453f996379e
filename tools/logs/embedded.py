"""The log store that needs nothing but memory. It ranks by words; meaning joins with OpenSearch."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from domain.errors import LogsUnavailable
from tools.logs.fusion import fuse, rank
from tools.logs.index import LogIndex
from tools.logs.lines import read_line
from tools.logs.store import LogDocument, LogHit, LogPattern, LogQuery
from tools.logs.words import query_words, split_words

T = TypeVar("T")

WEIGHTS = {"words": 2.0, "severity": 1.0, "rarity": 0.5, "recency": 0.5}
"""What each ranking weighs in a search."""

REPETITION = 0.85
"""Each further line of a template counts this much of the one before: hits should tell different things."""


class EmbeddedLogStore:
    """A ``LogStore`` over documents in memory. SQLite runs in threads, one call at a time."""

    def __init__(self, index: LogIndex) -> None:
        """Take an index over; ``open`` makes one."""
        self._index = index
        self._closed = False
        self._lock = threading.Lock()

    @classmethod
    def open(cls, documents: Iterable[LogDocument]) -> "EmbeddedLogStore":
        """Index documents; of two with one id the first stays. Blocking: call it off the event loop."""
        return cls(LogIndex(documents))

    def __len__(self) -> int:
        """The number of documents."""
        return len(self._index.documents)

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query: words, severity, rarity and recency fused, best first.

        Any text is a legal query; one without a word in it finds nothing.
        """
        return await self._run(_search, query)

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines of the same container around one; only the line itself if the store lacks it."""
        rows = await self._run(LogIndex.neighbours, document, before, after)
        return [self._index.documents[row] for row in rows] or [document]

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the query's filters, most severe first, then rarest."""
        return await self._run(_find_patterns, query)

    async def close(self) -> None:
        """Release the index; every later call raises ``LogsUnavailable``."""
        with self._lock:
            self._closed = True
            self._index.close()

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


def _search(index: LogIndex, query: LogQuery) -> list[LogHit]:
    candidates = index.candidates(query)
    rows = [row for row, _ in candidates]
    rankings = {"words": rank([round(bm25, 3) for _, bm25 in candidates]), **index.standing(rows)}
    scores = fuse([(weight, rankings[signal]) for signal, weight in WEIGHTS.items()])
    ranked = _demote_repetitions(index, sorted(zip(scores, rows, strict=True), reverse=True))
    words = set(query_words(query.text))
    return [
        LogHit(document=index.documents[row], score=score, reason=_tell_reason(index, row, words))
        for score, row in ranked[: query.limit]
    ]


def _demote_repetitions(index: LogIndex, ranked: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    seen: Counter[int] = Counter()
    demoted = []
    for score, row in ranked:
        template = index.template_of(row)
        demoted.append((score * REPETITION ** seen[template], row))
        seen[template] += 1
    return sorted(demoted, reverse=True)


def _tell_reason(index: LogIndex, row: int, words: set[str]) -> str:
    document = index.documents[row]
    told = f"{read_line(document.message).text} {document.pod} {document.container}"
    matched = [word for word in split_words(told) if word in words]
    parts = [", ".join(dict.fromkeys(matched)), document.level.name.lower()]
    alike = index.count_alike(row)
    parts.append("the only line of its kind" if alike == 1 else f"{alike} lines alike")
    return "; ".join(filter(None, parts))


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
