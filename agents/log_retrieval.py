"""Log retrieval: which lines of a namespace's chatter explain the trouble.

Four steps, each a function from data to data (``search_logs`` and ``quote_lines`` alone ask the store):
write queries, search, rank, summarise. A line that is kept becomes evidence with the command that shows it.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log2

from pydantic import BaseModel, ConfigDict

from domain.evidence import Evidence, Source
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.logs.store import Level, LogDocument, LogHit, LogPattern, LogQuery, LogStore
from tools.redaction import Redactor

FAILURE_WORDS = (
    "refused unreachable unauthorized forbidden denied expired invalid missing unknown unable cannot failed "
    "failure fatal error exception panic traceback killed timeout timed deadline exceeded unavailable abort "
    "crash exiting giving quota full conflict corrupt resolve found exist"
)
"""What programs say when they give up; "not found" and the like hang on their rarer half."""

_EXPLAINS = re.compile(
    r"refused|unreachable|unauthori[sz]ed|forbidden|denied|expired|invalid|no such"
    r"|not (?:found|exist|resolve)|unknown|unable|cannot|can't|could not|couldn't|fail|panic"
    r"|exception|traceback|killed|out of memory|timed? ?out|deadline|undefined|not set"
    r"|unavailable|exiting|giving up|missing|exceeded|no space|corrupt",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|\d+", re.IGNORECASE)
_UNFINISHED = re.compile(r"^(?:Traceback |panic: |Exception in thread )|:\s*$")
_OWNING_KINDS = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"}
_WEIGHTS = {Level.DEBUG: 0.2, Level.INFO: 0.4, Level.WARNING: 1.5, Level.ERROR: 3.0, Level.FATAL: 4.0}

PER_QUERY = 60
PER_CONTAINER = 4
KEPT = 12
LINE_CHARACTERS = 600
FOLLOWING = 8


class RankedLine(BaseModel):
    """A line worth reading, how many lines are like it, and what it scored (higher is better)."""

    model_config = ConfigDict(frozen=True)

    document: LogDocument
    count: int
    score: float


class Found(BaseModel):
    """What the queries brought: lines without repetitions, and how often and how new each template is."""

    model_config = ConfigDict(frozen=True)

    documents: tuple[LogDocument, ...] = ()
    counts: dict[str, int] = {}
    new: frozenset[str] = frozenset()


def write_queries(question: str, scope: Scope) -> tuple[LogQuery, ...]:
    """The searches for a question, the narrowest first.

    What the named workloads said, first with a word of failure, then at all; the words of the question;
    and failures anywhere in scope, since the culprit is seldom the workload that people name.
    """
    anywhere = LogQuery(namespaces=scope.namespaces, window=scope.window, limit=PER_QUERY)
    queries = [
        anywhere.model_copy(update={"text": " ".join(scope.words) or question}),
        anywhere.model_copy(update={"text": FAILURE_WORDS}),
        anywhere.model_copy(update={"min_level": Level.ERROR}),
    ]
    if pods := _pod_patterns(scope.workloads):
        own = anywhere.model_copy(update={"namespaces": _namespaces(scope), "pods": pods})
        queries.insert(0, own.model_copy(update={"text": FAILURE_WORDS}))
        queries.insert(1, own)
    return tuple(queries)


def _pod_patterns(workloads: Iterable[ObjectRef]) -> tuple[str, ...]:
    """``name-*`` for what owns Pods (they are named after it), the bare name for a Pod, else nothing."""
    owners = {f"{ref.name}-*": None for ref in workloads if ref.kind in _OWNING_KINDS}
    return (*owners, *dict.fromkeys(ref.name for ref in workloads if ref.kind == "Pod"))


def _namespaces(scope: Scope) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(ref.namespace for ref in scope.workloads if ref.namespace))
    return named or scope.namespaces


async def search_logs(queries: Sequence[LogQuery], scope: Scope, store: LogStore) -> Found:
    """Run the queries side by side, and count the templates of the scope.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    everything = LogQuery(namespaces=scope.namespaces, window=scope.window, limit=1000)
    answers = asyncio.gather(*(store.search(query) for query in queries))
    hits, patterns = await asyncio.gather(answers, store.patterns(everything))
    return _collect([hit for answer in hits for hit in answer], patterns)


def _collect(hits: Iterable[LogHit], patterns: Iterable[LogPattern]) -> Found:
    patterns = list(patterns)
    samples = [p.sample for p in patterns if p.level >= Level.ERROR or (p.new and p.level >= Level.WARNING)]
    documents = {document.id: document for document in (*(hit.document for hit in hits), *samples)}
    counts: Counter[str] = Counter()
    for pattern in patterns:
        counts[make_template(pattern.sample.message)] += pattern.count
    new = frozenset(make_template(pattern.sample.message) for pattern in patterns if pattern.new)
    return Found(documents=tuple(documents.values()), counts=dict(counts), new=new)


