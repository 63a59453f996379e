"""Questions in a SQLite file: the default, for one process."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from domain.errors import CorruptThreads
from surfaces.slack.questions import COLUMNS, TABLES
from surfaces.slack.storage.database import Row
from tools.sqlite import open_database


class SqliteDatabase:
    """Rows in a SQLite file."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        """Use an open file that has the tables."""
        self._connection = connection

    async def read(self, query: str, values: Sequence[Any]) -> list[Row]:
        """The rows that a query finds."""
        return [tuple(row) for row in await self._connection.execute_fetchall(query, values)]

    async def write(self, query: str, values: Sequence[Any]) -> int:
        """Write, and say how many rows that changed."""
        async with self._connection.execute(query, values) as cursor:
            changed = cursor.rowcount
        await self._connection.commit()
        return changed


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[SqliteDatabase]:
    """The database in a file, which is made with its folder if there is none.

    Raises:
        CorruptThreads: the file is no usable database.
    """
    connection = await _connect(path)
    try:
        yield SqliteDatabase(connection)
    finally:
        await connection.close()


async def _connect(path: Path) -> aiosqlite.Connection:
    try:
        return await open_database(path, _prepare)
    except (sqlite3.DatabaseError, OSError) as error:
        raise CorruptThreads(
            f"The database of questions {path} cannot be used ({error}): move it away, or name another file"
            " with KUBEWHY_SLACK__QUESTIONS."
        ) from error


async def _prepare(connection: aiosqlite.Connection) -> None:
    for statement in ("PRAGMA journal_mode = WAL", *TABLES):
        await connection.execute(statement)
    await connection.execute(f"SELECT {COLUMNS}, cost FROM questions LIMIT 0")  # noqa: S608
