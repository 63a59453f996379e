"""The redactor of one investigation."""

import re
from collections.abc import Iterator
from typing import Final

from domain.settings import RedactionSettings
from tools.redaction.detection import find_secrets
from tools.redaction.numbers import Numbers
from tools.redaction.personal import find_addresses, find_emails
from tools.redaction.spans import PLACEHOLDER, Span

EVERYWHERE: Final = 8
"""Characters from which on a secret is hidden in the whole text, not only where its name stands."""

MOST_KNOWN: Final = 500
"""Secrets of earlier texts that a text is searched for."""

MOST_CACHED, LONGEST_CACHED = 20_000, 4_000
"""Texts, and characters of one, that are not looked through again: thousands of Pods share most of theirs."""

_WORD = re.compile(r"[A-Za-z]+")
_NAME = re.compile(r"[a-z]+(?:[-_.][a-z]+)*|[A-Z]?[a-z]+|[A-Z]+|\d+")
"""What a badly chosen secret has in common with the names around it: ``postgres``, ``redis-master``."""


class Redactor:
    """Takes secrets out of texts; one that occurs in several texts has one number in all of them.

    What was recognised once, by its name or place, is hidden in later texts also where it stands alone.
    Not safe for use by several threads at a time.
    """

    def __init__(self, settings: RedactionSettings | None = None) -> None:
        """Begin with number 1."""
        self.settings = settings or RedactionSettings()
        self._patterns = [re.compile(pattern) for pattern in self.settings.patterns.values()]
        self.numbers = Numbers()
        self._everywhere: dict[str, None] = {}
        self._cached: dict[str, str] = {}

    def redact(self, text: str) -> str:
        """Replace the secrets of a text, and what else the settings ask for, by placeholders.

        Returns:
            The text with ``<secret:N>`` (``<email:N>``, ``<ip:N>``, ``<hidden:N>``) in place of each.
        """
        if text not in self._cached:
            redacted = self._redact(text)
            if len(text) > LONGEST_CACHED or len(self._cached) >= MOST_CACHED:
                return redacted
            self._cached[text] = redacted
        return self._cached[text]

    def _redact(self, text: str) -> str:
        spans = find_secrets(text)
        known = [secret for secret in self._everywhere if secret in text]
        spans = self._spread(text, spans, known)
        marked = [(span, "secret") for span in spans]
        marked += self._find_personal(text)
        return self._replace(text, marked) if marked else text

    def hide(self, secret: str) -> str:
        """The placeholder of what is known to be a secret as a whole."""
        self._learn(secret)
        return f"<secret:{self.numbers.of(secret)}>"

    def _find_personal(self, text: str) -> Iterator[tuple[Span, str]]:
        if self.settings.emails:
            yield from ((span, "email") for span in find_emails(text))
        if self.settings.addresses:
            yield from ((span, "ip") for span in find_addresses(text))
        for pattern in self._patterns:
            yield from ((match.span(), "hidden") for match in pattern.finditer(text) if match[0])

    def _spread(self, text: str, spans: list[Span], known: list[str]) -> list[Span]:
        """The spans, and further places where the same secrets stand."""
        here = {text[start:end] for start, end in spans if end - start >= EVERYWHERE}
        wanted = {secret for secret in here if not _WORD.fullmatch(secret)} | set(known)
        for start, end in spans:
            self._learn(text[start:end])
        if not wanted:
            return spans
        longest_first = sorted(wanted, key=len, reverse=True)
        pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")
        return [*spans, *(match.span() for match in pattern.finditer(text))]

    def _learn(self, secret: str) -> None:
        """Remember a secret that cannot be mistaken for a name, to hide it in other texts too."""
        if secret in self._everywhere or len(secret) < EVERYWHERE or _NAME.fullmatch(secret):
            return
        if len(self._everywhere) < MOST_KNOWN:
            self._everywhere[secret] = None
            self._cached.clear()

    def _replace(self, text: str, marked: list[tuple[Span, str]]) -> str:
        pieces: list[str] = []
        position = 0
        for (start, end), kind in sorted(marked, key=lambda mark: (mark[0][0], -mark[0][1])):
            if start >= position:
                number = self.numbers.of(text[start:end])
                pieces += [text[position:start], f"<{kind}:{number}>"]
                position = end
        return "".join([*pieces, text[position:]])


def redact(text: str) -> str:
    """Replace the secrets of a single text, numbered from 1 by first appearance."""
    return Redactor().redact(text)


def strip_placeholders(text: str) -> str:
    """The text without placeholders: they are no words of whoever wrote it."""
    return PLACEHOLDER.sub(" ", text)
