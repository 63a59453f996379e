"""Forwards TCP connections: ``python -m tests.live.forward 10.0.0.1:6443 127.0.0.1:40123 PLACE``.

``PLACE``, a path in the cluster's folder, is not used: it tells ``tests.live.processes.stop_programs`` whose
program this is.
"""

import asyncio
import sys
from contextlib import suppress


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def forward(listen: str, target: str) -> None:
    """Forward what is sent to the address ``listen`` to ``target``, until the program ends."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*target.split(":"))
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    server = await asyncio.start_server(serve, *listen.split(":"))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(forward(sys.argv[1], sys.argv[2]))
