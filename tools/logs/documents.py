"""Log lines from wherever they were kept -> documents with stable ids."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2s
from pathlib import Path
from typing import Any

import orjson

from domain.errors import MalformedRecording
from tools.cluster.reader import LogLine
from tools.logs.lines import Line, clean, read_fields, read_line, read_time
from tools.logs.store import LogDocument

_TEXT_KEYS = ("log", "message", "MESSAGE")
_TIME_KEYS = ("time", "@timestamp", "date", "timestamp")
MERGED_KEY = "log_processed"
"""Where our Fluent Bit, and the configurations that AWS publishes, put what they parsed."""

_OWN_KEYS = {*_TEXT_KEYS, *_TIME_KEYS, "stream", "logtag", "_p", "kubernetes", "tag"}
"""Fields of a record that Fluent Bit set; all others were merged from the line."""


def build_documents(
    lines: Sequence[LogLine],
    *,
    start: datetime,
    namespace: str,
    pod: str,
    container: str,
    host: str = "",
    labels: Mapping[str, str] | None = None,
    previous: bool = False,
) -> list[LogDocument]:
    """The documents of one container's log, oldest first; blank lines are left out.

    A line without a time takes the one that its text begins with, else that of the line before it;
    ``start`` serves until one is known.
    """
    seen: Counter[tuple[datetime, str]] = Counter()
    documents = []
    time = start
    for line in lines:
        message = clean(line.text)
        if not message.strip():
            continue
        read = read_line(message)
        time = line.time or read.time or time
        seen[time, message] += 1
        documents.append(
            LogDocument(
                id=_identify((namespace, pod, container), time, message, seen[time, message]),
                time=time,
                message=message,
                level=read.level,
                namespace=namespace,
                pod=pod,
                container=container,
                host=host,
                labels=dict(labels or {}),
                previous=previous,
            )
        )
    return documents


def read_fluent_bit(path: Path) -> list[LogDocument]:
    """The container lines in a file of Fluent Bit records, one JSON object a line.

    Raises:
        MalformedRecording: the file cannot be read, or a line of it is no JSON object.
    """
    try:
        rows = path.read_bytes().split(b"\n")
    except OSError as error:
        raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error
    numbered = [(number, row) for number, row in enumerate(rows, 1) if row.strip()]
    return documents_of_records(_parse_record(path, number, row) for number, row in numbered)


def _parse_record(path: Path, number: int, row: bytes) -> dict[str, Any]:
    try:
        record = orjson.loads(row)
    except orjson.JSONDecodeError as error:
        raise MalformedRecording(f"{path}, line {number}: this is not valid JSON ({error.msg}).") from error
    if not isinstance(record, dict):
        raise MalformedRecording(f"{path}, line {number}: expected a JSON object, one record a line.")
    return record


def documents_of_records(records: Iterable[Mapping[str, Any]]) -> list[LogDocument]:
    """The documents of Fluent Bit's records, in their order.

    A record that the ``kubernetes`` filter did not enrich (a node's journal, a Kubernetes event), has no time
    or says nothing is left out.
    """
    seen: Counter[str] = Counter()
    documents = []
    for record in records:
        document = read_record(record)
        if document is None:
            continue
        seen[document.id] += 1
        if occurrence := seen[document.id] - 1:
            place = (document.namespace, document.pod, document.container)
            id_ = _identify(place, document.time, document.message, occurrence + 1)
            document = document.model_copy(update={"id": id_})
        documents.append(document)
    return documents


def read_record(record: Mapping[str, Any]) -> LogDocument | None:
    """The document of one of Fluent Bit's records; None as for ``documents_of_records``."""
    origin = record.get("kubernetes")
    time = next(filter(None, (read_time(record.get(key)) for key in _TIME_KEYS)), None)
    message, line = _read_message(record)
    if not isinstance(origin, Mapping) or not origin.get("pod_name") or time is None or not message.strip():
        return None
    place = [str(origin.get(key) or "") for key in ("namespace_name", "pod_name", "container_name")]
    return LogDocument(
        id=_identify(place, time, message, 1),
        time=time,
        message=message,
        level=line.level,
        namespace=place[0],
        pod=place[1],
        container=place[2],
        host=str(origin.get("host") or ""),
        labels={key: str(value) for key, value in (origin.get("labels") or {}).items()},
    )


def _read_message(record: Mapping[str, Any]) -> tuple[str, Line]:
    """The line as it was written; where only its merged fields were kept, those as JSON."""
    written = next((record[key] for key in _TEXT_KEYS if isinstance(record.get(key), str)), "")
    message = clean(written.rstrip("\n"))
    merged = record.get(MERGED_KEY)
    if not isinstance(merged, Mapping):
        merged = {key: value for key, value in record.items() if key not in _OWN_KEYS}
    if not message and merged:
        return clean(orjson.dumps(merged).decode()), read_fields(merged)
    return message, read_line(message)


def _identify(place: Sequence[str], time: datetime, message: str, occurrence: int) -> str:
    """An id by content: the same line read from two sources (a file and Fluent Bit) is one document.

    ``place`` is namespace, Pod and container; ``occurrence`` tells equal lines of one moment apart.
    """
    content = "\0".join((*place, time.isoformat(), message, str(occurrence)))
    return blake2s(content.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
