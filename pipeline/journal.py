"""A node's journal, as Fluent Bit's ``systemd`` input gives it: the kubelet, containerd, the kernel."""

from collections.abc import Mapping
from typing import Any

from pipeline.entry import Stamp, read_stamp
from pipeline.place import Place
from tools.logs.levels import level_of_text
from tools.logs.store import Level

_PRIORITIES = (
    Level.FATAL,
    Level.FATAL,
    Level.FATAL,
    Level.ERROR,
    Level.WARNING,
    Level.INFO,
    Level.INFO,
    Level.DEBUG,
)
"""Levels by syslog's numbers, 0 (emergency) to 7 (debug)."""

Read = tuple[Place, Stamp | None, str, Level]


def is_journal(record: Mapping[str, Any]) -> bool:
    """Whether a record is an entry of a journal; the input may have stripped the underscores."""
    return isinstance(record.get("MESSAGE"), str) and any(
        _get(record, key) is not None
        for key in ("SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "TRANSPORT", "HOSTNAME")
    )


def read_journal(record: Mapping[str, Any], cluster: str) -> Read:
    """Place, time, text and level of a journal's entry.

    The kubelet and containerd write what they mean into the line (klog, logfmt) and give everything
    the same priority: the priority counts only where it is more severe. A field ``host`` is the node's
    name in Kubernetes, which our Fluent Bit adds.
    """
    unit = str(_get(record, "SYSTEMD_UNIT") or "").removesuffix(".service")
    service = unit or str(_get(record, "SYSLOG_IDENTIFIER") or _get(record, "TRANSPORT") or "journal")
    place = Place(
        cluster=str(record.get("cluster") or cluster),
        host=str(record.get("host") or _get(record, "HOSTNAME") or ""),
        service=service,
        run=str(_get(record, "BOOT_ID") or "")[:12],
    )
    text = str(record["MESSAGE"]).rstrip("\r\n")
    return place, _read_time(record), text, max(level_of_text(text), _priority(record))


def _get(record: Mapping[str, Any], key: str) -> Any:
    return next((record[name] for name in (f"_{key}", key, f"__{key}") if record.get(name) is not None), None)


def _priority(record: Mapping[str, Any]) -> Level:
    priority = str(_get(record, "PRIORITY") or "")
    return _PRIORITIES[int(priority)] if priority.isdecimal() and int(priority) < 8 else Level.DEBUG


def _read_time(record: Mapping[str, Any]) -> Stamp | None:
    """The journal's own time in microseconds, else Fluent Bit's."""
    microseconds = _get(record, "SOURCE_REALTIME_TIMESTAMP") or _get(record, "REALTIME_TIMESTAMP")
    if str(microseconds or "").isdecimal():
        return read_stamp(int(str(microseconds)))
    return next(filter(None, (read_stamp(record.get(key)) for key in ("time", "@timestamp", "date"))), None)
