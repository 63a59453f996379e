"""What comes into the pipeline, and what it says about it afterwards."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """What is delivered, acknowledged and redelivered as one: a Kinesis record, a record of a chunk.

    ``position`` names its place at the source and is the same at every redelivery; ``arrived`` dates records
    that tell no time of their own. ``data`` is bytes as they stood in the stream, or a record that the source
    has decoded already.
    """

    position: str
    data: bytes | Mapping[str, Any]
    arrived: datetime


@dataclass(frozen=True)
class Poison:
    """A record that no repetition will make good: where it stood, what it was, and why it cannot be used.

    ``source`` is the index of its delivery in the batch.
    """

    source: int
    position: str
    data: bytes | Mapping[str, Any]
    reason: str


@dataclass(frozen=True)
class BatchReport:
    """How a batch ended.

    ``failed`` are the indices of the deliveries that have to be delivered again, ``why`` the first reason.
    Every other one is in the index or among the dead letters. ``counts`` go out as metrics, by their names.
    """

    failed: Set[int] = frozenset()
    why: str = ""
    counts: Counter[str] = field(default_factory=Counter)
