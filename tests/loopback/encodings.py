"""Ways to write a text down so that a model reads it and a filter may not; and to read it again."""

import base64
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import quote, unquote

_ALIKE = dict(zip("aeopcyxijsABEKMHOPCTX", "аеорсухіјѕАВЕКМНОРСТХ", strict=True))
_ALIKE_BACK = {alike: letter for letter, alike in _ALIKE.items()}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _space_out(text: str) -> str:
    return "   ".join(" ".join(word) for word in text.split())


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "base64": _base64,
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "twice-base64": lambda text: _base64(_base64(text)),
    "hex": lambda text: text.encode().hex(),
    "zero-width": "\N{ZERO WIDTH SPACE}".join,
    "homoglyph": lambda text: "".join(_ALIKE.get(letter, letter) for letter in text),
    "entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "percent": lambda text: quote(text, safe=""),
    "unicode-escape": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "fullwidth": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed": lambda text: text[::-1],
    "spaced": _space_out,
}


@lru_cache(maxsize=4_096)
def read_anyhow(text: str) -> tuple[str, ...]:
    """The text and what a clever reader makes of it; what is in it twice encoded, too."""
    once = list(_read(text))
    return tuple(dict.fromkeys((text, *once, *(twice for reading in once for twice in _unpack(reading)))))


def _read(text: str) -> Iterator[str]:
    yield "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    yield "".join(_ALIKE_BACK.get(letter, letter) for letter in text)
    yield html.unescape(html.unescape(text))
    yield unquote(text)
    yield re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    yield codecs.decode(text, "rot13")
    yield text[::-1]
    yield " ".join(re.sub(r"(?<=\b\w) (?=\w\b)", "", text).split())
    yield re.sub(r"[-_./]+", " ", text)
    yield from _unpack(text)


def _unpack(text: str) -> Iterator[str]:
    for blob in re.findall(r"[A-Za-z0-9+/_-]{24,}", text):
        for decode in (_decode_base64, bytes.fromhex):
            try:
                yield decode(blob).decode()
            except ValueError:
                continue


def _decode_base64(blob: str) -> bytes:
    padded = blob.replace("-", "+").replace("_", "/")
    return base64.b64decode(padded + "=" * (-len(padded) % 4))
