"""All finders together: where the secrets of a text are."""

import re
from collections.abc import Iterator

from tools.redaction.assignments import find_assignments
from tools.redaction.catalogue import find_known
from tools.redaction.encoded import find_encoded
from tools.redaction.manifests import find_manifests
from tools.redaction.places import find_places
from tools.redaction.spans import LONGEST_PLACEHOLDER, PLACEHOLDER, Span, lower, merge


def find_secrets(text: str) -> list[Span]:
    """Where the secrets of a text are, in order, without overlap."""
    own = merge(_find(text, 0))
    found = merge([*own, *(span for span in find_known(text) if not _gives_way(span, own, text))])
    return found if "<" not in text else [part for span in found for part in _outside(span, text)]


def _find(text: str, depth: int) -> Iterator[Span]:
    lowered = lower(text)
    yield from find_places(text, lowered)
    yield from find_assignments(text, lowered)
    yield from find_manifests(text, lowered)
    yield from find_encoded(text, _look_inside, depth)


def _look_inside(text: str, depth: int) -> Iterator[Span]:
    yield from _find(text, depth)
    yield from find_known(text)


def _outside(span: Span, text: str) -> Iterator[Span]:
    """What of a span is no placeholder yet: a text may have come through here before."""
    start, end = span
    for match in PLACEHOLDER.finditer(text, max(0, start - LONGEST_PLACEHOLDER)):
        if match.start() >= end:
            break
        if re.search(r"\w", text[start : match.start()]):
            yield start, match.start()
        start = max(start, match.end())
    if start == span[0] or re.search(r"\w", text[start:end]):
        yield start, end


def _gives_way(span: Span, own: list[Span], text: str) -> bool:
    """Whether the catalogue means a whole URL of which we know the secret part: the host has to stay."""
    start, end = span
    return "://" in text[start:end] and any(start <= first and last <= end for first, last in own)
