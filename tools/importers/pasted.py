"""Output of kubectl that was pasted into a question -> the words of the question, and what was pasted."""

import re
from collections.abc import Iterator
from datetime import datetime

from tools.importers.incident import ImportedIncident
from tools.importers.transcript.assemble import DEFAULT_NAMESPACE, assemble
from tools.importers.transcript.columns import is_header, read_header, split_words
from tools.importers.transcript.objects import is_name
from tools.importers.transcript.pasted import find_command, split_terminal
from tools.importers.transcript.section import Section

PASTED = "pasted"
"""What an incident is called that was pasted."""

MAX_PASTE = 512 * 1024
"""Characters of a question that are looked at."""

_FENCE = "```"
_TITLE = re.compile(r"Name:\s+\S+\s*$")
_DOCUMENT = re.compile(r"(?:---|apiVersion: \S+)\s*$|\{\s*$")
_GAP = re.compile(r"\S {2,}\S|\S\t+\S")
_KEY = re.compile(r"[A-Z][\w ()/.-]{0,60}:(?:\s\s|$)|[a-zA-Z][\w./-]{0,60}:\s*(?:\S+\s*)?$|- \S|=+$|-+$")


def extract_pasted(
    text: str, now: datetime, home: str = DEFAULT_NAMESPACE
) -> tuple[str, ImportedIncident | None]:
    """Part a question from output of kubectl that stands in it.

    Args:
        text: as it was typed: prose, and pasted blocks with or without fences and prompts.
        now: when it was asked; ages are told from then unless the paste holds dates.
        home: the namespace of what does not tell its own.

    Returns:
        The prose in one line, and the pasted objects, events and logs; None when there are none.
    """
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text, and cannot be stored
    prose: list[str] = []
    sections: list[Section] = []
    for is_paste, block in _split_blocks(text[:MAX_PASTE]):
        if not is_paste:
            prose.append(block)
            continue
        sections += split_terminal(block)
    imported = assemble(PASTED, sections, now, home) if sections else None
    if imported and not (imported.objects or imported.events or imported.logs):
        return " ".join(text.split()), None
    return " ".join(" ".join(prose).split()), imported


def _split_blocks(text: str) -> Iterator[tuple[bool, str]]:
    """(is it pasted?, lines) one after the other."""
    lines: list[str] = []
    pasting = fenced = False
    columns = 0
    for line in text.splitlines():
        if line.lstrip().startswith(_FENCE):
            yield pasting, "\n".join(lines)
            lines, fenced = [], not fenced
            pasting = fenced
            continue
        begins = not fenced and not pasting and _begins(line)
        is_row = _is_row(line, columns)
        ends = not fenced and pasting and not (is_row or _goes_on(line) or _begins(line))
        if begins or ends:
            yield pasting, "\n".join(lines)
            lines, pasting = [], begins
        columns = len(read_header(line)) if is_header(line) else columns if line.strip() else 0
        lines.append(line)
    yield pasting, "\n".join(lines)


def _begins(line: str) -> bool:
    """Whether a paste begins on a line: a command, a table's header, a description, a document."""
    return bool(find_command(line) or is_header(line) or _TITLE.match(line) or _DOCUMENT.match(line))


def _is_row(line: str, columns: int) -> bool:
    """Whether a line below a header has as many cells, and begins like a row."""
    cells = split_words(line)
    return bool(cells) and len(cells) == columns and is_name(cells[0].rpartition("/")[2])


def _goes_on(line: str) -> bool:
    """Whether a line within a paste belongs to it: empty, laid out in columns, or a key with a value."""
    return not line.strip() or line[0] in " \t}]" or bool(_GAP.search(line) or _KEY.match(line))
