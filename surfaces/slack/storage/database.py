"""What Kubewhy needs of the place where it keeps questions: rows, and locks that several processes share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

Row = tuple[Any, ...]

PAUSE_SECONDS = 0.05
"""Between two attempts to hold a lock that is held for a moment."""


class Database(Protocol):
    """A relational database. Queries are of ours, in the SQL that SQLite and PostgreSQL share, with ``?``."""

    async def read(self, query: str, values: Sequence[Any]) -> list[Row]:
        """The rows that a query finds.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
        """
        ...

    async def write(self, query: str, values: Sequence[Any]) -> int:
        """Write, and say how many rows that changed.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
        """
        ...


class Locks(Protocol):
    """Locks by name, held by one process at a time; those of a process that dies are free."""

    async def try_hold(self, name: str) -> bool:
        """Hold a lock, unless anybody holds it, here or elsewhere.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
        """
        ...

    async def release(self, name: str) -> None:
        """Let go of a lock that is held here; no error if it was lost."""
        ...

    async def are_safe(self) -> bool:
        """Whether what was held is still held; False once after a connection was lost, with all its locks."""
        ...


class LocalLocks:
    """Locks of one process, for a database that no other process uses."""

    def __init__(self) -> None:
        """Nothing is held."""
        self._held: set[str] = set()

    async def try_hold(self, name: str) -> bool:
        """Hold a lock, unless it is held."""
        if name in self._held:
            return False
        self._held.add(name)
        return True

    async def release(self, name: str) -> None:
        """Let go of a lock."""
        self._held.discard(name)

    async def are_safe(self) -> bool:
        """Always: nothing can take them away."""
        return True


@asynccontextmanager
async def hold(locks: Locks, name: str) -> AsyncIterator[None]:
    """Hold a lock, as soon as nobody else does, for as long as the block lasts.

    Raises:
        QuestionsUnavailable: the database cannot be reached.
    """
    while not await locks.try_hold(name):  # noqa: ASYNC110 (it is let go of in another process)
        await asyncio.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        await locks.release(name)
