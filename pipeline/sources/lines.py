"""A file or a pipe, line by line: Fluent Bit's records, a container's log as a node keeps it, plain text."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Protocol

import orjson

from domain.errors import MalformedRecording
from pipeline.delivery import Delivery

MAX_LINE = 2**20
"""Bytes of a line; the rest of a longer one is dropped."""

CHUNK = 2**18
"""Bytes that are read at a time."""


class Submitter(Protocol):
    """What takes deliveries, as ``Intake`` does."""

    async def submit(self, deliveries: list[Delivery]) -> None:
        """Come back when they are written."""
        ...


async def ingest_file(path: Path, intake: Submitter) -> int:
    """Take a whole file; how many lines it had. To take it again changes nothing.

    Raises:
        MalformedRecording: it cannot be read.
    """
    try:
        with await asyncio.to_thread(path.open, "rb") as file:
            return await ingest_lines(file, intake, str(path))
    except OSError as error:
        raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error


async def ingest_lines(file: BufferedIOBase, intake: Submitter, name: str) -> int:
    """Take lines until the end; how many there were. ``name`` is what positions are counted in."""
    count = 0
    async for batch in _read_batches(file, name):
        await intake.submit(batch)
        count += len(batch)
    return count


async def _read_batches(file: BufferedIOBase, name: str) -> AsyncIterator[list[Delivery]]:
    """What there is at a time: a line in a pipe does not wait for more of them."""
    number, rest = 0, b""
    while chunk := await asyncio.to_thread(file.read1, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[:MAX_LINE]
        yield _deliver(lines, name, number)
        number += len(lines)
    yield _deliver([rest], name, number)


def _deliver(lines: Sequence[bytes], name: str, number: int) -> list[Delivery]:
    now = datetime.now(UTC)
    numbered = enumerate(lines, number + 1)
    return [
        Delivery(f"{name}:{n}", _wrap(line[:MAX_LINE], name), now) for n, line in numbered if line.strip()
    ]


def _wrap(line: bytes, name: str) -> bytes | Mapping[str, Any]:
    """A record as it is, but for the file that it came from; any other line as the text of one."""
    text = line.rstrip(b"\r")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"log": text.decode("utf-8", "replace"), "file": name}
    if isinstance(value, dict):
        return {"file": name} | value
    return text if isinstance(value, list) else {"log": text.decode(), "file": name}