def make_template(message: str) -> str:
    """The line without what varies (numbers, hashes, addresses): lines alike have it in common."""
    return _VARIABLE.sub("#", message)


def rank_lines(found: Found, scope: Scope, keep: int = KEPT) -> tuple[RankedLine, ...]:
    """The lines that explain most, best first: one a template and workload, few a container.

    Severity, words of failure, words of the question, the named workloads and rarity count for a line.
    """
    best: dict[tuple[str, ...], RankedLine] = {}
    for document in filter(_speaks_of_failure, found.documents):
        line = _score(document, found, scope)
        key = (document.namespace, document.container, make_template(document.message))
        held = best.get(key)
        if held is None or (line.score, document.time) > (held.score, held.document.time):
            best[key] = line
    ordered = sorted(best.values(), key=lambda line: (-line.score, -line.document.time.timestamp()))
    return tuple(_limit_containers(ordered))[:keep]


def _speaks_of_failure(document: LogDocument) -> bool:
    return document.level >= Level.WARNING or bool(_EXPLAINS.search(document.message))


def _score(document: LogDocument, found: Found, scope: Scope) -> RankedLine:
    template = make_template(document.message)
    count = found.counts.get(template, 1)
    message = document.message.lower()
    asked = sum(word in message for word in scope.words)
    score = (
        _WEIGHTS[document.level]
        + 2.0 * bool(_EXPLAINS.search(message))
        + 1.5 * any(_is_from(document, ref) for ref in scope.workloads)
        + 0.5 * min(asked, 3)
        + 0.5 * (template in found.new)
        + 1.0 / (1.0 + log2(max(1, count)))
    )
    return RankedLine(document=document, count=count, score=round(score, 3))


def _is_from(document: LogDocument, ref: ObjectRef) -> bool:
    """Whether a workload's Pod wrote the line, by its name."""
    return document.namespace == ref.namespace and f"{document.pod}-".startswith(f"{ref.name}-")


def _limit_containers(lines: Iterable[RankedLine]) -> Iterable[RankedLine]:
    taken: Counter[tuple[str, str]] = Counter()
    for line in lines:
        where = (line.document.namespace, line.document.container)
        taken[where] += 1
        if taken[where] <= PER_CONTAINER:
            yield line


async def quote_lines(
    lines: Iterable[RankedLine], store: LogStore, redactor: Redactor
) -> tuple[Evidence, ...]:
    """The lines as evidence, redacted and bounded.

    A line that only announces what follows (``Traceback ...``, ``error:``) brings the lines after it.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    return tuple(await asyncio.gather(*(_quote(line.document, store, redactor) for line in lines)))


async def _quote(document: LogDocument, store: LogStore, redactor: Redactor) -> Evidence:
    text = document.message
    if _UNFINISHED.search(text):
        following = await store.around(document, before=0, after=FOLLOWING)
        text = "\n".join(item.message for item in following) or text
    return Evidence(
        source=Source.LOG,
        object=ObjectRef(kind="Pod", name=document.pod, namespace=document.namespace),
        time=document.time,
        text=_bound(redactor.redact(text)),
        command=write_logs_command(document),
    )


def _bound(text: str) -> str:
    if len(text) <= LINE_CHARACTERS:
        return text
    half = LINE_CHARACTERS // 2
    return f"{text[:half]} ... {text[-half:]}"


def write_logs_command(document: LogDocument) -> str:
    """The kubectl line that shows the document among its neighbours."""
    previous = " --previous" if document.previous else ""
    return f"kubectl logs {document.pod} -n {document.namespace} -c {document.container}{previous}"


def summarise(lines: Sequence[RankedLine], found: Found, scope: Scope) -> str:
    """One sentence on what was searched, what stood out and who was silent, for the progress display."""
    where = ", ".join(scope.namespaces) or "all namespaces"
    total = sum(found.counts.values())
    if not total and not found.documents:
        return f"No log line of {where} lies in the window."
    speakers = Counter(line.document.container for line in lines)
    told = ", ".join(f"{name} ({count})" for name, count in speakers.items())
    outcome = f"{len(lines)} explain something: {told}" if lines else "none speaks of a failure"
    silent = ", ".join(str(ref) for ref in find_silent(found, scope))
    silence = f" Not a line of {silent}." if silent else ""
    return f"{total} log lines of {where}, {len(found.counts)} kinds; {outcome}.{silence}"


def find_silent(found: Found, scope: Scope) -> tuple[ObjectRef, ...]:
    """The named workloads of which not a single line came up: they never started, or say nothing."""
    return tuple(
        ref
        for ref in scope.workloads
        if _pod_patterns([ref]) and not any(_is_from(document, ref) for document in found.documents)
    )
