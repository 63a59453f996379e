"""Fluent Bit's events in msgpack, as its forward and http outputs send them: a time with a record."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgpack

Entries = list[tuple[Any, Mapping[str, Any]]]

_NANOSECONDS = 10**9


def unpack_entries(packed: bytes) -> Entries:
    """The entries that follow each other in some bytes.

    Raises:
        ValueError: they hold something else.
        msgpack.UnpackException: they are no msgpack.
    """
    unpacker = make_unpacker(len(packed))
    unpacker.feed(packed)
    return read_entries(unpacker)


def read_entries(values: Iterable[Any]) -> Entries:
    """Entries from what was unpacked: ``[time, record]`` or, since Fluent Bit 2.1, ``[[time, {}], record]``.

    Raises:
        ValueError: a value is no entry.
    """
    return [_read_entry(value) for value in values]


def tell_time(time: Any, record: Mapping[str, Any], tag: str = "") -> dict[str, Any]:
    """The record with time and tag of its event, unless it has its own; an EventTime is in nanoseconds.

    Raises:
        ValueError: the time is none.
    """
    if isinstance(time, msgpack.ExtType):
        if time.code != 0 or len(time.data) != 8:
            raise ValueError("an event's time is not an EventTime")
        time = int.from_bytes(time.data[:4]) * _NANOSECONDS + int.from_bytes(time.data[4:])
    return {"date": time, **({"tag": tag} if tag else {}), **record}


def make_unpacker(most_bytes: int) -> msgpack.Unpacker:
    """Old senders give packed entries the type of a text: their bytes must survive."""
    return msgpack.Unpacker(
        raw=False, unicode_errors="surrogateescape", strict_map_key=False, max_buffer_size=most_bytes
    )


def _read_entry(value: Any) -> tuple[Any, Mapping[str, Any]]:
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], dict):
        raise ValueError("an entry is a time with a record")
    time, record = value
    return time[0] if isinstance(time, list) and time else time, record
