"""What models may use: tokens by investigation and by day. The day's sum is shared by all processes."""

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from domain.diagnosis import ModelCall
from domain.errors import MalformedSettings
from domain.settings import ModelSettings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL, model TEXT NOT NULL, calls INTEGER NOT NULL, read INTEGER NOT NULL,
    written INTEGER NOT NULL, cost REAL NOT NULL, PRIMARY KEY (day, model)
)
"""
_ADD = """
INSERT INTO usage VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT (day, model) DO UPDATE SET
    calls = calls + 1, read = read + excluded.read, written = written + excluded.written,
    cost = cost + excluded.cost
"""


def count_used(calls: Iterable[ModelCall]) -> int:
    """The tokens of some calls, read and written."""
    return sum(call.read + call.written for call in calls)


class Ledger:
    """The tokens used by day (UTC) and model, in a small database."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first entry."""
        self._path = path

    async def add(self, calls: Iterable[ModelCall]) -> None:
        """Enter calls under today.

        Raises:
            MalformedSettings: the database cannot be written.
        """
        await asyncio.to_thread(self._add, tuple(calls))

    async def used_today(self) -> int:
        """The tokens of all models since midnight, UTC.

        Raises:
            MalformedSettings: the database cannot be read.
        """
        return await asyncio.to_thread(self._sum)

    def _add(self, calls: tuple[ModelCall, ...]) -> None:
        rows = [(_today(), call.model, call.read, call.written, call.cost or 0.0) for call in calls]
        with closing(self._connect()) as database, database:
            database.executemany(_ADD, rows)

    def _sum(self) -> int:
        with closing(self._connect()) as database:
            query = "SELECT coalesce(sum(read + written), 0) FROM usage WHERE day = ?"
            return int(database.execute(query, (_today(),)).fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._path, timeout=10)
            database.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise MalformedSettings(
                f"The usage database {self._path} cannot be used ({error}): "
                "correct `usage` in [models] of kubewhy.toml, or remove the file."
            ) from error
        return database


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


class Budget:
    """The tokens that are left to one investigation, and to the day."""

    def __init__(self, settings: ModelSettings, ledger: Ledger, spent: int = 0) -> None:
        """``spent``: tokens that the investigation has used already, before it was resumed."""
        self._settings, self._ledger, self._spent = settings, ledger, spent

    async def refuse(self, tokens: int) -> str:
        """Why a call that may take so many tokens must not be made; empty when it may."""
        if self._spent + tokens > self._settings.investigation_tokens:
            limit = self._settings.investigation_tokens
            return f"No further model was asked: {limit:,} tokens are the limit of an investigation."
        if await self._ledger.used_today() + tokens > self._settings.day_tokens:
            return f"No model was asked: {self._settings.day_tokens:,} tokens are the limit of a day."
        return ""

    async def spend(self, calls: Iterable[ModelCall]) -> None:
        """Count calls that were made."""
        calls = tuple(calls)
        self._spent += count_used(calls)
        await self._ledger.add(calls)
