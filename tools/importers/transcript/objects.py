"""Small builders: an object's frame, and the maps and lists that kubectl prints in one cell."""

import re
from collections.abc import Iterable
from typing import Any

from tools.cluster.resources import builtin_kind
from tools.importers.transcript.outline import NOTHING
from tools.importers.transcript.section import Raw


def frame(kind: str, name: str, namespace: str = "", **parts: Any) -> Raw:
    """An object of a built-in kind with its metadata; parts that are None are left out."""
    known = builtin_kind(kind)
    meta: Raw = {"name": name}
    if namespace and (known is None or known.namespaced):
        meta["namespace"] = namespace
    item: Raw = {"apiVersion": known.api_version if known else "v1", "kind": kind, "metadata": meta}
    return item | {key: value for key, value in parts.items() if value is not None}


_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?")


def is_name(text: str) -> bool:
    """Whether the API server would take it for the name of an object."""
    return _NAME.fullmatch(text) is not None


def prune(part: Raw) -> Raw:
    """The same mapping without keys that have no value (None, empty text, list or map)."""
    return {key: value for key, value in part.items() if value not in (None, "", [], {})}


def read_map(texts: Iterable[str]) -> dict[str, str]:
    """``app=web`` lines, or one line with commas; ``a in (b)`` and such are left out."""
    pairs = (piece.partition("=") for text in texts for piece in text.split(",") if text not in NOTHING)
    return {key.strip(): value.strip() for key, equals, value in pairs if equals and key.strip()}


def read_number(text: str) -> int | None:
    """A whole number, or None."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def read_words(text: str) -> list[str]:
    """The entries of a cell with commas; empty for ``<none>``."""
    return [] if text in NOTHING else [word.strip() for word in text.split(",") if word.strip()]


def read_text(text: str) -> str:
    """A cell's text; empty for ``<none>`` and its like."""
    return "" if text in NOTHING else text


ACCESS_MODES = {
    "RWO": "ReadWriteOnce",
    "ROX": "ReadOnlyMany",
    "RWX": "ReadWriteMany",
    "RWOP": "ReadWriteOncePod",
}


def read_access_modes(text: str) -> list[str]:
    """``RWO,RWX`` in full words."""
    return [ACCESS_MODES.get(word, word) for word in read_words(text)]


def condition(kind: str, status: str, reason: str = "", message: str = "", **times: Any) -> Raw:
    """One entry of ``status.conditions``."""
    return {"type": kind, "status": status} | prune({"reason": reason, "message": message, **times})
