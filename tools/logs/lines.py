"""One line as a program wrote it -> the words of a person in it, its level, its time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tools.cluster.times import parse_time
from tools.logs.levels import LEVEL_KEYS, level_of_fields, level_of_text
from tools.logs.store import Level

MAX_MESSAGE = 16_384
"""Characters kept of a line."""

_MESSAGE_KEYS = ("msg", "message", "@message", "@m", "short_message", "log", "event", "text")
_TIME_KEYS = ("time", "ts", "timestamp", "@timestamp", "date", "t", "@t")
_ERROR_KEYS = ("error", "err", "exception", "stacktrace", "stack")
_MAX_FIELDS = 40

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_TIMESTAMP = re.compile(
    r"\s*\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\s?Z|\s?[+-]\d\d:?\d\d)?)\]?"
    r"(?:\s*[-|])?\s*"
)
_CLOCK = re.compile(r"\s*\[?(?:[A-Z][a-z]{2} +\d+ )?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?\s+")


@dataclass(frozen=True)
class Line:
    """What a line says: ``text`` for a person, without timestamp and JSON; level; its own time if any."""

    text: str
    level: Level
    time: datetime | None = None


def clean(raw: str) -> str:
    """The line without terminal escapes and control characters, at most ``MAX_MESSAGE`` characters."""
    text = _ESCAPES.sub("", raw)
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def read_line(message: str) -> Line:
    """Read a line in JSON, klog, logfmt or plain words."""
    fields = _parse_object(message)
    if fields is not None:
        return read_fields(fields)
    stamp = _TIMESTAMP.match(message)
    ahead = stamp or _CLOCK.match(message)
    rest = message[ahead.end() :] if ahead else message
    time = parse_time(stamp[1].replace("/", "-").replace(",", ".").replace(" Z", "Z")) if stamp else None
    return Line(rest.strip(), level_of_text(rest), time)


def read_fields(fields: Mapping[str, Any]) -> Line:
    """Read a structured line: its message first, then every other field as ``key=value``."""
    named = {key.lower(): value for key, value in fields.items()}
    key = next((key for key in _MESSAGE_KEYS if isinstance(named.get(key), str)), "")
    message = str(named.get(key, ""))
    told = {key, *_TIME_KEYS, *LEVEL_KEYS}
    others = [f"{path}={value}" for path, value in _flatten(fields) if path.lower() not in told]
    level = level_of_fields(fields) or _level_without_field(named, message)
    times = (read_time(named[key]) for key in _TIME_KEYS if key in named)
    return Line(" ".join([message, *others[:_MAX_FIELDS]]).strip(), level, next(filter(None, times), None))


def read_time(value: Any) -> datetime | None:
    """A moment in RFC 3339 or as a number of seconds, milli-, micro- or nanoseconds since 1970."""
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    scale = next((scale for bound, scale in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)) if value > bound), 1)
    try:
        return datetime.fromtimestamp(value / scale, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_object(message: str) -> dict[str, Any] | None:
    text = message.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _level_without_field(named: Mapping[str, Any], message: str) -> Level:
    if any(named.get(key) for key in _ERROR_KEYS):
        return Level.ERROR
    return level_of_text(message)


def _flatten(fields: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        if isinstance(value, Mapping) and depth < 3:
            yield from _flatten(value, f"{prefix}{key}.", depth + 1)
        elif value is not None:
            yield prefix + key, value if isinstance(value, str) else orjson.dumps(value).decode()
