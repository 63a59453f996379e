"""The table of Events, and how long ago one was and how often."""

from datetime import datetime

from domain.objects import KubeObject
from tools.kubectl.tables.columns import Cells, Printer, mapping, name_of, part
from tools.kubectl.text import tell_age

_FIRST = ("eventTime", "firstTimestamp", "deprecatedFirstTimestamp")
_LAST = ("lastTimestamp", "deprecatedLastTimestamp")


def _first(item: KubeObject, *fields: str) -> object:
    return next((item[field] for field in fields if item.get(field)), None)


def tell_interval(item: KubeObject, now: datetime) -> str:
    """``2m1s (x5 over 3m)`` for a series, ``3m`` for a single event."""
    since_first = tell_age(_first(item, *_FIRST), now)
    series = mapping(item, "series")
    count = series.get("count") or item.get("count") or item.get("deprecatedCount") or 1
    if not series and count < 2:
        return since_first
    last = series.get("lastObservedTime") or _first(item, *_LAST)
    return f"{tell_age(last, now)} (x{count} over {since_first})"


def involved(item: KubeObject) -> dict[str, object]:
    """The object that an event is about, in either of the two event APIs."""
    return mapping(item, "involvedObject") or mapping(item, "regarding")


def message_of(item: KubeObject) -> str:
    """The message of an event."""
    return str(item.get("message") or item.get("note") or "").strip()


def source_of(item: KubeObject) -> tuple[str, str]:
    """The component that reported an event, and its host."""
    source = mapping(item, "source") or mapping(item, "deprecatedSource")
    component = source.get("component") or item.get("reportingComponent") or ""
    return str(component), str(source.get("host") or item.get("reportingInstance") or "")


def _fill_event(item: KubeObject, now: datetime) -> Cells:
    first = _first(item, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime")
    last = part(item, "series", "lastObservedTime") or _first(item, *_LAST) or first
    target = involved(item)
    kind, name = str(target.get("kind") or "").lower(), target.get("name")
    return (
        tell_age(last, now),
        item.get("type"),
        item.get("reason"),
        f"{kind}/{name}" if name else kind,
        target.get("fieldPath"),
        ", ".join(filter(None, source_of(item))),
        message_of(item),
        tell_age(first, now),
        part(item, "series", "count") or item.get("count") or item.get("deprecatedCount") or 1,
        name_of(item),
    )


EVENTS = {
    "Event": Printer.of(
        "LAST SEEN|TYPE|REASON|OBJECT|+SUBOBJECT|+SOURCE|MESSAGE|+FIRST SEEN|+COUNT|+NAME", _fill_event
    ),
}
