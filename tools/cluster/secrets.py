"""Secrets are shown by their keys; no value of one goes any further than this file."""

from domain.objects import KubeObject

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def drop_values(secret: KubeObject) -> KubeObject:
    """A Secret whose ``data`` has its keys and None for every value, without its last applied copy."""
    emptied: KubeObject = {
        part: dict.fromkeys(secret[part] or {}) for part in ("data", "stringData") if part in secret
    }
    meta = dict(secret["metadata"])
    annotations = {k: v for k, v in (meta.get("annotations") or {}).items() if k != _LAST_APPLIED}
    if "annotations" in meta:
        meta["annotations"] = annotations
    return {**secret, **emptied, "metadata": meta}
