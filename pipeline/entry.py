"""One record as one line, before lines are joined; and what makes it the same line when it comes again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Any

from pipeline.place import Place
from tools.logs.lines import read_time
from tools.logs.store import Level

FINE = 6
"""Digits of a second's fraction from which on a time tells two lines of one container apart."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS = 10**17
"""Numbers from here on count nanoseconds; a float could not hold them."""

_FRACTION = re.compile(r"\d[.,](\d+)")


@dataclass(frozen=True)
class Stamp:
    """When something was said: the moment, as it was written, and whether it is exact enough to identify."""

    time: datetime
    written: str
    exact: bool


@dataclass(frozen=True)
class Entry:
    """One line. ``partial`` where the container runtime cut it and the rest follows.

    ``source`` is the index of the delivery it came in, ``order`` its place among the batch's lines.
    """

    id: str
    place: Place
    time: datetime
    text: str
    source: int
    order: int
    stream: str = ""
    partial: bool = False
    level: Level | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def read_stamp(value: Any) -> Stamp | None:
    """The moment in RFC 3339 or as a number since 1970; None where it is neither."""
    whole = isinstance(value, int) and value > _NANOSECONDS
    time = _EPOCH + timedelta(microseconds=value // 1000) if whole else read_time(value)
    if time is None:
        return None
    written = str(value)
    return Stamp(time, written, len(_digits(value, written)) >= FINE)


def identify(place: Place, stamp: Stamp | None, text: str, position: str) -> str:
    """An id that is the same whenever and wherever the same line is delivered again.

    With an exact time, place, time and text are the line: a producer that sends it twice under two sequence
    numbers makes one document. Without one, two equal lines of a moment may be two lines, so the position in
    the source counts too: then only a redelivery of the same stream record is recognised.
    """
    moment = stamp.written if stamp else ""
    where = "" if stamp and stamp.exact else position
    content = "\0".join((*place.key, moment, text, where))
    return blake2s(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _digits(value: Any, written: str) -> str:
    """The digits that tell a moment within its second."""
    if isinstance(value, int):
        return written[10:]
    match = _FRACTION.search(written)
    return match[1] if match else ("" if isinstance(value, str) and not written.isdigit() else written[10:])
