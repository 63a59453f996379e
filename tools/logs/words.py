"""Log lines and questions -> the words they are searched by.

Names are kept whole and in parts: ``cache-service:6379`` is also found by ``cache-service`` and ``cache``,
``NullPointerException`` by ``pointer``, ``/etc/app/router.conf`` by ``router.conf``. Addresses stay whole.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

MAX_QUERY_WORDS = 64
"""Words of a query that are looked up; what follows is left out."""

INNER_CHARACTERS = ".:/@+%~-_"
"""What may stand inside a word, besides letters and digits."""

_FUNCTION_WORDS = """
a about after all also an and any are as at be been but by can could did do does for from get had has have how
i if in into is it its just me my no not of on one only or our out should since so some than that the their
them then there these they this to up us was we were what when where which while who why will with would yet
you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that say nothing about a log line; a query of nothing else is taken as it is."""

_CHUNK = re.compile(rf"\w(?:[\w{re.escape(INNER_CHARACTERS)}]*\w)?")
_SEPARATORS = (re.compile(r"[:/@+%~]+"), re.compile(r"\.+"), re.compile(r"[-_]+"))
_NUMBER = re.compile(r"[\d.]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_MAX_WORD = 100


def split_words(text: str) -> list[str]:
    """Every word to index, in lower case: names whole, then their parts."""
    return [word for chunk in _CHUNK.findall(text) for word in _words_of(chunk)]


def query_words(text: str) -> list[str]:
    """The different words of a query that tell something, first come first, at most ``MAX_QUERY_WORDS``."""
    words = list(dict.fromkeys(split_words(text)))
    telling = [word for word in words if word not in FUNCTION_WORDS and len(word) > 1]
    return (telling or words)[:MAX_QUERY_WORDS]


@lru_cache(maxsize=2**15)
def _words_of(chunk: str) -> tuple[str, ...]:
    if chunk.isascii() and chunk.isalnum() and not any(map(str.isupper, chunk[1:])):
        return (chunk[:_MAX_WORD].lower(),)
    return tuple(dict.fromkeys(part[:_MAX_WORD].lower() for part in _parts_of(chunk)))


def _parts_of(chunk: str) -> Iterator[str]:
    parts = [chunk]
    yield chunk
    for separator in _SEPARATORS:
        parts = [piece for part in parts for piece in _split(separator, part)]
        yield from parts
    for part in parts:
        if not _NUMBER.fullmatch(part):
            yield from (hump for hump in _HUMP.findall(part) if len(hump) > 1)


def _split(separator: re.Pattern[str], part: str) -> list[str]:
    return [part] if _NUMBER.fullmatch(part) else [piece for piece in separator.split(part) if piece]
