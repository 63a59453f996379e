"""Base64 of text that holds a secret: the whole of it has to go."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator

from tools.redaction.spans import Span

DEPTH = 2
"""Base64 in base64 is looked into, and no further."""
MOST_CHARACTERS = 400_000
"""Of one piece of base64 that are looked into."""

_GROUP = r"[CDI-Za-f][AC-HQS-Xgi-nwy-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
"""Four characters that stand for three of ASCII: a digest or an id made of random bytes seldom begins so."""
_CANDIDATE = re.compile(rf"(?<![A-Za-z0-9+/_-])(?:{_GROUP}){{2}}[A-Za-z0-9+/_-]{{8,}}={{0,2}}")
_PRINTABLE = re.compile(r"[\s\x20-\x7e\x80-\U0010ffff]+")

Finder = Callable[[str, int], Iterable[Span]]


def find_encoded(text: str, find: Finder, depth: int) -> Iterator[Span]:
    """Pieces of base64 in whose text ``find`` finds something."""
    if depth >= DEPTH:
        return
    for match in _CANDIDATE.finditer(text):
        inside = decode(match[0])
        if inside and next(iter(find(inside, depth + 1)), None):
            yield match.span()


def decode(blob: str) -> str:
    """The text that a piece of base64 stands for; empty when it stands for no text."""
    plain = blob[:MOST_CHARACTERS].rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if _PRINTABLE.fullmatch(text) else ""
