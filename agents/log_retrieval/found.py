"""What searches brought: lines without repetitions, and what is known of their templates."""

import asyncio
import re
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from agents.log_retrieval.leads import pod_patterns
from domain.scope import Scope
from tools.logs.store import Level, LogDocument, LogHit, LogPattern, LogQuery, LogStore

_VARIABLE = re.compile(r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d+", re.IGNORECASE)

MOST_PATTERNS = 1000

RARE = 200
"""A kind of line is odd when it is one in so many, or rarer."""


class RankedLine(BaseModel):
    """A line worth reading, how many lines are like it, and what it scored (higher is better)."""

    model_config = ConfigDict(frozen=True)

    document: LogDocument
    count: int
    score: float


class Found(BaseModel):
    """What the queries brought: lines without repetitions, and how often and how new each template is.

    ``total`` and ``kinds`` count all lines of the scope and their templates, ``counts`` the lines like those
    found. ``trail`` are the ids of lines that a later round found by following the ones before.
    """

    model_config = ConfigDict(frozen=True)

    documents: tuple[LogDocument, ...] = ()
    counts: dict[str, int] = {}
    total: int = 0
    kinds: int = 0
    new: frozenset[str] = frozenset()
    trail: frozenset[str] = frozenset()


async def search_logs(queries: Sequence[LogQuery], scope: Scope, store: LogStore) -> Found:
    """Run the queries side by side, and count the templates of the scope.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    everything = LogQuery(namespaces=scope.namespaces, window=scope.window, limit=MOST_PATTERNS)
    asked = [everything]
    if pods := pod_patterns(scope.workloads):
        asked.append(everything.model_copy(update={"pods": pods}))
    hits, patterns = await asyncio.gather(
        _ask(queries, store), asyncio.gather(*(store.patterns(query) for query in asked))
    )
    return _collect(hits, patterns[0], patterns[-1])


async def search_further(queries: Sequence[LogQuery], found: Found, store: LogStore) -> Found:
    """Run the queries of a later round, and add what they find.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    hits = await _ask(queries, store)
    added = {hit.document.id: hit.document for hit in hits}
    known = {document.id: document for document in found.documents}
    update = {
        "documents": tuple((added | known).values()),
        "counts": found.counts | _count_alike(hits),
        "trail": found.trail | added.keys(),
    }
    return found.model_copy(update=update)


async def _ask(queries: Sequence[LogQuery], store: LogStore) -> list[LogHit]:
    answers = await asyncio.gather(*(store.search(query) for query in queries))
    return [hit for answer in answers for hit in answer]


def _collect(hits: Sequence[LogHit], patterns: Sequence[LogPattern], own: Sequence[LogPattern]) -> Found:
    """``own`` are the patterns of the named workloads: of these the odd ones count, whatever their level."""
    said = sum(pattern.count for pattern in own)
    telling = [p for p in patterns if p.level >= Level.ERROR or (p.new and p.level >= Level.WARNING)]
    telling += [p for p in own if p.level >= Level.WARNING or is_odd(p.count, said)]
    samples = [pattern.sample for pattern in telling]
    documents = {document.id: document for document in (*(hit.document for hit in hits), *samples)}
    return Found(
        documents=tuple(documents.values()),
        counts={template_of(p.sample): p.count for p in (*patterns, *own)} | _count_alike(hits),
        total=sum(pattern.count for pattern in patterns),
        kinds=len(patterns),
        new=frozenset(template_of(pattern.sample) for pattern in patterns if pattern.new),
    )


def _count_alike(hits: Iterable[LogHit]) -> dict[str, int]:
    return {template_of(hit.document): hit.alike for hit in hits if hit.alike}


def is_odd(count: int, total: int) -> bool:
    """Whether a kind of line is hardly ever written."""
    return count * RARE <= total


def template_of(document: LogDocument) -> str:
    """What lines alike have in common: the template that the pipeline gave, else the line without numbers."""
    return document.template_id or make_template(document.message)


def make_template(message: str) -> str:
    """The line without what varies (numbers, hashes, addresses): lines alike have it in common."""
    return _VARIABLE.sub("#", message)
