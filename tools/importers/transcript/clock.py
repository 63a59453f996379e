"""When each command was run, from what its ages and dates say of the same things.

An age is cut off, never rounded up, so that birth + age is the earliest moment at which it was printed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tools.cluster.times import parse_time
from tools.importers.transcript.ages import Ago, find_dates, is_sane
from tools.importers.transcript.section import Raw, Reading

_SHARP = timedelta(seconds=1)
_PAST_TEXT = """
creationTimestamp startTime startedAt finishedAt lastTransitionTime lastUpdateTime lastHeartbeatTime
renewTime lastTimestamp firstTimestamp eventTime lastObservedTime completionTime lastScheduleTime
"""
_PAST = frozenset(_PAST_TEXT.split())
"""Fields that never lie in the future."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Bound:
    """The earliest moment for a section; ``sharp`` when it is good to the second."""

    moment: datetime
    sharp: bool


def key_of(item: Raw) -> Key:
    """(kind, namespace, name)."""
    meta = item["metadata"]
    return item["kind"], meta.get("namespace") or "", meta["name"]


def tell_moments(readings: Sequence[Reading], fallback: datetime) -> list[datetime]:
    """The moment of each section.

    A section that does not tell takes the moment of the one before it, or else of the one after it.

    Args:
        readings: in the order in which they were recorded.
        fallback: the moment of them all when no date is told anywhere.
    """
    births = _births(readings)
    bounds = [_bound(reading, births) for reading in readings]
    sharp = [bound.moment if bound and bound.sharp else None for bound in bounds]
    before = _carry(sharp)
    after = _carry(sharp[::-1])[::-1]
    newest = max((bound.moment for bound in bounds if bound), default=fallback)
    moments = []
    for place, bound in enumerate(bounds):
        near = sharp[place] or before[place] or after[place] or newest
        moments.append((max(near, bound.moment) if bound else near).astimezone(UTC))
    return moments


def _carry(moments: Sequence[datetime | None]) -> list[datetime | None]:
    carried: list[datetime | None] = []
    last: datetime | None = None
    for moment in moments:
        last = moment or last
        carried.append(last)
    return carried


def _births(readings: Sequence[Reading]) -> dict[Key, datetime]:
    found: dict[Key, datetime] = {}
    for reading in readings:
        for told in reading.told:
            if is_sane(moment := parse_time(told.item["metadata"].get("creationTimestamp"))):
                found[key_of(told.item)] = moment
    return found


def _bound(reading: Reading, births: dict[Key, datetime]) -> _Bound | None:
    bounds = [*_by_birth(reading, births), *_by_scheduling(reading)]
    bounds += [_Bound(moment, sharp=False) for moment in _dates(reading)]
    if not bounds:
        return None
    newest = max(bounds, key=lambda bound: bound.moment)
    return _Bound(newest.moment, any(bound.sharp for bound in bounds))


def _by_birth(reading: Reading, births: dict[Key, datetime]) -> Iterator[_Bound]:
    for told in reading.told:
        age, birth = told.item["metadata"].get("creationTimestamp"), births.get(key_of(told.item))
        if birth and isinstance(age, Ago):
            yield _Bound(birth + age.span, age.unit <= _SHARP)


def _by_scheduling(reading: Reading) -> Iterator[_Bound]:
    """A Pod starts when it is scheduled: its description dates the one and ages the other."""
    starts = {
        key_of(told.item)[1:]: parse_time((told.item.get("status") or {}).get("startTime"))
        for told in reading.told
        if told.item["kind"] == "Pod"
    }
    for event in reading.events:
        about, age = event["involvedObject"], event.get("lastTimestamp")
        start = starts.get((about.get("namespace", ""), about["name"]))
        if event["reason"] == "Scheduled" and is_sane(start) and isinstance(age, Ago):
            yield _Bound(start + age.span, age.unit <= _SHARP)


def _dates(reading: Reading) -> Iterator[datetime]:
    if reading.section.command is None or reading.section.command.verb == "describe":
        yield from find_dates(reading.section.text)
    for told in reading.told:
        yield from _past_times(told.item)


def _past_times(value: object) -> Iterator[datetime]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in _PAST and is_sane(moment := parse_time(part)):
                yield moment
            elif isinstance(part, dict | list):
                yield from _past_times(part)
    elif isinstance(value, list):
        for part in value:
            yield from _past_times(part)
