"""Which lines explain the trouble, out of those that were found."""

import re
from collections import Counter
from collections.abc import Iterable
from math import log2

from agents.log_retrieval.found import Found, RankedLine, is_odd, template_of
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.logs.store import Level, LogDocument

KEPT = 12
PER_CONTAINER = 4

_EXPLAINS = re.compile(
    r"refused|unreachable|unauthori[sz]ed|forbidden|denied|expired|invalid|no such"
    r"|not (?:found|exist|resolve)|unknown|unable|cannot|can't|could not|couldn't|fail|panic"
    r"|exception|traceback|killed|out of memory|timed? ?out|deadline|undefined|not set"
    r"|unavailable|exiting|giving up|missing|exceeded|no space|corrupt",
    re.IGNORECASE,
)
RARITY = 3.0
"""What it counts that a line was written once; of a thousand alike each gets a sixth of it."""

_WEIGHTS = {Level.DEBUG: 0.2, Level.INFO: 0.4, Level.WARNING: 1.5, Level.ERROR: 3.0, Level.FATAL: 4.0}


def rank_lines(found: Found, scope: Scope, keep: int = KEPT) -> tuple[RankedLine, ...]:
    """The lines that explain most, best first: one a template and workload, few a container.

    Severity, words of failure, words of the question, the named workloads and rarity count for a line, and
    that another line led to it.
    """
    best: dict[tuple[str, ...], RankedLine] = {}
    for document in found.documents:
        if not _speaks_of_failure(document) and not _is_odd(document, found, scope):
            continue
        line = _score(document, found, scope)
        key = (document.namespace, document.container, template_of(document))
        held = best.get(key)
        if held is None or (line.score, document.time) > (held.score, held.document.time):
            best[key] = line
    ordered = sorted(best.values(), key=lambda line: (-line.score, -line.document.time.timestamp()))
    return tuple(_limit_containers(ordered))[:keep]


def _speaks_of_failure(document: LogDocument) -> bool:
    return document.level >= Level.WARNING or bool(_EXPLAINS.search(document.message))


def _is_odd(document: LogDocument, found: Found, scope: Scope) -> bool:
    """Whether a named workload said something that is hardly ever said, in words that need not sound bad."""
    odd = is_odd(found.counts.get(template_of(document), 1), found.total)
    return odd and any(is_from(document, ref) for ref in scope.workloads)


def _score(document: LogDocument, found: Found, scope: Scope) -> RankedLine:
    template = template_of(document)
    count = found.counts.get(template, 1)
    message = document.message.lower()
    asked = sum(word in message for word in scope.words)
    score = (
        _WEIGHTS[document.level]
        + 2.0 * bool(_EXPLAINS.search(message))
        + 1.5 * any(is_from(document, ref) for ref in scope.workloads)
        + 0.5 * min(asked, 3)
        + 0.5 * (template in found.new)
        + 0.5 * (document.id in found.trail)
        + RARITY / (1.0 + log2(max(1, count)) / 2)
    )
    return RankedLine(document=document, count=count, score=round(score, 3))


def is_from(document: LogDocument, ref: ObjectRef) -> bool:
    """Whether a workload's Pod wrote the line, by its name."""
    return document.namespace == ref.namespace and f"{document.pod}-".startswith(f"{ref.name}-")


def _limit_containers(lines: Iterable[RankedLine]) -> Iterable[RankedLine]:
    taken: Counter[tuple[str, str]] = Counter()
    for line in lines:
        where = (line.document.namespace, line.document.container)
        taken[where] += 1
        if taken[where] <= PER_CONTAINER:
            yield line
