"""Ages (``2m18s``) and dates as kubectl prints them -> moments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

from tools.cluster.times import parse_time

_UNITS = (
    ("y", timedelta(days=365)),
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)
_AGE = re.compile("".join(rf"(?:(\d{{1,6}}){unit})?" for unit, _ in _UNITS))
_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
_GO_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d\d)(\d\d)(?: [A-Z]+)?")
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_OLDEST = timedelta(days=365 * 100)
"""No cluster is older, and no recording from another age: what says so is damaged."""


@dataclass(frozen=True)
class Ago:
    """A moment told by its age. ``unit`` is the smallest one printed: the age is cut off there."""

    span: timedelta
    unit: timedelta


def parse_age(text: str) -> Ago | None:
    """``45s``, ``2m18s``, ``3d4h``; None for ``<unknown>``, ``<invalid>`` and all else."""
    found = _AGE.fullmatch(text.strip())
    if not found or not any(found.groups()):
        return None
    counts = [(int(count), unit) for count, (_, unit) in zip(found.groups(), _UNITS, strict=True) if count]
    span = sum((count * unit for count, unit in counts), timedelta())
    return Ago(span, counts[-1][1]) if span < _OLDEST else None


def parse_date(text: str) -> str:
    """A date as ``kubectl describe`` prints it, in RFC 3339 (UTC); the empty string for all else."""
    text = text.strip()
    moment = _read_date(text) if _DATE.fullmatch(text) else None
    if found := _GO_DATE.fullmatch(text):
        moment = parse_time(f"{found[1]}T{found[2]}{found[3]}:{found[4]}")
    return write_time(moment) if moment and moment.year > 1 else ""


def read_time(text: str) -> str:
    """A moment that is printed in RFC 3339 already; the empty string for all else."""
    moment = parse_time(text.strip())
    return write_time(moment) if is_sane(moment) else ""


def _read_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def is_sane(moment: datetime | None) -> TypeGuard[datetime]:
    """Whether a moment may be one of a recording's; the zero time of what never began is none."""
    return moment is not None and _EARLIEST < moment < _LATEST


def write_time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_dates(text: str) -> Iterator[datetime]:
    """The moments that a description mentions."""
    yield from filter(is_sane, (_read_date(found[0]) for found in _DATE.finditer(text)))


def settle(value: Any, now: datetime) -> Any:
    """The same value with every ``Ago`` in it turned into a moment, as seen at ``now``."""
    if isinstance(value, Ago):
        return write_time(now - value.span)
    if isinstance(value, dict):
        return {key: settle(part, now) for key, part in value.items()}
    if isinstance(value, list):
        return [settle(part, now) for part in value]
    return value
