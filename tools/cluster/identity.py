"""When two objects are the same: kinds shared by several API groups, and events about an earlier namesake."""

from domain.objects import KubeObject
from tools.cluster.resources import builtin_kind, is_builtin_group

_MIRROR = "kubernetes.io/config.mirror"
"""Annotation of a static Pod's mirror: events carry this uid rather than the mirror's own."""


def name_kind(kind: str, group: str) -> str:
    """The kind, or ``Kind.group`` for a custom resource whose kind is a built-in one too."""
    shadowed = builtin_kind(kind) is not None and not is_builtin_group(group)
    return f"{kind}.{group}" if shadowed else kind


def read_uids(item: KubeObject | None) -> set[str]:
    """The uids under which events may speak of an object; empty when any will do."""
    if item is None or item["kind"] == "Node":  # a kubelet gives the node's name as its uid
        return set()
    meta = item["metadata"]
    return {uid for uid in (meta.get("uid"), (meta.get("annotations") or {}).get(_MIRROR)) if uid}


def has_uid(event: KubeObject, uids: set[str]) -> bool:
    """Whether an event speaks of one of ``uids``; true where either side names none."""
    uid = (event.get("involvedObject") or {}).get("uid")
    return not uids or not uid or uid in uids
