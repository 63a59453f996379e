"""A Fluent Bit record -> an entry: container logs in any wrapping, events, a node's journal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from pipeline.entry import Entry, Stamp, identify, read_stamp
from pipeline.events import is_event, read_event
from pipeline.journal import is_journal, read_journal
from pipeline.place import place_of
from tools.logs.documents import MERGED_KEY

_TEXT_KEYS = ("log", "message", "MESSAGE", "msg")
_TIME_KEYS = ("time", "@timestamp", "date", "timestamp", "ts")
_OWN_KEYS = {
    *(*_TIME_KEYS, "log", "stream", "logtag", "_p", "kubernetes", "tag", "cluster", "cluster_name"),
    *("file", "filename", "file_path", "path", "source", "partial_message", "partial_last"),
}
"""Fields that Fluent Bit set; with ``Merge_Log`` and no key for it all others were in the line."""

_CRI = re.compile(r"(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([FP])(?::\S*)? ?", re.ASCII)


@dataclass(frozen=True)
class Context:
    """What is known of a record beside itself. ``arrived`` serves where nothing tells the time."""

    cluster: str
    position: str
    arrived: datetime
    source: int
    order: int


@dataclass(frozen=True)
class _Said:
    text: str
    stamp: Stamp | None
    partial: bool = False
    stream: str = ""


def read_record(record: Mapping[str, Any], context: Context) -> Entry | None:
    """The entry of a record; None for a blank line.

    Raises:
        ValueError: nothing in the record is a text.
    """
    if is_event(record):
        place, stamp, text, level, fields = read_event(record, context.cluster)
        return _enter(context, place, _Said(text, stamp), level=level, fields=fields)
    if is_journal(record):
        place, stamp, text, level = read_journal(record, context.cluster)
        return _enter(context, place, _Said(text, stamp), level=level)
    return _enter(context, place_of(record, context.cluster), _read_text(record))


def _enter(context: Context, place: Any, said: _Said, **more: Any) -> Entry | None:
    text = said.text.encode("utf-8", "replace").decode()
    if not text.strip():
        return None
    return Entry(
        id=identify(place, said.stamp, text, context.position),
        place=place,
        time=said.stamp.time if said.stamp else context.arrived,
        text=text,
        source=context.source,
        order=context.order,
        stream=said.stream,
        partial=said.partial,
        **more,
    )


def _read_text(record: Mapping[str, Any]) -> _Said:
    written = next((record[key] for key in _TEXT_KEYS if isinstance(record.get(key), str)), None)
    stamp = next(filter(None, (read_stamp(record.get(key)) for key in _TIME_KEYS)), None)
    stream = str(record.get("stream") or "")
    # Not "_p": a multiline parser that joined the parts of a line leaves that of the first, which is P.
    partial = record.get("logtag") == "P" or record.get("partial_message") == "true"
    if not isinstance(record.get("log"), str):
        merged = _find_merged(record)
        if len(merged) > (written is not None):
            return _Said(orjson.dumps(merged, default=str).decode(), stamp, partial, stream)
    if written is None:
        raise ValueError(f"it holds no text: its fields are {', '.join(sorted(record)[:20]) or 'none'}")
    return _unwrap(_Said(written.rstrip("\r\n"), stamp, partial, stream))


def _find_merged(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a line that was parsed at the node and dropped (``Keep_Log Off``)."""
    if isinstance(merged := record.get(MERGED_KEY), Mapping):
        return dict(merged)
    return {key: value for key, value in record.items() if key not in _OWN_KEYS}


def _unwrap(said: _Said) -> _Said:
    """Take off what the container runtime put around a line that no parser of Fluent Bit has taken off."""
    if match := _CRI.match(said.text):
        return _Said(said.text[match.end() :], read_stamp(match[1]) or said.stamp, match[3] == "P", match[2])
    if said.text.startswith('{"log":"'):
        try:
            inner = orjson.loads(said.text)
        except orjson.JSONDecodeError:
            return said
        if isinstance(inner, dict) and inner.keys() <= {"log", "stream", "time", "attrs"} and "time" in inner:
            text, stamp = str(inner["log"]), read_stamp(inner["time"]) or said.stamp
            return _Said(text.rstrip("\r\n"), stamp, not text.endswith("\n"), str(inner.get("stream") or ""))
    return said
