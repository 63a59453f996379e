"""Columns of text, as Go's text/tabwriter lays them out: kubectl's tables and descriptions rest on it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tools.cluster.times import parse_time

NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"

MAX_CELL = 1000
"""Characters of a cell: one long cell would widen its column, and so every row."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control and format characters: what moves a cursor, turns the direction of text, or is not seen at all."""


def align(text: str, *, minimum: int = 0, padding: int = 2) -> str:
    """Replace tabs by spaces so that cells of consecutive lines line up; trailing spaces are cut.

    A column is a run of consecutive lines that have a tab at the same place; it is as wide as its widest
    cell and ``padding``, and at least ``minimum``. See https://pkg.go.dev/text/tabwriter.
    """
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in lines]
    deep = [number for number, cells in enumerate(lines) if len(cells) > 1]
    while deep:
        column = len(widths[deep[0]])
        for run in _find_runs(deep):
            width = max(minimum, padding + max(len(lines[n][column]) for n in run))
            for n in run:
                widths[n].append(width)
        deep = [n for n in deep if column + 1 < len(lines[n]) - 1]
    return "\n".join(
        "".join([*map(str.ljust, cells, row), cells[-1]]).rstrip()
        for cells, row in zip(lines, widths, strict=True)
    )


def _find_runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Stretches of consecutive numbers, of numbers that rise."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    yield run


def lay_out_table(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as ``kubectl get`` prints them: three spaces between columns."""
    flat = ("\t".join(flatten(cell) for cell in row) for row in rows)
    return align("\n".join(flat), minimum=6, padding=3)


def flatten(cell: str) -> str:
    """A cell on one line, as kubectl cuts it: its first line, and ``...`` if there is more.

    Unlike kubectl's, a line has at most ``MAX_CELL`` characters.
    """
    first, more, _ = cell.replace("\t", " ").partition("\n")
    return first[:MAX_CELL] + "..." if more or len(first) > MAX_CELL else first


def escape_control(text: str) -> str:
    r"""Make what is not seen visible (``\x1b``): output must not steer a terminal or hide text."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def tell_age(moment: object, now: datetime) -> str:
    """``5m2s``: how long ago a raw time was; ``<unknown>`` when there is none."""
    known = moment if isinstance(moment, datetime) else parse_time(moment)
    return UNKNOWN if known is None else tell_span((now - known).total_seconds())


def tell_span(total: float) -> str:
    """Seconds as kubectl's ``duration.HumanDuration`` writes them: two or three significant figures."""
    seconds = int(total)
    if seconds < -1:
        return "<invalid>"
    minutes, hours = max(0, seconds) // 60, max(0, seconds) // 3600
    days = hours // 24
    if seconds < 120:
        return f"{max(0, seconds)}s"
    if minutes < 10:
        return f"{minutes}m" + _rest(seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h" + _rest(minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d" + _rest(hours % 24, "h")
    if days < 365 * 2:
        return f"{days}d"
    return f"{days // 365}y" + (_rest(days % 365, "d") if days < 365 * 8 else "")


def _rest(value: int, unit: str) -> str:
    return f"{value}{unit}" if value else ""
