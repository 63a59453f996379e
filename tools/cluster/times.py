"""Moments and durations as Kubernetes writes them."""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime.min.replace(tzinfo=UTC)


def parse_time(text: object) -> datetime | None:
    """An RFC 3339 moment (nanoseconds are cut to microseconds), or None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def tell_duration(span: timedelta) -> str:
    """``45s``, ``7m``, ``3h``, ``2d``: one unit, for sentences."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
