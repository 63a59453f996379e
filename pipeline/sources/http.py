"""Fluent Bit's http output: POST of records as JSON (an array, one a line, glued) or msgpack, gzip or not."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from aiohttp import web

from domain.errors import MalformedSettings
from pipeline.decode import decode, inflate
from pipeline.sources.chunks import deliver_chunk, name_chunk
from pipeline.sources.entries import tell_time, unpack_entries
from pipeline.sources.lines import Submitter

MSGPACK = "application/msgpack"


@asynccontextmanager
async def listen_http(host: str, port: int, intake: Submitter, most_bytes: int) -> AsyncIterator[int]:
    """Take records on a port until the block ends; it yields the port.

    It answers 200 when all of a request is written, 400 when its body cannot be read, 413 when it is larger
    than ``most_bytes``; of a request that got no answer nothing is lost when it is sent again. GET /healthz
    says ok.
    """

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            records = _read(body, request.content_type)
        except (ValueError, msgpack.UnpackException) as error:
            return web.json_response({"error": f"The body cannot be used: {error}."}, status=400)
        await intake.submit(deliver_chunk(f"http:{name_chunk(body)}", records))
        return web.json_response({"records": len(records)})

    async def say_ok(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=most_bytes)
    app.add_routes([web.get("/healthz", say_ok), web.post("/{path:.*}", take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await _start(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _read(body: bytes, content_type: str) -> list[Mapping[str, Any]]:
    if content_type != MSGPACK:
        return list(decode(body))
    packed = inflate(body) if body.startswith(b"\x1f\x8b") else body
    return [tell_time(time, record) for time, record in unpack_entries(packed)]


async def _start(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise MalformedSettings(f"Port {port} of {host} cannot be used: {error.strerror}.") from error
