"""The ways in which a model could read a text: as it stands, unescaped, in plain letters, decoded."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

DEPTH = 2
"""What is encoded twice is read; what is encoded more often, no model reads by itself."""

LONGEST = 20_000

_BLOB = re.compile(r"[A-Za-z0-9+/_-]{24,4000}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){16,1000}(?![0-9a-fA-F])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_SPACED = re.compile(r"(?<=\b\w)[ .·_-](?=\w\b)")
"""Between single letters: ``i g n o r e   a l l``."""

_ENGLISH = re.compile(
    r"\b(?:the|is|all|you|that|this|and|to|of)\b.*\b(?:the|is|all|you|that|this|and|to|of)\b"
)
_JOINED = re.compile(r"[-_./:,;|+~]+")
_INVISIBLE = {"Cf", "Co", "Cn"}
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοριντυɡɩ",
    "aeopcyxijshdqwABEKMHOPCTXIJSABEZHIKMNOPTYXaopintugi",
)
"""Cyrillic and Greek letters that look like Latin ones, after Unicode's confusables.txt."""


def read_all_ways(text: str) -> Iterator[str]:
    """The text, and every other reading of it, each once."""
    texts = dict.fromkeys([_make_plain(text[:LONGEST])])
    for _ in range(DEPTH):
        texts |= dict.fromkeys(decoded for known in texts for decoded in _decode(known))
    yield from dict.fromkeys(reading for known in (text[:LONGEST], *texts) for reading in _spell(known))


def _spell(text: str) -> Iterator[str]:
    """The same letters, put otherwise."""
    yield text
    yield " ".join(text.split())
    yield " ".join(_SPACED.sub("", text).split())
    yield _JOINED.sub(" ", text)
    yield text.translate(_ALIKE)
    for turned in (codecs.decode(text, "rot13"), text[::-1]):
        if _ENGLISH.search(turned):
            yield turned


def _decode(text: str) -> Iterator[str]:
    """What is written in it in another form."""
    if "%" in text:
        yield unquote(text)
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _ESCAPE.sub(_unescape, text)
    for blob in _BLOB.findall(text):
        yield from _decode_base64(blob)
    for digits in _HEX.findall(text):
        yield from _decode_hex(digits)


def _make_plain(text: str) -> str:
    """In the usual forms of its letters, without what cannot be seen."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


def _decode_base64(blob: str) -> Iterator[str]:
    padded = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return
    yield from _as_text(decoded)


def _decode_hex(digits: str) -> Iterator[str]:
    plain = re.sub(r"[ :]", "", digits)
    if len(plain) % 2 == 0:
        yield from _as_text(bytes.fromhex(plain))


def _as_text(raw: bytes) -> Iterator[str]:
    """What was decoded, if it is words: random bytes are seldom printable."""
    text = raw.decode("utf-8", errors="replace")
    if all(c.isprintable() or c in "\n\t" for c in text) and "\N{REPLACEMENT CHARACTER}" not in text:
        yield text
