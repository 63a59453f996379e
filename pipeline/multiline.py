"""Stack traces that arrive as separate lines -> one entry each, as far as their lines are in one batch.

A trace that two batches share becomes two documents, next to each other in time: no state outlives a batch,
so that no line waits in memory for a successor while the stream is already told that it was taken. Fluent
Bit's multiline filter joins before that; with several shards only it can, since its Kinesis output scatters
the lines of a container.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.entry import Entry
from tools.logs.lines import read_line
from tools.logs.store import Level

MAX_LINES = 500
MAX_CHARACTERS = 16_000
"""Of a joined trace."""

MAX_PARTIAL = 256_000
"""Of a line that the container runtime cut into pieces (containerd and CRI-O do at 16 KiB)."""

GAP = timedelta(seconds=2)
"""A program writes a trace at once; lines further apart do not belong together."""

_AT_ONCE = timedelta(milliseconds=100)
_FOLLOWS = re.compile(
    r"[ \t]+\S|[ \t]*[})\]]+[,;]?$|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|--- End of "
    r"|During handling of the above"
    r"|The above exception was the direct cause|goroutine \d+ \[|created by |\[signal SIG"
    r"|exit status \d|stack backtrace:"
)
"""Beginnings of lines that only make sense after another one."""

_CHAINED = re.compile(r"During handling of the above|The above exception was")
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):")
_EXCEPTION = re.compile(
    r"(?:Exception in thread .*|[\w$]+(?:\.[\w$]+)+(?:Exception|Error|Throwable)(?::.*)?)$"
)
_GO_FRAME = re.compile(r"[\w./*()\[\]{}·\-]+\(.*\)$|main\.|runtime[./]")
_GO_HEAD = re.compile(r"(?:panic: |fatal error: |goroutine \d+ \[)")


@dataclass
class _Block:
    lines: list[Entry]
    characters: int

    @property
    def last(self) -> Entry:
        return self.lines[-1]

    @property
    def head(self) -> Entry:
        return self.lines[0]


@dataclass(frozen=True)
class Joined:
    """One entry made of one or more; ``sources`` are the deliveries that they came in."""

    entry: Entry
    sources: frozenset[int]


def join_lines(entries: Iterable[Entry]) -> list[Joined]:
    """Join partial lines and stack traces; of entries with one id the first counts, all their sources do."""
    unique: dict[str, Entry] = {}
    sources: dict[str, set[int]] = {}
    for entry in entries:
        unique.setdefault(entry.id, entry)
        sources.setdefault(entry.id, set()).add(entry.source)
    places: dict[tuple[str, ...], list[Entry]] = {}
    for entry in unique.values():
        places.setdefault((*entry.place.key, entry.stream), []).append(entry)
    blocks = (block for lines in places.values() for block in _split(sorted(lines, key=_by_time)))
    return [_close(block, sources) for block in blocks]


def _by_time(entry: Entry) -> tuple[object, int]:
    return entry.time, entry.order


def _split(lines: Sequence[Entry]) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        if blocks and _belongs(blocks[-1], line):
            blocks[-1].lines.append(line)
            blocks[-1].characters += len(line.text) + 1
        else:
            blocks.append(_Block([line], len(line.text)))
    return blocks


def _belongs(block: _Block, line: Entry) -> bool:
    gap = line.time - block.last.time
    limit = MAX_PARTIAL if block.last.partial else MAX_CHARACTERS
    if gap > GAP or len(block.lines) >= MAX_LINES or block.characters + len(line.text) > limit:
        return False
    if block.last.partial:
        return True
    return _continues(block, line, gap) and not _is_object(block.head.text)


def _continues(block: _Block, line: Entry, gap: timedelta) -> bool:
    text = line.text
    if _FOLLOWS.match(text):
        return True
    if _TRACEBACK.match(text) or _EXCEPTION.match(text):
        return gap <= _AT_ONCE and (_is_trouble(block) or _CHAINED.match(block.last.text) is not None)
    if _GO_HEAD.match(block.head.text) and _GO_FRAME.match(text):
        return True
    return _ends_traceback(block, text)


def _is_trouble(block: _Block) -> bool:
    """Whether a block announces the exception that follows it."""
    return len(block.lines) == 1 and read_line(block.head.text).level >= Level.WARNING


def _is_object(text: str) -> bool:
    """Whether a line is complete in itself: structured loggers write a trace into a field."""
    return text.startswith("{") and text.endswith("}")


def _ends_traceback(block: _Block, text: str) -> bool:
    """``ValueError: bad`` after the frames of a Python traceback; nothing after it belongs to it."""
    opened = any(_TRACEBACK.match(line.text) for line in block.lines)
    return opened and block.last.text[:1].isspace() and re.match(r"[\w.]+(?::|$)", text) is not None


def _close(block: _Block, sources: dict[str, set[int]]) -> Joined:
    if len(block.lines) == 1:
        return Joined(block.head, frozenset(sources[block.head.id]))
    text = block.head.text
    for before, line in zip(block.lines, block.lines[1:], strict=False):
        text += line.text if before.partial else f"\n{line.text}"
    came_in = frozenset(source for line in block.lines for source in sources[line.id])
    return Joined(replace(block.head, text=text, partial=False), came_in)
