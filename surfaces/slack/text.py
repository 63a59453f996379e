"""Slack's text: what a person wrote, as plain words; and plain words, as text that means nothing else."""

import re
from html import unescape

from surfaces.text import sanitise

_ANGLED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_TO_ESCAPE = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FENCE = "```"
_MENTIONED = re.compile(r"^\s*<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


def read_text(text: str) -> str:
    """What a person wrote, without the names of people: links as their labels, channels as their names.

    Slack marks up links, channels and mentions in ``<...>`` and escapes ``&``, ``<`` and ``>``. What stands
    between fences begins a line of its own: it may be output of kubectl.
    """
    return unescape(_ANGLED.sub(_read_angled, text).replace(_FENCE, "\n")).strip()


def _read_angled(found: re.Match[str]) -> str:
    mark, target, label = found.groups()
    if mark in ("@", "!"):
        return ""
    return (label or "") if mark else label or target.removeprefix("mailto:")


def find_addressee(text: str) -> str:
    """The user whose mention a message begins with; empty when it begins with none."""
    found = _MENTIONED.match(text)
    return found[1] if found else ""


def escape(text: str) -> str:
    """Text for a message's ``text``: without control characters, and nothing in it mentions or links."""
    return "".join(_TO_ESCAPE.get(character, character) for character in sanitise(text))
