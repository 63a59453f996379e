"""The tables of ``kubectl get``, ``events`` and ``top`` -> objects and events."""

from collections.abc import Callable, Iterator, Sequence

from tools.importers.transcript import rows
from tools.importers.transcript.columns import (
    Cells,
    Header,
    is_header,
    read_header,
    split_headless,
    split_row,
)
from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.events import read_event_row, read_loose_event
from tools.importers.transcript.headless import columns_without_header
from tools.importers.transcript.section import Rank, Reading, Told

MAX_ROWS = 20_000
"""Rows of one output that are read; what follows stays text."""


def read_tables(reading: Reading, text: str, kind: str = "") -> None:
    """Read every table of a text; rows that cannot be read become the reading's ``unread``.

    Args:
        reading: where to put what was told.
        text: what was printed.
        kind: what the rows are; empty to take it from the command, or else from the columns.
    """
    unread: list[str] = []
    left = MAX_ROWS
    for header, lines in _split_tables(text):
        _read_table(reading, header, lines[:left], kind, unread)
        unread += lines[left:]
        left = max(0, left - len(lines))
    reading.unread = "\n".join(unread)


def _split_tables(text: str) -> Iterator[tuple[Header, list[str]]]:
    """(header, rows) of each table; the header is empty for rows without one."""
    header: Header = ()
    lines: list[str] = []
    for line in text.splitlines():
        if is_header(line):
            if lines:
                yield header, lines
            header, lines = read_header(line), []
        elif line.strip():
            lines.append(line)
    if lines:
        yield header, lines


def _read_table(reading: Reading, header: Header, lines: Sequence[str], kind: str, unread: list[str]) -> None:
    command = reading.section.command
    kind = kind or _find_kind(header, command)
    namespace = command.namespace if command else ""
    split = _row_splitter(header, kind, command)
    for line in lines:
        row = split(line)
        if row is not None and _read_row(reading, row, kind, namespace):
            continue
        event = read_loose_event(line, command.flags.get("--for", ""), namespace) if command else None
        if event:
            reading.events.append(event)
        else:
            unread.append(line)


def _find_kind(header: Header, command: RecordedCommand | None) -> str:
    asked = command.kind if command and command.verb == "get" else ""
    return asked or rows.find_kind({name for name, _ in header})


def _row_splitter(
    header: Header, kind: str, command: RecordedCommand | None
) -> Callable[[str], Cells | None]:
    if header:
        return lambda line: split_row(header, line)
    choices = columns_without_header(kind, command)

    def split(line: str) -> Cells | None:
        return next((row for names in choices if (row := split_headless(names, line)) is not None), None)

    return split


def _read_row(reading: Reading, row: Cells, kind: str, namespace: str) -> bool:
    """Whether the row told of an event or an object."""
    if kind == "Event":
        event = read_event_row(row, namespace)
        reading.events += [event] if event else []
        return event is not None
    item = rows.read_row(row, kind, namespace)
    reading.told += [Told(item, Rank.TABLE)] if item else []
    return item is not None
