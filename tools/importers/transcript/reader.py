"""One section of a transcript -> what it tells."""

import re
from collections.abc import Callable
from itertools import islice

from domain.objects import KubeObject
from tools.importers.documents import find_objects, read_documents
from tools.importers.transcript import described
from tools.importers.transcript.columns import is_header
from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.logs import read_log
from tools.importers.transcript.section import Rank, Reading, Section, Told
from tools.importers.transcript.tables import read_tables

MAX_TEXT = 8 * 2**20
MAX_DESCRIPTIONS = 5_000
"""Characters and descriptions of one output that are read; what follows stays text."""

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
        reading.unread += section.text[MAX_TEXT:]
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
        read_tables(reading, text)
    if command and command.lists_all and (reading.told or reading.events) and not reading.unread:
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


def _read_events(reading: Reading, text: str) -> None:
    command = reading.section.command
    if command and command.output in ("yaml", "json"):
        _read_document(reading, text)
    else:
        read_tables(reading, text, "Event")
    if command and command.lists_all and reading.events and not {"--for", "--types"} & set(command.flags):
        reading.listed.add(("Event", "" if "--all-namespaces" in command.flags else command.namespace))


def _read_described(reading: Reading, text: str) -> None:
    command = reading.section.command
    kind, namespace = (command.kind, command.namespace) if command else ("", "")
    is_one = command is not None and len(command.names) == 1
    unread: list[str] = []
    parts = iter([text]) if is_one else described.split_descriptions(text)
    for part in islice(parts, MAX_DESCRIPTIONS):
        found = described.read_description(part, kind, namespace)
        if found is None:
            unread.append(part)
            continue
        item, events = found
        reading.told.append(Told(item, Rank.DESCRIPTION))
        reading.events += events
        if not described.has_reader(item["kind"]):
            unread.append(part)
    reading.unread = "\n".join([*unread, *parts])


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
        read_tables(reading, text)
    else:
        reading.unread = text


_READERS: dict[str, Callable[[Reading, str], None]] = {
    "get": _read_get,
    "top": read_tables,
    "events": _read_events,
    "describe": _read_described,
    "logs": _read_logs,
    "version": _read_version,
}
