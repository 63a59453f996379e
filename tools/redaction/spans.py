"""Places in a text, and what the finders of secrets have in common."""

import re
from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]
"""First character and the one after the last."""

NO_VALUE = re.compile(
    r"(?i)true|false|null|none|nil|unset|undefined|empty|missing|invalid|expired|required|rejected|denied|redacted"
    r"|hidden|unknown|yes|no|string|\*+|x{3,}|\.{3}|\$\{?\w+\}?|\$\(.*|\{\{.*|%[sdvq]|\{\w*\}"
    r"|/[a-z][\w.-]*(?:/[\w.-]*)*"
)
"""What stands for a value, or says something about one, without being it."""

PLACEHOLDER = re.compile(r"<(?:secret|email|ip|hidden):\d{1,9}>")
LONGEST_PLACEHOLDER = len("<secret:>") + 9

Rule = tuple[re.Pattern[str], tuple[str, ...]]
"""A pattern whose named groups are secrets, and lower-case texts of which one must be there."""

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def lower(text: str) -> str:
    """The text in lower case, character for character: positions in it are positions in ``text``."""
    return text.translate(_ASCII_LOWER)


def find_by_rules(rules: Sequence[Rule], text: str, lowered: str) -> Iterator[Span]:
    """What the rules find; a rule none of whose hints is in ``lowered`` is not tried."""
    for pattern, hints in rules:
        if any(hint in lowered for hint in hints):
            for match in pattern.finditer(text):
                yield from spans_of(match)


def spans_of(match: re.Match[str]) -> Iterator[Span]:
    """The groups of a match that hold a value."""
    for name, value in match.groupdict().items():
        if value and not NO_VALUE.fullmatch(value.strip()):
            yield match.span(name)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap joined into one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
