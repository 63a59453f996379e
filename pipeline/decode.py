"""The bytes of one stream record -> the Fluent Bit records in it.

Accepted are one JSON object, several in an array, one a line or one after the other, gzip or zlib of these,
and what the Kinesis Producer Library aggregates, in any nesting of two.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from pipeline.aggregated import is_aggregated, split_aggregated

MAX_BYTES = 10 * 2**20
"""Bytes that one stream record may decompress to. Kinesis takes records of 1 MiB, since 2025 up to 10."""

MAX_RECORDS = 100_000
"""Fluent Bit records in one stream record."""

_GZIP = b"\x1f\x8b"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def decode(data: bytes) -> list[dict[str, Any]]:
    """The records, in their order.

    Raises:
        ValueError: the bytes hold something else, or more than ``MAX_BYTES`` or ``MAX_RECORDS``; the message
            says what.
    """
    records = [record for text in _unpack(data) for record in _parse(text)]
    if len(records) > MAX_RECORDS:
        raise ValueError(f"it holds {len(records)} records, more than {MAX_RECORDS}")
    return records


def inflate(data: bytes) -> bytes:
    """Decompress gzip (of several members, too) or zlib.

    Raises:
        ValueError: it is broken, ends early, or would be larger than ``MAX_BYTES``.
    """
    parts: list[bytes] = []
    room = MAX_BYTES
    while data:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            parts.append(stream.decompress(data, room + 1))
        except zlib.error as error:
            raise ValueError(f"it cannot be decompressed: {error}") from error
        room -= len(parts[-1])
        if room < 0:
            raise ValueError(f"it decompresses to more than {MAX_BYTES} bytes")
        if not stream.eof:
            raise ValueError("it cannot be decompressed: it ends too early")
        data = stream.unused_data
    return b"".join(parts)


def _unpack(data: bytes) -> Iterator[bytes]:
    for part in split_aggregated(data) if is_aggregated(data) else [data]:
        inner = inflate(part) if part.startswith((_GZIP, *_ZLIB)) else part
        yield from split_aggregated(inner) if is_aggregated(inner) else [inner]


def _parse(text: bytes) -> list[dict[str, Any]]:
    if not text.strip():
        raise ValueError("it is empty")
    try:
        values = _list(orjson.loads(text))
    except orjson.JSONDecodeError:
        values = _parse_sequence(text)
    strays = [value for value in values if not isinstance(value, dict)]
    if strays:
        raise ValueError(f"it holds JSON of type {type(strays[0]).__name__} where an object should be")
    return values


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parse_sequence(text: bytes) -> list[Any]:
    """JSON texts one after the other, with or without line breaks between them."""
    try:
        return [value for line in text.splitlines() if line.strip() for value in _list(orjson.loads(line))]
    except orjson.JSONDecodeError:
        return _parse_glued(text)


def _parse_glued(text: bytes) -> list[Any]:
    from json import JSONDecodeError, JSONDecoder

    try:
        rest = text.decode().strip()
        values = []
        while rest:
            value, end = JSONDecoder().raw_decode(rest)
            values += _list(value)
            rest = rest[end:].lstrip(" \t\r\n,")
    except (UnicodeDecodeError, JSONDecodeError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from error
    return values
