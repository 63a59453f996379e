"""Tables as kubectl prints them -> cells by column name."""

import re
from collections.abc import Iterable, Sequence

_HEADING = re.compile(r"[A-Z][A-Za-z0-9()%/_-]*(?: [A-Z/][A-Za-z0-9()%/_-]*)*")
_GAP = re.compile(r" {2,}|\t+")

Cells = dict[str, str]


def read_header(line: str) -> list[tuple[str, int]]:
    """Column names with where each begins; names may hold single spaces (``LAST SEEN``)."""
    return [(found[0], found.start()) for found in _HEADING.finditer(line)]


def split_row(header: Sequence[tuple[str, int]], line: str) -> Cells | None:
    """The cells of a row: by the places of the columns, or where spaces were lost by the gaps.

    None when the row fits neither way.
    """
    names = [name for name, _ in header]
    starts = [start for _, start in header]
    if all(start == 0 or start >= len(line) or line[start - 1] in " \t" for start in starts):
        ends = [*starts[1:], len(line)]
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if _is_plausible(line, cells):
            return dict(zip(names, cells, strict=True))
    for cells in (_GAP.split(line.strip()), line.split()):
        if len(cells) == len(names):
            return dict(zip(names, cells, strict=True))
    return None


def _is_plausible(line: str, cells: Iterable[str]) -> bool:
    """A column is one cell: two of them in one place show that the table has been squeezed."""
    first = next(iter(cells), "")
    return bool(first) and (not _GAP.search(first) or not _GAP.search(line.strip()))


def split_headless(names: Sequence[str], line: str) -> Cells | None:
    """The cells of a row without a header, if it has as many as there are names."""
    cells = _GAP.split(line.strip())
    return dict(zip(names, cells, strict=True)) if len(cells) == len(names) else None
