"""``kubectl describe`` of every other kind: all fields, in kubectl's spelling."""

import re
from collections.abc import Mapping
from typing import Any

from domain.objects import KubeObject
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.writer import Writer

_HIDDEN = ("managedFields", "name", "namespace", "labels", "annotations")
_ACRONYMS = ("API", "URL", "UID", "OSB", "GUID")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|-")
_DEEPEST = 12


def describe_generic(writer: Writer, item: KubeObject, related: Related) -> None:
    """Any object, field by field in alphabetical order."""
    writer.heading(item)
    writer.metadata(item)
    meta = {key: value for key, value in (item.get("metadata") or {}).items() if key not in _HIDDEN}
    _describe_map(writer, item | {"metadata": meta}, 0)


def _describe_map(writer: Writer, content: Mapping[str, Any], level: int) -> None:
    for key, value in sorted(content.items()):
        name = _spell(key)
        if isinstance(value, dict | list) and level < _DEEPEST:
            writer.line(f"{name}:", level)
            _describe_inside(writer, value, level + 1)
        else:
            writer.field(name, _write(value), level)


def _describe_inside(writer: Writer, value: Any, level: int) -> None:
    if isinstance(value, dict):
        _describe_map(writer, value, level)
        return
    for entry in value:
        if isinstance(entry, dict):
            _describe_map(writer, entry, level)
        else:
            writer.line(_write(entry), level)


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = "<nil>" if value is None else str(value)
    return text.replace("\t", "    ")


def _spell(key: str) -> str:
    """``creationTimestamp`` -> ``Creation Timestamp``, ``uid`` -> ``UID``; odd keys stay as they are."""
    if re.search(r"[^A-Za-z-]", key):
        return key
    return " ".join(
        p.upper() if p.upper() in _ACRONYMS else p[:1].upper() + p[1:] for p in _PARTS.findall(key)
    )
