"""Long output, cut by relevance: what stays is what a reader would look for, in its order."""

import re

MAX_LINE = 1000
"""Characters of one line; a longer one is cut."""

_MARK = 28
"""Characters that the mark of a gap takes, at most."""

ALARMING = re.compile(
    r"\b(error|err|fatal|panic|exception|traceback|caused by|fail(ed|ure|ing)?|refused|denied|forbidden"
    r"|unauthorized|timed? ?out|unreachable|cannot|can't|could not|unable|not found|no such|killed|oom\w*"
    r"|evicted"
    r"|crash\w*|back-?off|unhealthy|invalid|exceeded|missing|abort\w*|warning|critical|severe"
    r"|errimage\w*|imagepull\w*|createcontainer\w*|notready|unknown|pending|terminating|mismatch)\b"
    r"|(?<![\d/])0/[1-9]|exit(ed| code|status)?\W+[1-9]",
    re.IGNORECASE,
)
"""Words of trouble, in logs as in tables."""


def trim(text: str, limit: int, *, head: int = 5, tail: int = 40) -> tuple[str, bool]:
    """Cut a text to about ``limit`` characters.

    The first ``head`` lines stay, then lines that look like trouble and the last ``tail`` lines, newest
    first, then whatever still fits. Gaps are marked ``... N lines left out ...``.

    Returns:
        The text, and whether anything was left out.
    """
    lines = [_cut_line(line) for line in text.split("\n")]
    if sum(len(line) + 1 for line in lines) <= limit:
        return "\n".join(lines), any(len(line) > MAX_LINE for line in text.split("\n"))
    kept: set[int] = set()
    left = limit - _MARK
    for number in _rank(lines, head, tail):
        is_alone = number - 1 not in kept and number + 1 not in kept
        left -= len(lines[number]) + 1 + (_MARK if is_alone else 0)
        if left < 0:
            break
        kept.add(number)
    return _join(lines, kept), True


def _cut_line(line: str) -> str:
    return (
        line
        if len(line) <= MAX_LINE
        else f"{line[:MAX_LINE]} ... {len(line) - MAX_LINE} characters left out ..."
    )


def _rank(lines: list[str], head: int, tail: int) -> list[int]:
    """Line numbers, the most relevant first: head, the very end, trouble, the rest of the tail, the rest."""
    numbers = range(len(lines))
    first = [n for n in numbers if n < head]
    newest = list(reversed(numbers))
    end = newest[: tail // 4]
    trouble = [n for n in newest if ALARMING.search(lines[n])]
    return list(dict.fromkeys([*first, *end, *trouble, *newest[:tail], *numbers]))


def _join(lines: list[str], kept: set[int]) -> str:
    """The kept lines, with a mark at every gap."""
    written: list[str] = []
    skipped = 0
    for number, line in enumerate(lines):
        if number not in kept:
            skipped += 1
            continue
        written += [_tell_gap(skipped)] * bool(skipped) + [line]
        skipped = 0
    return "\n".join(written + [_tell_gap(skipped)] * bool(skipped))


def _tell_gap(skipped: int) -> str:
    return f"... {skipped} lines left out ..." if skipped > 1 else "... 1 line left out ..."
