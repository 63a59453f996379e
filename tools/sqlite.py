"""Opening a SQLite database that is ours: its folder is made, and nothing stays open if it cannot be used."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite


async def open_database(
    path: Path, prepare: Callable[[aiosqlite.Connection], Awaitable[None]]
) -> aiosqlite.Connection:
    """A connection to the database in a file, which is made if there is none; ``prepare`` has looked at it.

    Raises:
        OSError: the file, or its folder, cannot be made or opened.
        sqlite3.DatabaseError: it is no database, or ``prepare`` cannot use it.
    """
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    connection = await aiosqlite.connect(path)
    try:
        await prepare(connection)
    except BaseException:
        await connection.close()
        raise
    return connection
