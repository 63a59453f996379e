"""A query's filters in OpenSearch's language.

They hold for our own indices, whose names are keywords, and for those that nobody described beforehand: there
a name is a text, with a ``keyword`` beside it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from domain.objects import ObjectRef
from tools.logs.store import Level, LogDocument, LogQuery

Clause = dict[str, Any]

_NAMESPACE, _POD, _CONTAINER = (
    f"kubernetes.{name}" for name in ("namespace_name", "pod_name", "container_name")
)


def filter_lines(query: LogQuery, cluster_field: str) -> list[Clause]:
    """What every line has to pass. One without a severity passes: its level is read from its text later."""
    named = {_NAMESPACE: query.namespaces, _CONTAINER: query.containers}
    clauses = [match_exactly(field, values) for field, values in named.items() if values]
    if query.clusters and cluster_field:
        clauses.append(match_exactly(cluster_field, query.clusters))
    if query.pods:
        clauses.append(_match_pods(query.pods))
    if query.window:
        bounds = {"gte": query.window.start.isoformat(), "lte": query.window.end.isoformat()}
        clauses.append({"range": {"@timestamp": bounds}})
    if query.min_level > Level.DEBUG:
        enough = {"range": {"severity": {"gte": int(query.min_level)}}}
        clauses.append(_any_of(enough, {"bool": {"must_not": {"exists": {"field": "severity"}}}}))
    return clauses


def match_exactly(field: str, values: Sequence[str]) -> Clause:
    """Lines whose field is one of some values, whole: a word of a text is not enough."""
    return _match_whole(field, lambda name: {"terms": {name: list(values)}})


def match_container(document: LogDocument) -> list[Clause]:
    """The lines of a document's container."""
    place = {_NAMESPACE: document.namespace, _POD: document.pod, _CONTAINER: document.container}
    return [match_exactly(field, [value]) for field, value in place.items()]


def match_pod(pod: ObjectRef) -> list[Clause]:
    """The lines of a Pod."""
    return [match_exactly(_NAMESPACE, [pod.namespace]), match_exactly(_POD, [pod.name])]


def passes(document: LogDocument, query: LogQuery) -> bool:
    """Whether a line that was found passes the filters by what is known of it."""
    return (
        document.level >= query.min_level
        and (not query.namespaces or document.namespace in query.namespaces)
        and (not query.containers or document.container in query.containers)
        and (not query.pods or any(_is_named(document.pod, pattern) for pattern in query.pods))
    )


def _is_named(pod: str, pattern: str) -> bool:
    return pod.startswith(pattern[:-1]) if pattern.endswith("*") else pod == pattern


def _match_pods(patterns: Sequence[str]) -> Clause:
    whole = [pattern for pattern in patterns if not pattern.endswith("*")]
    clauses = [match_exactly(_POD, whole)] if whole else []
    for pattern in patterns:
        if pattern.endswith("*"):
            clauses.append(_match_prefix(_POD, pattern[:-1]))
    return _any_of(*clauses)


def _match_prefix(field: str, prefix: str) -> Clause:
    return _match_whole(field, lambda name: {"prefix": {name: {"value": prefix}}})


def _match_whole(field: str, match: Callable[[str], Clause]) -> Clause:
    beside = f"{field}.keyword"
    itself = {"bool": {"must": match(field), "must_not": {"exists": {"field": beside}}}}
    return _any_of(match(beside), itself)


def _any_of(*clauses: Clause) -> Clause:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
