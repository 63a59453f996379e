"""How severe a log line is, by the conventions of the loggers that wrote it.

Which stream a line came from says nothing: many programs write everything to stderr.
"""

import re
from collections.abc import Mapping
from typing import Any

from tools.logs.store import Level

_WORDS = {
    Level.DEBUG: "trace trce debug dbug dbg verbose fine finer finest",
    Level.INFO: "info information notice log",
    Level.WARNING: "warn warning",
    Level.ERROR: "err error eror severe fail",
    Level.FATAL: "fatal critical crit panic dpanic emerg emergency alert",
}
LEVEL_OF = {word: level for level, words in _WORDS.items() for word in words.split()}
"""Level words in lower case."""

_LETTERS = {
    **{"t": Level.DEBUG, "d": Level.DEBUG, "v": Level.DEBUG, "i": Level.INFO, "n": Level.INFO},
    **{"w": Level.WARNING, "e": Level.ERROR, "f": Level.FATAL, "c": Level.FATAL},
}

LEVEL_KEYS = (
    *("level", "severity", "lvl", "loglevel", "log_level", "levelname", "log.level", "@level", "@l", "s"),
    *("levelno", "severity_number", "severitynumber"),
)
"""Fields of structured lines (lower case) that hold the level; the last three hold numbers."""

_ANY = "|".join(sorted(LEVEL_OF, key=len, reverse=True))
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d")
_REDIS = re.compile(r"\d+:[XCSM] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) ")
_LOGFMT = re.compile(rf"(?:^|\s)(?:level|lvl|severity|loglevel)=\"?({_ANY})\b", re.IGNORECASE)
_FIRST_WORD = re.compile(rf"(?:npm\s+)?({_ANY})(?=[:!\s|\]]|$)", re.IGNORECASE)
_BRACKETED = re.compile(rf"[\[<|(](?:[\w.]+:)?\s*({_ANY}|[A-Z])\s*[\]>|)]", re.IGNORECASE)
_SHOUTED = re.compile(rf"(?:^|[\s:])({_ANY.upper()})(?=[\s:,\]|\-]|$)")
_PANIC = re.compile(
    r"panic: |fatal error: |\[signal SIG|thread '.*' panicked at|Segmentation fault|segfault at"
    r"|Out of memory: Kill|Exception in thread \"main\"|runtime error: "
)
_EXCEPTION = re.compile(
    r"Traceback \(most recent call last\)|Caused by: |Unhandled|goroutine \d+ \["
    r"|[\w$]+(?:\.[\w$]+)*(?:Error|Exception|Fault)(?::|$)"
)
_ACCESS_5XX = re.compile(r"\" 5\d\d \d+")
_NEGATED = re.compile(r"\b(?:no|0|zero|without(?: any)?) (?:errors?|failures?|exceptions?)\b", re.IGNORECASE)
_TROUBLE = re.compile(
    r"\b(?:errors?|fail(?:ed|ure|ures|s)?|exception|fatal|panic(?:ked)?|cannot|can't|could not|unable to"
    r"|refused|denied|forbidden|unauthorized|not found|no such|timed out|invalid|aborted|unreachable"
    r"|already in use|no space left|out of memory|connection reset|broken pipe)\b",
    re.IGNORECASE,
)
_CONCERN = re.compile(r"\b(?:warn(?:ing|s)?|deprecated|retry(?:ing)?|slow)\b", re.IGNORECASE)
_HEAD = 80
"""Loggers put the level near the start of a line; a level word further on belongs to the message."""


def level_of_fields(fields: Mapping[str, Any]) -> Level | None:
    """The level that a structured line's fields tell; None when none does.

    Numbers are read as pino and bunyan (10 to 60) or syslog and GELF (0 to 7) write them, ``levelno`` as
    Python's logging, ``severity_number`` as OpenTelemetry (1 to 24).
    """
    named = {key.lower(): value for key, value in fields.items()}
    if isinstance(nested := named.get("log"), Mapping):
        named.setdefault("log.level", nested.get("level"))
    for key in LEVEL_KEYS:
        if (value := named.get(key)) is not None and (level := _level_of_value(key, value)):
            return level
    return None


def _level_of_value(key: str, value: Any) -> Level | None:
    if isinstance(value, str) and not value.strip().isdigit():
        word = value.strip().lower()
        return LEVEL_OF.get(word) or (_LETTERS.get(word[:1]) if len(word) <= 2 else None)
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    if key == "levelno":
        return _step(number, (20, 30, 40, 50))
    if key.startswith("severity") and key != "severity":
        return _step(number, (9, 13, 17, 21))
    return _step(number, (30, 40, 50, 60)) if number >= 10 else _level_of_syslog(number)


def _step(number: int, bounds: tuple[int, int, int, int]) -> Level:
    return list(Level)[sum(number >= bound for bound in bounds)]


def _level_of_syslog(number: int) -> Level:
    order = (Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)
    return Level.FATAL if number < 3 else order[min(number, 7) - 3]


def level_of_text(text: str) -> Level:
    """The level of a plain line without its timestamp; INFO when nothing in it tells."""
    if found := _KLOG.match(text):
        return _LETTERS[found[1].lower()]
    if found := _REDIS.match(text):
        return {"#": Level.WARNING, "*": Level.INFO}.get(found[1], Level.DEBUG)
    if found := _LOGFMT.search(text):
        return LEVEL_OF[found[1].lower()]
    return _level_of_head(text[:_HEAD].lstrip()) or _level_of_content(text)


def _level_of_head(head: str) -> Level | None:
    if _PANIC.match(head):
        return Level.FATAL
    if first := _FIRST_WORD.match(head):
        return LEVEL_OF[first[1].lower()]
    marks = [found for pattern in (_BRACKETED, _SHOUTED) if (found := pattern.search(head))]
    if not marks:
        return None
    word = min(marks, key=lambda found: found.start(1))[1].lower()
    return LEVEL_OF.get(word) or _LETTERS.get(word)


def _level_of_content(text: str) -> Level:
    if _PANIC.search(text):
        return Level.FATAL
    if _EXCEPTION.match(text.lstrip()) or _ACCESS_5XX.search(text):
        return Level.ERROR
    plain = _NEGATED.sub("", text)
    if _TROUBLE.search(plain):
        return Level.ERROR
    return Level.WARNING if _CONCERN.search(plain) else Level.INFO
