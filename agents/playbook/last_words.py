"""The lines of a log that say why a container ended."""

import re
from collections.abc import Sequence

from agents.playbook.scene import SeenLine

TAIL = 60
"""How many of the last lines can hold last words."""

_SEVERE = re.compile(
    r"(?i)\b(error|fatal|critical|crit|panic|severe|exception|traceback|err|emerg|alert)\b|^[EF]\d{4} "
)
_TELLING = re.compile(
    r"(?i)refused|denied|not found|no such|invalid|missing|required|not set|cannot|can't|could ?n[o']t|unable"
    r"|unexpected|expected|unknown|unsupported|forbidden|unauthori[sz]ed|timed? ?out|already in use|exceed"
    r"|out of memory|no space|read-only|mismatch|corrupt|expired|failed|caused by|\w(Error|Exception)\b"
    r"|must (be|have)|not (defined|supported|allowed|permitted|configured|recogni[sz]ed)|undefined"
    r"|unrecogni[sz]ed|illegal|malformed|unreachable|segmentation fault|syntax"
)
_CLOSING = re.compile(
    r"(?i)\b(exiting|shutting down|shutdown|giving up|stopp(ed|ing)|terminat(ed|ing)|abort(ed|ing)?"
    r"|exit (status|code)|will (exit|restart)|bye)\b"
)
_TELLS = 2.0
"""The score from which a line says what went wrong: a level and a word, or two words."""

_FRAME = re.compile(r"^\s+(at |File \"|\.\.\. \d+ more)|^goroutine \d+|^\s+/|^Traceback ")


def pick_last_words(lines: Sequence[SeenLine], most: int = 2) -> list[SeenLine]:
    """At most ``most`` lines that best say what went wrong, in the order they were written.

    Severity and telling words count for a line, closing words ("exiting") and stack frames against
    it; later lines win ties. A log without such lines gives the one that comes closest, else its last line.
    """
    tail = list(lines)[-TAIL:]
    scored = [(_score(line) + 0.02 * index, index) for index, line in enumerate(tail)]
    best = sorted((entry for entry in scored if entry[0] >= _TELLS), reverse=True)[:most]
    if not best:
        closest = max(scored, key=lambda entry: (entry[0] >= 1, entry[1]), default=(0.0, -1))
        return [tail[closest[1]]] if tail else []
    return [tail[index] for _, index in sorted(best, key=lambda entry: entry[1])]


def is_telling(line: SeenLine) -> bool:
    """Whether a line says what went wrong."""
    return _score(line) >= _TELLS


def _score(line: SeenLine) -> float:
    text = line.text
    if _FRAME.search(text):
        return 0.0
    telling = len({m.group(0).lower() for m in _TELLING.finditer(text[:2000])})
    return (
        2.0 * bool(_SEVERE.search(text))
        + min(3, telling) * 1.5
        - 2.0 * (bool(_CLOSING.search(text)) + line.quiet)
    )


def quote(lines: Sequence[SeenLine]) -> str:
    """The lines in quotation marks, bounded."""
    return " / ".join(f"“{line.text.strip()[:240]}”" for line in lines)
