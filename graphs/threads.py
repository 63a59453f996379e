"""Threads: where the state of a conversation is kept between questions."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from domain.errors import CorruptThreads
from graphs import retrieve_logs, state
from tools.sqlite import open_database

REVIVED = [(kind.__module__, kind.__name__) for kind in (*state.CHANNEL_TYPES, *retrieve_logs.CHANNEL_TYPES)]
"""The classes of our channels: the only ones that a checkpoint is read back into."""


def make_serializer() -> JsonPlusSerializer:
    """A serializer that revives the classes of our channels and no other."""
    return JsonPlusSerializer(allowed_msgpack_modules=REVIVED)


def keep_in_memory() -> InMemorySaver:
    """A saver for one process: enough to ask back and to be answered."""
    return InMemorySaver(serde=make_serializer())


@asynccontextmanager
async def open_threads(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """The threads in a SQLite database, which is made with its folder if there is none.

    Raises:
        CorruptThreads: the file is no usable database; it is left as it is.
    """
    connection = await _connect(path)
    saver = AsyncSqliteSaver(connection, serde=make_serializer())
    try:
        yield saver
    except sqlite3.DatabaseError as error:
        raise CorruptThreads(_explain(path, error)) from error
    finally:
        # A graph that was cancelled may still write; closed in the midst of it, the file would stay locked.
        async with saver.lock:
            await connection.rollback()
            await connection.close()


async def _connect(path: Path) -> aiosqlite.Connection:
    try:
        return await open_database(path, _check)
    except (sqlite3.DatabaseError, OSError) as error:
        raise CorruptThreads(_explain(path, error)) from error


async def _check(connection: aiosqlite.Connection) -> None:
    """Read the whole file once, before anything is written to it."""
    async with connection.execute("PRAGMA quick_check(1)") as cursor:
        answer = await cursor.fetchone()
    if answer is None or answer[0] != "ok":
        raise sqlite3.DatabaseError(str(answer[0]) if answer else "no answer")
    async with connection.execute("SELECT name FROM pragma_table_info('checkpoints')") as cursor:
        columns = {row[0] async for row in cursor}
    if columns and not {"thread_id", "checkpoint_id", "checkpoint"} <= columns:
        raise sqlite3.DatabaseError("its tables are not those of a thread database")


def _explain(path: Path, error: Exception) -> str:
    reason = str(error).rstrip(".") or type(error).__name__
    return (
        f"The thread database {path} cannot be used ({reason}); it was left untouched: move it away,"
        " or name another file with KUBEWHY_THREADS."
    )
