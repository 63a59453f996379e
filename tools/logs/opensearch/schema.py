"""What the pipeline's indices look like, and making sure that OpenSearch knows it."""

from collections.abc import Mapping
from typing import Any

from domain.settings import OpenSearchSettings
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.documents import TEXT, VECTOR
from tools.logs.opensearch.naming import IndexPattern

NAME = "kubewhy-logs"
"""Of the index template and of the retention policy."""

PRIORITY = 200
"""Above OpenSearch's own and Fluent Bit's usual templates, below what an administrator would call urgent."""

NEIGHBOURS, BEAM = 24, 128
"""HNSW's ``m`` and ``ef_construction``."""

LOG_ANALYZER, QUERY_ANALYZER = "log_words", "log_query"

_CHUNK = r"[\p{L}\p{N}_](?:[\p{L}\p{N}_.:/@+%~-]*[\p{L}\p{N}_])?"
_PARTS = (
    r"([^:/@+%~]+)",
    r"([^:/@+%~.]*\p{L}[^:/@+%~.]*)",
    r"([^:/@+%~._-]*\p{L}[^:/@+%~._-]*)",
    r"(\p{Lu}{2,}(?=\p{Lu}\p{Ll})|\p{Lu}\p{Ll}+|\p{Ll}{2,}|\p{Lu}{2,})",
)
"""The same words as ``tools.logs.words``: names whole, then their parts; addresses stay whole."""

_ANALYSIS: dict[str, Any] = {
    "tokenizer": {"chunks": {"type": "pattern", "pattern": _CHUNK, "group": 0}},
    "filter": {
        "parts": {"type": "pattern_capture", "preserve_original": True, "patterns": list(_PARTS)},
        "short": {"type": "truncate", "length": 100},
        "once": {"type": "unique", "only_on_same_position": True},
    },
    "analyzer": {
        LOG_ANALYZER: {
            "type": "custom",
            "tokenizer": "chunks",
            "filter": ["parts", "lowercase", "short", "porter_stem", "once"],
        },
        QUERY_ANALYZER: {
            "type": "custom",
            "tokenizer": "whitespace",
            "filter": ["lowercase", "short", "porter_stem"],
        },
    },
}
_WORDS = {"type": "text", "analyzer": LOG_ANALYZER, "search_analyzer": QUERY_ANALYZER}
_KEYWORD = {"type": "keyword", "ignore_above": 1024}
_NAMED = {**_KEYWORD, "fields": {"words": _WORDS}}

_FIELDS: dict[str, Any] = {
    "@timestamp": {"type": "date_nanos"},
    "message": {"type": "text", "norms": False, "index_options": "docs"},
    TEXT: _WORDS,
    "level": _KEYWORD,
    "severity": {"type": "byte"},
    "cluster": _KEYWORD,
    "service": _KEYWORD,
    "template_id": _KEYWORD,
    "previous": {"type": "boolean"},
    "fields": {"type": "flat_object"},
    "kubernetes": {
        "properties": {
            "namespace_name": _KEYWORD,
            "pod_name": _NAMED,
            "container_name": _NAMED,
            "host": _KEYWORD,
            "labels": {"type": "flat_object"},
        }
    },
}


async def prepare(client: OpenSearchClient, settings: OpenSearchSettings, dimensions: int = 0) -> list[str]:
    """Tell OpenSearch what the indices look like and how long they are kept; again and again does no harm.

    Indices that exist stay as they are. ``dimensions`` is the length of vectors; 0: there are none.

    Returns:
        What could not be arranged here, in sentences for a person.

    Raises:
        LogsUnavailable: OpenSearch cannot be reached, or refuses.
    """
    await client.ask("PUT", f"/_index_template/{NAME}", describe_lines(settings, dimensions))
    if dimensions:
        body = describe_templates(settings, dimensions)
        await client.ask("PUT", f"/_index_template/{settings.templates}", body)
    return await _retain(client, settings) if settings.retention_days else []


