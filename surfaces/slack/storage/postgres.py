"""Questions and threads in PostgreSQL, for several replicas: what one takes, another can go on with."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, Error, OperationalError, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from domain.errors import MalformedSettings, QuestionsUnavailable
from graphs.threads import make_serializer
from surfaces.slack.questions import TABLES
from surfaces.slack.storage.database import Row, hold

Pool = AsyncConnectionPool[AsyncConnection[Row]]

Opened = tuple["PostgresDatabase", AsyncPostgresSaver, "PostgresLocks"]

DOWN = (OperationalError, PoolTimeout)
"""What psycopg raises when the server cannot be reached, or goes away."""

CONNECTIONS = 8
CONNECT_SECONDS = 10

KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""Have the server notice within some 10 s that a replica's machine is gone, and free its locks."""

_log = logging.getLogger(__name__)


class PostgresDatabase:
    """Rows in PostgreSQL."""

    def __init__(self, pool: Pool) -> None:
        """Use the connections of ``pool``."""
        self._pool = pool

    async def read(self, query: str, values: Sequence[Any]) -> list[Row]:
        """The rows that a query finds.

        Raises:
            QuestionsUnavailable: the server cannot be reached.
        """
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(_spell(query), values)).fetchall()
        except DOWN as error:
            raise explain(error) from error

    async def write(self, query: str, values: Sequence[Any]) -> int:
        """Write, and say how many rows that changed.

        Raises:
            QuestionsUnavailable: the server cannot be reached.
        """
        try:
            async with self._pool.connection() as connection:
                return (await connection.execute(_spell(query), values)).rowcount
        except DOWN as error:
            raise explain(error) from error


def _spell(query: str) -> bytes:
    """The query with PostgreSQL's placeholders; as bytes, since it is of ours and no person's words."""
    return query.replace("?", "%s").encode()


def explain(error: Exception) -> QuestionsUnavailable:
    """One sentence on why the server does not answer."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return QuestionsUnavailable(
        f"The database of questions (KUBEWHY_SLACK__DATABASE) cannot be reached: {reason}"
    )


class PostgresLocks:
    """Advisory locks of one session; the server frees them when the session ends, however it ends."""

    def __init__(self, url: str) -> None:
        """Hold locks in the database at ``url``; nothing is connected yet."""
        self._url = url
        self._connection: AsyncConnection[Row] | None = None
        self._held: set[str] = set()
        self._one_by_one = asyncio.Lock()
        self._lost = False

    async def try_hold(self, name: str) -> bool:
        """Hold a lock, unless anybody holds it. Whoever is cancelled meanwhile holds none.

        Raises:
            QuestionsUnavailable: the server cannot be reached.
        """
        asking = asyncio.ensure_future(self._try_hold(name))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            if await asking:
                await self.release(name)
            raise

    async def _try_hold(self, name: str) -> bool:
        if name in self._held:
            return False
        self._held.add(name)
        held = False
        try:
            held = bool(await self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name))
        finally:
            if not held:
                self._held.discard(name)
        return held

    async def release(self, name: str) -> None:
        """Let go of a lock that is held here."""
        if name in self._held:
            try:
                await self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)
            except QuestionsUnavailable:
                _log.warning("the connection with the lock %s was lost before it was released", name)
            self._held.discard(name)

    async def are_safe(self) -> bool:
        """Whether what was held is still held; False once after the connection was lost."""
        if not self._lost:
            with suppress(QuestionsUnavailable):
                await self._ask("SELECT 1")
        lost, self._lost = self._lost, False
        return not lost

    async def close(self) -> None:
        """End the session, and with it every lock."""
        if self._connection:
            await self._connection.close()

    async def _ask(self, query: str, *values: str) -> Any:
        async with self._one_by_one:
            try:
                if self._connection is None:
                    self._connection = await _connect(self._url)
                row = await (await self._connection.execute(query.encode(), values)).fetchone()
            except DOWN as error:
                await self._forget()
                raise explain(error) from error
        return row[0] if row else None

    async def _forget(self) -> None:
        """The session is over: what was held is held no more."""
        connection, self._connection = self._connection, None
        if connection:
            self._lost = True
            self._held.clear()
            await connection.close()


async def _connect(url: str) -> AsyncConnection[Row]:
    return await AsyncConnection.connect(
        url, autocommit=True, connect_timeout=CONNECT_SECONDS, options=KEEPALIVE, prepare_threshold=None
    )


@asynccontextmanager
async def open_postgres(url: str) -> AsyncIterator[Opened]:
    """The questions, the threads and the locks in a database, whose tables are made if there are none.

    Raises:
        MalformedSettings: the address is none; it is not repeated, since it may hold a password.
        QuestionsUnavailable: the server cannot be reached, or refuses us.
    """
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        raise MalformedSettings(
            "KUBEWHY_SLACK__DATABASE must be an address such as postgresql://host:5432/kubewhy."
        ) from None
    settings = {"autocommit": True, "prepare_threshold": None, "connect_timeout": CONNECT_SECONDS}
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=CONNECT_SECONDS,
        kwargs=settings,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    locks = PostgresLocks(url)
    try:
        # The pool alone would try for long and say little.
        await (await _connect(url)).close()
        await pool.open(wait=True, timeout=CONNECT_SECONDS)
        saver = AsyncPostgresSaver(pool, serde=make_serializer())  # type: ignore[arg-type]
        await _set_up(pool, saver, locks)
    except Error as error:
        await _close(pool, locks)
        raise explain(error) from error
    try:
        yield PostgresDatabase(pool), saver, locks
    finally:
        await _close(pool, locks)


async def _close(pool: Pool, locks: PostgresLocks) -> None:
    await locks.close()
    await pool.close()


async def _set_up(pool: Pool, saver: AsyncPostgresSaver, locks: PostgresLocks) -> None:
    """Make the tables, one replica after another.

    Waiting for the lock within a statement would block ``CREATE INDEX CONCURRENTLY`` of who holds it.
    """
    async with hold(locks, "set up"):
        async with pool.connection() as connection:
            for statement in TABLES:
                await connection.execute(statement.encode())
        await saver.setup()
