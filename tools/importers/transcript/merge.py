"""Several texts about one object -> one object."""

from tools.importers.transcript.section import Raw


def fill(base: Raw, other: Raw) -> None:
    """Put into ``base`` what it lacks of ``other``; maps are joined, lists and values of ``base`` stay."""
    for key, value in other.items():
        mine = base.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            fill(mine, value)
        elif mine is None or (mine in ("", [], {}) and value):
            base[key] = value
