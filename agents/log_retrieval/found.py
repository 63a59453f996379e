"""What searches brought: lines without repetitions, and what is known of their templates."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from domain.scope import Scope
from tools.logs.store import Level, LogDocument, LogHit, LogPattern, LogQuery, LogStore

_VARIABLE = re.compile(r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d+", re.IGNORECASE)

MOST_PATTERNS = 1000


class RankedLine(BaseModel):
    """A line worth reading, how many lines are like it, and what it scored (higher is better)."""

    model_config = ConfigDict(frozen=True)

    document: LogDocument
    count: int
    score: float


class Found(BaseModel):
    """What the queries brought: lines without repetitions, and how often and how new each template is.

    ``trail`` are the ids of lines that a later round found by following the ones before.
    """

    model_config = ConfigDict(frozen=True)

    documents: tuple[LogDocument, ...] = ()
    counts: dict[str, int] = {}
    new: frozenset[str] = frozenset()
    trail: frozenset[str] = frozenset()


async def search_logs(queries: Sequence[LogQuery], scope: Scope, store: LogStore) -> Found:
    """Run the queries side by side, and count the templates of the scope.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    everything = LogQuery(namespaces=scope.namespaces, window=scope.window, limit=MOST_PATTERNS)
    hits, patterns = await asyncio.gather(_ask(queries, store), store.patterns(everything))
    return _collect(hits, patterns)


async def search_further(queries: Sequence[LogQuery], found: Found, store: LogStore) -> Found:
    """Run the queries of a later round, and add what they find.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    known = {document.id for document in found.documents}
    added = {hit.document.id: hit.document for hit in await _ask(queries, store)}
    fresh = [document for id_, document in added.items() if id_ not in known]
    return found.model_copy(
        update={"documents": (*found.documents, *fresh), "trail": found.trail | added.keys()}
    )


async def _ask(queries: Sequence[LogQuery], store: LogStore) -> list[LogHit]:
    answers = await asyncio.gather(*(store.search(query) for query in queries))
    return [hit for answer in answers for hit in answer]


def _collect(hits: Iterable[LogHit], patterns: Sequence[LogPattern]) -> Found:
    samples = [p.sample for p in patterns if p.level >= Level.ERROR or (p.new and p.level >= Level.WARNING)]
    documents = {document.id: document for document in (*(hit.document for hit in hits), *samples)}
    counts: Counter[str] = Counter()
    for pattern in patterns:
        counts[template_of(pattern.sample)] += pattern.count
    new = frozenset(template_of(pattern.sample) for pattern in patterns if pattern.new)
    return Found(documents=tuple(documents.values()), counts=dict(counts), new=new)


def template_of(document: LogDocument) -> str:
    """What lines alike have in common: the template that the pipeline gave, else the line without numbers."""
    return document.template_id or make_template(document.message)


def make_template(message: str) -> str:
    """The line without what varies (numbers, hashes, addresses): lines alike have it in common."""
    return _VARIABLE.sub("#", message)
