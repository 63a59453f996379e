"""Secrets are shown by their keys; no value of one goes any further than this file."""

import base64
from collections.abc import Mapping

from domain.objects import KubeObject

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_PLAIN = ("apiVersion", "kind", "type", "immutable")
_VALUES = ("data", "stringData")
_LONGEST = 128
"""Characters of an annotation: no copy of a Secret is as short, even when it is compressed."""
_SHORTEST = 4
"""Characters of a value that is looked for in annotations."""


def drop_values(secret: KubeObject) -> KubeObject:
    """A Secret whose ``data`` has its keys and None for every value, without copies of the values.

    Kept are the fields that a Secret is known to have, and annotations in which no tool can have left a copy
    of the object (as kubectl, kapp, kopf and Rancher do): short plain ones without any of its values.
    """
    parts = {name: secret[name] for name in _VALUES if isinstance(secret.get(name), Mapping)}
    values = {text for part in parts.values() for value in part.values() for text in _spell(str(value))}
    meta = {**secret["metadata"]}
    if meta.get("annotations"):
        meta["annotations"] = {k: v for k, v in meta["annotations"].items() if _is_plain(str(v), values)}
    kept: KubeObject = {name: secret[name] for name in _PLAIN if name in secret}
    emptied = {name: dict.fromkeys(part) for name, part in parts.items()}
    return drop_last_applied({**kept, "metadata": meta, **emptied})


def _spell(value: str) -> tuple[str, ...]:
    """A value as it stands in the Secret and as it is meant, unless it is too short to be looked for."""
    try:
        meant = base64.b64decode(value, validate=True).decode(errors="replace")
    except ValueError:
        meant = ""
    return tuple(text for text in (value, meant) if len(text) >= _SHORTEST)


def _is_plain(annotation: str, values: set[str]) -> bool:
    is_short = len(annotation) <= _LONGEST and not annotation.lstrip().startswith(("{", "["))
    return is_short and not any(value in annotation for value in values)


def drop_last_applied(item: KubeObject) -> KubeObject:
    """An object without the copy of itself that ``kubectl apply`` leaves in an annotation."""
    meta = item["metadata"]
    if _LAST_APPLIED not in (meta.get("annotations") or {}):
        return item
    annotations = {key: value for key, value in meta["annotations"].items() if key != _LAST_APPLIED}
    return {**item, "metadata": {**meta, "annotations": annotations}}
