"""A chunk of records that its sender may send again -> deliveries with the same positions each time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any

from pipeline.delivery import Delivery


def deliver_chunk(name: str, records: Iterable[Mapping[str, Any] | bytes]) -> list[Delivery]:
    """Number the records of a chunk. ``name`` is the sender's name of it, or what ``name_chunk`` gives it."""
    now = datetime.now(UTC)
    return [Delivery(f"{name}:{number}", record, now) for number, record in enumerate(records)]


def name_chunk(content: bytes) -> str:
    """A name by content, for a chunk that its sender has not named: sent again, it has the same."""
    return blake2s(content, digest_size=16).hexdigest()