def describe_lines(settings: OpenSearchSettings, dimensions: int = 0) -> dict[str, Any]:
    """The composable template of the indices of log lines."""
    on_lines = dimensions if settings.vectors == "line" else 0
    fields = {**_FIELDS, VECTOR: _describe_vector(settings, on_lines)} if on_lines else _FIELDS
    return {
        "index_patterns": [IndexPattern.of(settings).wildcard()],
        "priority": PRIORITY,
        "template": {
            "settings": {"analysis": _ANALYSIS, **_describe_index(settings, knn=bool(on_lines))},
            "mappings": {"dynamic": False, "properties": fields},
            "aliases": {settings.alias: {}},
        },
    }


def describe_templates(settings: OpenSearchSettings, dimensions: int) -> dict[str, Any]:
    """The composable template of the index of templates, each with its vector."""
    fields = {
        "template": {"type": "text"},
        "embedder": _KEYWORD,
        "embedded_at": {"type": "date"},
        VECTOR: _describe_vector(settings, dimensions),
    }
    return {
        "index_patterns": [settings.templates],
        "priority": PRIORITY + 1,
        "template": {
            "settings": _describe_index(settings, knn=True),
            "mappings": {"dynamic": False, "properties": fields},
        },
    }


def _describe_index(settings: OpenSearchSettings, knn: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"index.knn": True} if knn else {}
    if settings.service == "aoss":  # Serverless decides the rest by itself, and refuses to be told
        return described
    return described | {
        "index.number_of_shards": settings.shards,
        "index.number_of_replicas": settings.replicas,
        "index.refresh_interval": "2s",
    }


def _describe_vector(settings: OpenSearchSettings, dimensions: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {"m": NEIGHBOURS, "ef_construction": BEAM}
    if settings.quantise:
        bits = {"type": "fp16"} if settings.engine == "faiss" else {"bits": 7}
        parameters["encoder"] = {"name": "sq", "parameters": bits}
    method = {
        "name": "hnsw",
        "engine": settings.engine,
        "space_type": "innerproduct",
        "parameters": parameters,
    }
    return {"type": "knn_vector", "dimension": dimensions, "method": method}


def describe_retention(settings: OpenSearchSettings) -> dict[str, Any]:
    """The ISM policy: an index is deleted when it is old enough."""
    age = {"min_index_age": f"{settings.retention_days}d"}
    keep = {"name": "keep", "actions": [], "transitions": [{"state_name": "delete", "conditions": age}]}
    delete: dict[str, Any] = {"name": "delete", "actions": [{"delete": {}}], "transitions": []}
    return {
        "policy": {
            "description": "Log lines of Kubernetes, deleted by age.",
            "default_state": "keep",
            "states": [keep, delete],
            "ism_template": [
                {"index_patterns": [IndexPattern.of(settings).wildcard()], "priority": PRIORITY}
            ],
        }
    }


async def _retain(client: OpenSearchClient, settings: OpenSearchSettings) -> list[str]:
    path = f"/_plugins/_ism/policies/{NAME}"
    if settings.service == "aoss":
        return ["OpenSearch Serverless has no ISM: set a data lifecycle policy for the collection."]
    wanted = describe_retention(settings)
    found = await client.ask("GET", path, accept=(400, 404))
    if "no handler found" in str(found.get("error", "")):
        return ["This OpenSearch has no index management (ISM): old indices are not deleted."]
    if "policy" not in found:
        await client.ask("PUT", path, wanted, accept=(409,))
    elif _read_age(found) != _read_age(wanted):
        version = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        await client.ask("PUT", path, wanted, accept=(409,), **version)
    return []


def _read_age(policy: Mapping[str, Any]) -> list[Any]:
    """The conditions on which indices are deleted; OpenSearch adds fields of its own around them."""
    return [
        transition.get("conditions")
        for state in policy["policy"]["states"]
        for transition in state["transitions"]
    ]
