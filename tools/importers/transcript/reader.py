"""One section of a transcript -> what it tells."""

import re
from collections.abc import Callable, Iterator, Sequence

from domain.objects import KubeObject
from tools.importers.documents import find_objects, read_documents
from tools.importers.transcript import described, rows
from tools.importers.transcript.columns import (
    Cells,
    Header,
    is_header,
    read_header,
    split_headless,
    split_row,
)
from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.events import read_event_rows
from tools.importers.transcript.headless import columns_without_header
from tools.importers.transcript.logs import read_log
from tools.importers.transcript.section import Rank, Reading, Section, Told

MAX_TEXT = 8 * 2**20
"""Characters of one output that are read."""

_NONE = re.compile(r"No (?:resources|events) found(?: in \S+ namespace)?\.?")
_DOCUMENT = re.compile(r"\s*(?:[{\[]|---|apiVersion:|- apiVersion:|kind:)")
_NAME = re.compile(r"Name:\s+\S")
_VERSION = re.compile(r"(?:Server Version:\s+|gitVersion\W+)(v\d[\w.+-]{0,40})")


def read_section(section: Section) -> Reading:
    """Read what a command printed; without a command, whatever it looks like."""
    reading = Reading(section)
    command = section.command
    verb = command.verb if command else ""
    if not _note_empty(reading):
        _READERS.get(verb, _read_unasked)(reading, section.text[:MAX_TEXT])
    return reading


def _note_empty(reading: Reading) -> bool:
    """Whether the output says that there is nothing; a list that is empty is a fact of its own."""
    command, text = reading.section.command, reading.section.text.strip()
    if text and not _NONE.fullmatch(text):
        return False
    if command and command.verb == "get" and command.lists_all:
        _note_listed(reading, command)
    return True


def _note_listed(reading: Reading, command: RecordedCommand) -> None:
    everywhere = "--all-namespaces" in command.flags
    for resource, _ in command.targets:
        if resource:
            reading.listed.add(
                (resource.kind, "" if everywhere or not resource.namespaced else command.namespace)
            )


def _read_get(reading: Reading, text: str) -> None:
    command = reading.section.command
    if command and command.output in ("yaml", "json"):
        _read_document(reading, text)
    elif command and command.output not in ("", "wide"):
        reading.unread = text
    else:
        _read_tables(reading, text)
    if command and command.lists_all and reading.told and not reading.unread:
        _note_listed(reading, command)


def _read_document(reading: Reading, text: str) -> None:
    objects = [item for document in read_documents(text) for item in find_objects(document)]
    reading.told += [Told(item, _rank(item)) for item in objects if item["kind"] != "Event"]
    reading.events += [item for item in objects if item["kind"] == "Event"]
    if not objects:
        reading.unread = text


def _rank(item: KubeObject) -> Rank:
    served = ("uid", "resourceVersion", "creationTimestamp")
    is_served = bool(item.get("status")) or any(item["metadata"].get(field) for field in served)
    return Rank.DOCUMENT if is_served else Rank.MANIFEST


def _read_tables(reading: Reading, text: str) -> None:
    unread: list[str] = []
    for header, lines in _split_tables(text):
        _read_table(reading, header, lines, unread)
    reading.unread = "\n".join(unread)


def _split_tables(text: str) -> Iterator[tuple[str, list[str]]]:
    """(header, rows) of each table; the header is empty for rows without one."""
    header, lines = "", list[str]()
    for line in text.splitlines():
        if is_header(line):
            if lines:
                yield header, lines
            header, lines = line, []
        elif line.strip():
            lines.append(line)
    if lines:
        yield header, lines


def _read_table(reading: Reading, header_line: str, lines: Sequence[str], unread: list[str]) -> None:
    command = reading.section.command
    header = read_header(header_line)
    columns = {name for name, _ in header}
    kind = (command.kind if command and command.verb != "top" else "") or rows.find_kind(columns)
    split = _row_splitter(header, kind, command)
    cells: list[Cells] = []
    for line in lines:
        row = split(line)
        if row is None:
            unread.append(line)
        else:
            cells.append(row)
    namespace = command.namespace if command else ""
    if kind == "Event":
        found = list(read_event_rows(cells, namespace))
        reading.events += found
    else:
        _read_rows(reading, cells, kind, namespace, unread)


def _row_splitter(
    header: Header, kind: str, command: RecordedCommand | None
) -> Callable[[str], Cells | None]:
    if header:
        return lambda line: split_row(header, line)
    choices = columns_without_header(kind, command)

    def split(line: str) -> Cells | None:
        return next((row for names in choices if (row := split_headless(names, line)) is not None), None)

    return split


def _read_rows(
    reading: Reading, cells: Sequence[Cells], kind: str, namespace: str, unread: list[str]
) -> None:
    for row in cells:
        item = rows.read_row(row, kind, namespace)
        if item is None:
            unread.append("   ".join(row.values()))
        else:
            reading.told.append(Told(item, Rank.TABLE))


def _read_events(reading: Reading, text: str) -> None:
    command = reading.section.command
    if command and command.output in ("yaml", "json"):
        _read_document(reading, text)
        return
    unread: list[str] = []
    for header_line, lines in _split_tables(text):
        header = read_header(header_line)
        split = _row_splitter(header, "Event", command)
        found = [(line, split(line)) for line in lines]
        reading.events += read_event_rows(
            [row for _, row in found if row], command.namespace if command else ""
        )
        unread += [line for line, row in found if row is None]
    reading.unread = "\n".join(unread)


def _read_described(reading: Reading, text: str) -> None:
    command = reading.section.command
    kind, namespace = (command.kind, command.namespace) if command else ("", "")
    is_one = command is not None and len(command.names) == 1
    unread: list[str] = []
    for part in [text] if is_one else described.split_descriptions(text):
        found = described.read_description(part, kind, namespace)
        if found is None:
            unread.append(part)
            continue
        item, events = found
        reading.told.append(Told(item, Rank.DESCRIPTION))
        reading.events += events
        if not described.has_reader(item["kind"]):
            unread.append(part)
    reading.unread = "\n".join(unread)


def _read_logs(reading: Reading, text: str) -> None:
    found = read_log(reading.section)
    if found is None:
        reading.unread = text
    else:
        reading.logs.append(found)


def _read_version(reading: Reading, text: str) -> None:
    found = _VERSION.findall(text)
    reading.version, reading.unread = (found[-1], "") if found else ("", text)


def looks_printed(text: str) -> bool:
    """Whether a text without a command looks like something that kubectl prints."""
    lines = text.splitlines()
    return bool(_DOCUMENT.match(text)) or any(is_header(line) or _NAME.match(line) for line in lines)


def _read_unasked(reading: Reading, text: str) -> None:
    """Text without a command that we read: a document, descriptions, tables, or none of these."""
    lines = text.splitlines()
    if reading.section.command is not None:
        reading.unread = text
    elif _DOCUMENT.match(text):
        _read_document(reading, text)
    elif any(map(_NAME.match, lines)):
        _read_described(reading, text)
    elif any(map(is_header, lines)):
        _read_tables(reading, text)
    else:
        reading.unread = text


_READERS: dict[str, Callable[[Reading, str], None]] = {
    "get": _read_get,
    "top": _read_tables,
    "events": _read_events,
    "describe": _read_described,
    "logs": _read_logs,
    "version": _read_version,
}
