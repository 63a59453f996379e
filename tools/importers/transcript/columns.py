"""Tables as kubectl prints them -> cells by column name."""

import re
from collections.abc import Sequence

_TWO_WORDS = (
    "LAST SEEN|FIRST SEEN|ACCESS MODES|RECLAIM POLICY|NOMINATED NODE|READINESS GATES|NODE SELECTOR"
    "|LAST SCHEDULE|MIN AVAILABLE|MAX UNAVAILABLE|ALLOWED DISRUPTIONS|CREATED AT"
)
_COLUMN = re.compile(rf"(?:{_TWO_WORDS})(?!\S)|\S+")
_TITLE = re.compile(r"[A-Z][A-Za-z0-9()%/_-]*(?: [A-Z/][A-Za-z0-9()%/_-]*)*")
_GAP = re.compile(r" {2,}|\t+")
_WORD = re.compile(r"\S+(?: \([^()\s]*(?: [^()\s]*){0,3}\))?")
"""A cell of a squeezed row: a word, and what explains it in brackets (``5 (2m ago)``)."""

_FIRST = ("NAME", "NAMESPACE", "LAST", "POD")

Cells = dict[str, str]
Header = Sequence[tuple[str, int]]
"""Column names with the place where each begins."""


def is_header(line: str) -> bool:
    """Whether a line is the header of a table that kubectl prints."""
    words = line.split()
    if len(words) < 2 or words[0] not in _FIRST:
        return False
    return all(word == word.upper() or word in ("CPU(cores)", "MEMORY(bytes)") for word in words)


def read_header(line: str) -> Header:
    """The columns of ``kubectl get``, as far apart as they may be."""
    return [(found[0], found.start()) for found in _COLUMN.finditer(line)]


def read_inner_header(line: str) -> Header:
    """The columns of a table in a description, whose names have several words and stand two spaces apart."""
    return [(found[0], found.start()) for found in _TITLE.finditer(line)]


def split_row(header: Header, line: str) -> Cells | None:
    """The cells of a row: by the places of the columns, or where spaces were lost by the words.

    None when the row fits neither way.
    """
    names = [name for name, _ in header]
    starts = [start for _, start in header]
    if names and not _is_squeezed(header) and all(_is_free(line, start) for start in starts):
        cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if cells and cells[0]:
            return dict(zip(names, cells, strict=True))
    for cells in (_GAP.split(line.strip()), split_words(line)):
        if len(cells) == len(names):
            return dict(zip(names, cells, strict=True))
    return None


def split_words(line: str) -> list[str]:
    """The cells of a row that has single spaces alone."""
    return _WORD.findall(line)


def _is_squeezed(header: Header) -> bool:
    ends = (start + len(name) for name, start in header)
    return any(start - end < 2 for end, (_, start) in zip(ends, header[1:], strict=False))


def _is_free(line: str, start: int) -> bool:
    """Whether no cell runs over the place where a column begins."""
    return start == 0 or start >= len(line) or line[start - 1] in " \t"


def split_headless(names: Sequence[str], line: str) -> Cells | None:
    """The cells of a row without a header, if it has as many as there are names."""
    cells = _GAP.split(line.strip())
    return dict(zip(names, cells, strict=True)) if len(cells) == len(names) else None
