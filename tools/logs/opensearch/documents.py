"""Log documents <-> what OpenSearch keeps, in Fluent Bit's field names."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from tools.embeddings.embedder import Vector
from tools.logs.documents import read_record
from tools.logs.lines import read_line
from tools.logs.store import Level, LogDocument
from tools.logs.templates import find_template, identify_template

MAX_VALUE = 8_000
"""Characters of a structured line's field: four bytes each at most, and a term has 32,766."""

TEXT, VECTOR = "text", "vector"
"""The field that is searched by words, and the one that is searched by meaning."""


def encode(document: LogDocument, vector: Vector | None = None) -> dict[str, Any]:
    """What is kept of a line. ``message`` is the line, ``text`` what it tells a person (no JSON, no time).

    A document without a template gets the one that its text has.
    """
    text = read_line(document.message).text or document.message
    source = {
        "@timestamp": document.time.astimezone(UTC).isoformat(),
        "message": document.message,
        TEXT: text,
        "level": document.level.name.lower(),
        "severity": int(document.level),
        "cluster": document.cluster,
        "service": document.service,
        "template_id": document.template_id or identify_template(find_template(text)),
        "previous": document.previous,
        "fields": {key: value[:MAX_VALUE] for key, value in document.fields.items()},
        "kubernetes": {
            "namespace_name": document.namespace,
            "pod_name": document.pod,
            "container_name": document.container,
            "host": document.host,
            "labels": document.labels,
        },
    }
    legal: dict[str, Any] = _legalise(source)
    return legal if vector is None else {**legal, VECTOR: vector}


def decode(id_: str, source: Mapping[str, Any]) -> LogDocument | None:
    """The line that was kept, by our pipeline or plain Fluent Bit; None for what is no container's line."""
    if not is_ours(source):
        document = read_record(source)
        return document.model_copy(update={"id": id_}) if document else None
    place = source["kubernetes"]
    return LogDocument(
        id=id_,
        time=source["@timestamp"],
        message=source["message"],
        level=Level(source["severity"]),
        namespace=place["namespace_name"],
        pod=place["pod_name"],
        container=place["container_name"],
        host=place.get("host", ""),
        labels=place.get("labels") or {},
        previous=source.get("previous", False),
        cluster=source.get("cluster", ""),
        service=source.get("service", ""),
        template_id=source["template_id"],
        fields=source.get("fields") or {},
    )


def is_ours(source: Mapping[str, Any]) -> bool:
    """Whether the pipeline wrote it, rather than plain Fluent Bit."""
    return "template_id" in source and "severity" in source


def _legalise(value: Any) -> Any:
    """Without lone surrogates, which JSON cannot carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_legalise(key): _legalise(item) for key, item in value.items()}
    return value
