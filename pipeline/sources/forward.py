"""Fluent Bit's and Fluentd's forward protocol (version 1, without its handshake), over TCP.

https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1: a message is an array, ``[tag, time,
record, option]``, ``[tag, [[time, record], ...], option]`` or ``[tag, packed entries, option]``. An option
``chunk`` asks for an answer, which is given when the chunk is written: with ``Require_ack_response`` Fluent
Bit loses nothing on the way.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgpack

from domain.errors import MalformedSettings
from pipeline.decode import inflate
from pipeline.sources.chunks import deliver_chunk, name_chunk
from pipeline.sources.entries import Entries, make_unpacker, read_entries, tell_time, unpack_entries
from pipeline.sources.lines import Submitter

READ_BYTES = 2**18
IDLE_SECONDS = 3_600.0

_log = logging.getLogger("kubewhy.ingest")


@asynccontextmanager
async def listen_forward(host: str, port: int, intake: Submitter, most_bytes: int) -> AsyncIterator[int]:
    """Take records on a port until the block ends; it yields the port.

    A larger message than ``most_bytes`` ends its connection. What was not answered when it ends is sent again
    by its sender.
    """
    running: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_converse(reader, writer, intake, most_bytes))
        running.add(task)
        task.add_done_callback(running.discard)

    try:
        server = await asyncio.start_server(accept, host, port, limit=READ_BYTES)
    except OSError as error:
        raise MalformedSettings(f"Port {port} of {host} cannot be used: {error.strerror}.") from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, intake: Submitter, most_bytes: int
) -> None:
    try:
        await _serve(reader, writer, intake, most_bytes)
    except (ConnectionError, TimeoutError) as error:
        _log.info("A connection ended: %s.", error or type(error).__name__)
    finally:
        writer.close()


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, intake: Submitter, most_bytes: int
) -> None:
    unpacker = make_unpacker(max(most_bytes, READ_BYTES))
    while data := await asyncio.wait_for(reader.read(READ_BYTES), IDLE_SECONDS):
        try:
            unpacker.feed(data)
            for message in unpacker:
                await _take(message, writer, intake)
        except (ValueError, msgpack.UnpackException) as error:
            _log.warning("A connection was closed: what it sent is not the forward protocol (%s).", error)
            return


async def _take(message: Any, writer: asyncio.StreamWriter, intake: Submitter) -> None:
    if message is None:
        return
    tag, entries, option = _read_message(message)
    records = [tell_time(time, record, tag) for time, record in entries]
    chunk = option.get("chunk")
    name = str(chunk) if chunk else name_chunk(msgpack.packb([tag, records], default=str))
    await intake.submit(deliver_chunk(f"forward:{name}", records))
    if chunk:
        writer.write(msgpack.packb({"ack": chunk}))
        await writer.drain()


def _read_message(message: Any) -> tuple[str, Entries, Mapping[str, Any]]:
    """Tag, entries and option of a message in any of the four modes."""
    if not isinstance(message, list) or len(message) < 2 or not isinstance(message[0], str):
        raise ValueError("a message is an array that begins with a tag")
    tag, body, rest = message[0], message[1], message[2:]
    option = _option(rest)
    if isinstance(body, list):
        return tag, read_entries(body), option
    if isinstance(body, bytes | str):
        packed = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
        return tag, unpack_entries(inflate(packed) if option.get("compressed") == "gzip" else packed), option
    if not rest or not isinstance(rest[0], dict):
        raise ValueError("a single event has a record")
    return tag, read_entries([[body, rest[0]]]), _option(rest[1:])


def _option(rest: Sequence[Any]) -> Mapping[str, Any]:
    return rest[0] if rest and isinstance(rest[0], dict) else {}
