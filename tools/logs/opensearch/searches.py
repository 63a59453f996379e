"""What is asked of OpenSearch, as bodies of requests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain.objects import ObjectRef
from tools.embeddings.embedder import Vector
from tools.logs.opensearch.documents import TEXT, VECTOR
from tools.logs.opensearch.filters import Clause, match_container, match_pod
from tools.logs.store import Level, LogDocument
from tools.logs.words import query_words

ORIGIN_WEIGHT = 0.5
"""What a word of the query counts in a line's Pod and container names, against 1 in its text."""

MOST_TEMPLATES = 10_000
"""Templates of a scope that are compared with a question, or counted."""

_MILLISECOND = timedelta(milliseconds=1)
_UNSEEN = {"excludes": [VECTOR, TEXT]}
_OURS: Clause = {"exists": {"field": "template_id"}}
_PLAIN_FIELDS = ["log", "message", "MESSAGE", "msg", f"kubernetes.pod_name^{ORIGIN_WEIGHT}"]
_ALARMS = "fatal panic critical error err exception failed failure denied refused warn warning"
"""Words that lines of a high level tend to have, where no field tells the level."""

_MOMENT = {"unmapped_type": "date", "numeric_type": "date_nanos"}
_NEWEST = [{"@timestamp": {"order": "desc", **_MOMENT}}, {"_seq_no": {"order": "desc"}}]
_OLDEST = [{"@timestamp": {"order": "asc", **_MOMENT}}, {"_seq_no": {"order": "asc"}}]
_WORST = [{"severity": {"order": "desc", "unmapped_type": "byte", "missing": "_last"}}]


def find_words(text: str, filters: Sequence[Clause], size: int, by_template: bool = False) -> dict[str, Any]:
    """Lines that hold a word of a text, ranked by BM25; ``by_template``: the best of each template."""
    body = {"size": size, "query": match_words(text, filters), "_source": _UNSEEN}
    return body | ({"collapse": {"field": "template_id"}} if by_template else {})


def match_words(text: str, filters: Sequence[Clause]) -> Clause:
    """BM25 over the words of a text, in our indices and in those that plain Fluent Bit wrote."""
    words = " ".join(query_words(text))
    named = {"query": words, "boost": ORIGIN_WEIGHT}
    ours: list[Clause] = [
        {"match": {TEXT: {"query": words}}},
        {"match": {"kubernetes.pod_name.words": named}},
        {"match": {"kubernetes.container_name.words": named}},
    ]
    plain = {"multi_match": {"query": words, "fields": _PLAIN_FIELDS, "type": "most_fields", "lenient": True}}
    others = {"bool": {"must": plain, "must_not": _OURS}}
    return {"bool": {"filter": list(filters), "should": [*ours, others], "minimum_should_match": 1}}


def find_worst(filters: Sequence[Clause], size: int) -> dict[str, Any]:
    """Lines that pass the filters, the most severe and then the newest first."""
    return {
        "size": size,
        "query": {"bool": {"filter": list(filters)}},
        "sort": [*_WORST, *_NEWEST],
        "_source": _UNSEEN,
    }


def find_oldest(filters: Sequence[Clause]) -> dict[str, Any]:
    """The first line of all that pass the filters."""
    return {"size": 1, "query": {"bool": {"filter": list(filters)}}, "sort": _OLDEST, "_source": _UNSEEN}


def find_alarms(filters: Sequence[Clause], size: int) -> dict[str, Any]:
    """Lines of no known severity that speak as severe ones do, the newest first."""
    words = {"multi_match": {"query": _ALARMS, "fields": _PLAIN_FIELDS[:4], "lenient": True}}
    unknown = {"bool": {"filter": [*filters, words], "must_not": {"exists": {"field": "severity"}}}}
    return {"size": size, "query": unknown, "sort": _NEWEST, "_source": _UNSEEN}


def at_least(level: Level) -> Clause:
    """Lines whose severity is known, and high enough."""
    return {"range": {"severity": {"gte": int(level)}}}


def of_templates(templates: Sequence[str]) -> Clause:
    """Lines of some templates."""
    return {"terms": {"template_id": list(templates)}}


def sample_templates(templates: Sequence[str], filters: Sequence[Clause]) -> dict[str, Any]:
    """The most severe and newest line of each of some templates."""
    body = find_worst([*filters, of_templates(templates)], len(templates))
    return body | {"collapse": {"field": "template_id"}}


def find_near(vector: Vector, filters: Sequence[Clause], size: int) -> dict[str, Any]:
    """What carries a vector near another; the filters are applied while neighbours are looked for."""
    near = {"vector": list(vector), "k": size, "filter": {"bool": {"filter": list(filters)}}}
    return {"size": size, "query": {"knn": {VECTOR: near}}, "_source": _UNSEEN}


def count_templates(filters: Sequence[Clause], templates: Sequence[str] = ()) -> dict[str, Any]:
    """How many lines each template has, when first and last, and how severe: of those named, or of all."""
    terms: dict[str, Any] = {"field": "template_id", "size": len(templates) or MOST_TEMPLATES}
    if templates:
        filters = [*filters, of_templates(templates)]
    spans = {
        "first": {"min": {"field": "@timestamp"}},
        "last": {"max": {"field": "@timestamp"}},
        "worst": {"max": {"field": "severity"}},
    }
    query = {"bool": {"filter": list(filters)}}
    return {"size": 0, "query": query, "aggs": {"templates": {"terms": terms, "aggs": spans}}}


def list_templates(filters: Sequence[Clause]) -> dict[str, Any]:
    """The templates that occur, those of most lines first."""
    terms = {"field": "template_id", "size": MOST_TEMPLATES}
    return {
        "size": 0,
        "query": {"bool": {"filter": list(filters)}},
        "aggs": {"templates": {"terms": terms}},
    }


def count_lines(filters: Sequence[Clause], interval: timedelta) -> dict[str, Any]:
    """How many lines lie in each interval, by severity; one of unknown severity counts as INFO."""
    length = f"{max(1, interval // _MILLISECOND)}ms"
    by_level = {"terms": {"field": "severity", "size": len(Level), "missing": int(Level.INFO)}}
    over_time = {"field": "@timestamp", "fixed_interval": length, "min_doc_count": 1}
    query = {"bool": {"filter": list(filters)}}
    aggregation = {"date_histogram": over_time, "aggs": {"levels": by_level}}
    return {"size": 0, "query": query, "aggs": {"intervals": aggregation}}


def find_newest(pods: Sequence[ObjectRef], filters: Sequence[Clause]) -> dict[str, Any]:
    """The time of the newest line of each Pod, by its place in ``pods``."""
    wanted = {str(place): {"bool": {"filter": match_pod(pod)}} for place, pod in enumerate(pods)}
    newest = {"newest": {"max": {"field": "@timestamp"}}}
    query = {"bool": {"filter": list(filters)}}
    return {"size": 0, "query": query, "aggs": {"pods": {"filters": {"filters": wanted}, "aggs": newest}}}


def find_beside(document: LogDocument, filters: Sequence[Clause], size: int, earlier: bool) -> dict[str, Any]:
    """Lines of a document's container up to its moment, newest first, or from it on, oldest first."""
    moment = {"lte" if earlier else "gte": document.time.isoformat()}
    clauses = [*filters, *match_container(document), {"range": {"@timestamp": moment}}]
    query = {"bool": {"filter": clauses}}
    return {"size": size, "query": query, "sort": _NEWEST if earlier else _OLDEST, "_source": _UNSEEN}
