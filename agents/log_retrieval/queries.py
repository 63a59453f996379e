"""The searches of the first round: from question, scope and leads."""

from collections.abc import Iterator, Sequence

from agents.log_retrieval.leads import Lead, pod_patterns
from domain.scope import Scope
from tools.logs.store import Level, LogQuery

FAILURE_WORDS = (
    "refused unreachable unauthorized forbidden denied expired invalid missing unknown unable cannot failed "
    "failure fatal error exception panic traceback killed timeout timed deadline exceeded unavailable abort "
    "crash exiting giving quota full conflict corrupt resolve found exist"
)
"""What programs say when they give up; "not found" and the like hang on their rarer half."""

PER_QUERY = 60


def write_queries(
    question: str, scope: Scope, leads: Sequence[Lead] = (), rewritten: Sequence[str] = ()
) -> tuple[LogQuery, ...]:
    """The searches for a question, the narrowest first.

    What the named workloads said, first with a word of failure, then at all; the words of the question;
    failures anywhere in scope, since the culprit is seldom the workload that people name; what the leads say.
    ``rewritten`` are searches that a model wrote for the question: they come last.
    """
    anywhere = LogQuery(namespaces=scope.namespaces, window=scope.window, limit=PER_QUERY)
    queries = [
        anywhere.model_copy(update={"text": " ".join(scope.words) or question}),
        anywhere.model_copy(update={"text": FAILURE_WORDS}),
        anywhere.model_copy(update={"min_level": Level.ERROR}),
    ]
    if pods := pod_patterns(scope.workloads):
        own = anywhere.model_copy(update={"namespaces": _namespaces(scope), "pods": pods})
        queries.insert(0, own.model_copy(update={"text": FAILURE_WORDS}))
        queries.insert(1, own)
    queries += _follow(leads, scope)
    queries += [anywhere.model_copy(update={"text": words}) for words in rewritten]
    return tuple(queries)


def _namespaces(scope: Scope) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(ref.namespace for ref in scope.workloads if ref.namespace))
    return named or scope.namespaces


def _follow(leads: Sequence[Lead], scope: Scope) -> Iterator[LogQuery]:
    for lead in leads:
        yield LogQuery(
            text=FAILURE_WORDS,
            namespaces=(lead.namespace,),
            pods=lead.pods,
            window=lead.window or scope.window,
            limit=PER_QUERY,
        )
