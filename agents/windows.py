"""The stretch of time that a question speaks of: ``since 14:05``, ``for two days``, ``3 hours ago``."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from domain.scope import TimeWindow

MARGIN = timedelta(minutes=10)
"""What led to it began before anybody saw it."""

FARTHEST = timedelta(days=7)

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6} | {
    "few": 4,
    "couple": 2,
    "several": 5,
    "half an": 0.5,
}
_COUNT = rf"(?:an? )?(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?\b"
_AGO = re.compile(rf"(?i)\b{_COUNT}(?: of)?\s*{_UNIT} ago\b")
_LASTING = re.compile(
    rf"(?i)\b(?:for|since|in|over|during|last|past)(?: the| these)?(?: last| past)? ?"
    rf"(?:{_COUNT}(?: of)?\s*)?{_UNIT}"
)
_MOMENT = re.compile(r"\b(?P<date>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d)")
_CLOCK = re.compile(
    r"(?i)\b(?:since|from|at|around|after|before)(?: about| around)? (?P<clock>[0-2]?\d:[0-5]\d)\b"
)
_DAYS = {"yesterday": 1, "last night": 1, "since the weekend": 3, "over the weekend": 3}


def read_window(text: str, now: datetime, usual: timedelta) -> TimeWindow:
    """The window of a question: the usual one, or a longer one where it speaks of an earlier time.

    Times of day are UTC, as in the answer. It is never longer than a week.
    """
    told = (start - MARGIN for start in _list_starts(text, now) if now - FARTHEST <= start <= now)
    return TimeWindow(start=min((now - usual, *told)), end=now)


def _list_starts(text: str, now: datetime) -> Iterator[datetime]:
    for found in (*_AGO.finditer(text), *_LASTING.finditer(text)):
        count = (found["count"] or "one").lower()
        number = float(_NUMBERS.get(count, 0) or count)
        yield now - timedelta(**{_UNITS[found["unit"].lower()]: number})
    for found in _MOMENT.finditer(text):
        try:
            yield datetime.fromisoformat(f"{found['date']}T{found['clock']}").replace(tzinfo=UTC)
        except ValueError:
            continue
    for found in _CLOCK.finditer(text):
        hour, minute = map(int, found["clock"].split(":"))
        if hour < 24:
            today = datetime.combine(now.astimezone(UTC), time(hour, minute), UTC)
            yield today if today <= now else today - timedelta(days=1)
    for words, days in _DAYS.items():
        if words in text.lower():
            yield datetime.combine(now.astimezone(UTC) - timedelta(days=days), time(0), UTC)
    if re.search(r"(?i)\bthis morning\b|\btoday\b|\bovernight\b", text):
        yield datetime.combine(now.astimezone(UTC), time(0), UTC)
