"""What a structured line says beside its message, under the names of docs/structured-logging.md."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

MAX_FIELDS = 40
MAX_VALUE = 2_000
"""Characters kept of a value; a stack trace is the longest that is worth keeping."""

NAMES = {
    "trace_id": ("traceid", "trace.id", "dd.trace_id", "trace", "x-trace-id", "otel.trace_id"),
    "span_id": ("spanid", "span.id", "dd.span_id", "otel.span_id"),
    "request_id": (
        "requestid",
        "request.id",
        "req_id",
        "reqid",
        "req.id",
        "x-request-id",
        "correlation_id",
        "correlationid",
    ),
    "error": (
        "err",
        "exception",
        "error.message",
        "err.message",
        "exception.message",
        "error_message",
        "exc",
    ),
    "error_type": ("error.type", "err.type", "exception.type", "error.kind", "error.class", "exc_type"),
    "stack_trace": (
        *("stacktrace", "stack", "err.stack", "error.stack", "error.stack_trace", "exception.stacktrace"),
        *("exc_info", "traceback", "backtrace"),
    ),
    "logger": ("logger_name", "loggername", "logger.name", "log.logger", "component", "module"),
    "status": (
        "status_code",
        "statuscode",
        "http.status_code",
        "http.response.status_code",
        "http_status",
        "res.statuscode",
    ),
    "duration_ms": ("durationms", "elapsed_ms", "latency_ms", "took_ms", "responsetime"),
}
"""Our name of a field -> what loggers call it, in lower case."""

_OURS = {alias: name for name, aliases in NAMES.items() for alias in (name, *aliases)}
_NO_FIELDS = {
    *("msg", "message", "@message", "@m", "short_message", "log", "event", "text"),
    *("time", "ts", "timestamp", "@timestamp", "date", "t", "@t"),
    *("level", "severity", "lvl", "loglevel", "log_level", "levelname", "log.level", "@level", "@l"),
}
"""Message, time and level have places of their own in a document."""


def parse_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a line is, or None."""
    if not (text.startswith("{") and text.rstrip().endswith("}")):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def read_structure(fields: Mapping[str, Any]) -> dict[str, str]:
    """Its fields as text, nested ones by dotted names, at most ``MAX_FIELDS``; those we know come first."""
    told = {path.lower(): _tell(value) for path, value in _flatten(fields) if path.lower() not in _NO_FIELDS}
    known = {_OURS[path]: value for path, value in told.items() if path in _OURS}
    others = {path: value for path, value in told.items() if path not in _OURS}
    return dict(list((known | others).items())[:MAX_FIELDS])


def _flatten(fields: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in fields.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and depth < 3:
            yield from _flatten(value, f"{path}.", depth + 1)
        elif value not in (None, ""):
            yield path, value


def _tell(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
