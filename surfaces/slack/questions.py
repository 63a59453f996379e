"""What was asked in Slack and what became of it, on disk: a question is answered once, also after a crash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from time import time
from typing import Any

from domain.diagnosis import Diagnosis
from surfaces.slack.storage.database import Database, Row

TABLES = (
    """
CREATE TABLE IF NOT EXISTS questions (
    key TEXT PRIMARY KEY, team TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT NOT NULL,
    "user" TEXT NOT NULL, text TEXT NOT NULL, way TEXT NOT NULL, ts TEXT NOT NULL,
    asked_at DOUBLE PRECISION NOT NULL, state TEXT NOT NULL, posted TEXT NOT NULL DEFAULT '',
    answer TEXT NOT NULL DEFAULT '', commands TEXT NOT NULL DEFAULT '[]',
    cost DOUBLE PRECISION NOT NULL DEFAULT 0
)
""",
    "CREATE INDEX IF NOT EXISTS by_thread ON questions (team, channel, thread, ts)",
    "CREATE INDEX IF NOT EXISTS by_state ON questions (state)",
    "CREATE INDEX IF NOT EXISTS by_way ON questions (channel, way)",
    "CREATE INDEX IF NOT EXISTS by_time ON questions (asked_at)",
)
COLUMNS = 'key, team, channel, thread, "user", text, way, ts, asked_at, state, posted, answer, commands'

PANE = "pane"
"""How a question came that was asked in Slack's assistant pane."""

DEEPER = "deeper"
"""How a question came that doubts the last answer of its thread."""


class State(StrEnum):
    """What became of a question."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ASKED_BACK = "asked-back"
    ABANDONED = "abandoned"
    REFUSED = "refused"
    REVISED = "revised"
    STOPPED = "stopped"
    FAILED = "failed"


_UNCOUNTED = (State.REFUSED, State.REVISED)


@dataclass(frozen=True)
class Place:
    """A thread of Slack. ``thread`` is the ``ts`` of its root."""

    team: str
    channel: str
    thread: str

    def __str__(self) -> str:
        """Team, channel and thread."""
        return f"{self.team}:{self.channel}:{self.thread}"

    def name_thread(self, begun: int) -> str:
        """The graph's thread; ``begun`` are the questions back that were stopped instead of answered."""
        return f"slack:{self}:{begun}"

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation with the app alone."""
        return self.channel.startswith("D")


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        key: what it is told apart by, and the same however often it is delivered.
        text: its words without markup; on disk without secrets.
        way: how it came: mention, message, command, shortcut, button, ``PANE``, ``DEEPER``.
        ts: orders the questions of a thread.
        posted: the ``ts`` of the message that shows its progress, then its answer.
        commands: the kubectl lines that were run for it.
    """

    key: str
    place: Place
    user: str
    text: str
    way: str
    ts: str
    asked_at: float = 0.0
    state: State = State.WAITING
    posted: str = ""
    answer: Diagnosis | None = None
    commands: tuple[str, ...] = ()


class Questions:
    """The questions in a database."""

    def __init__(self, database: Database) -> None:
        """Use a database that has the tables."""
        self._database = database

    async def take(self, question: Question, text: str) -> bool:
        """Keep a question, its text as given; False if it was taken before: a delivery repeated."""
        place = question.place
        when, state = question.asked_at or time(), str(question.state)
        told = (question.user, text, question.way, question.ts, when, state, question.posted)
        taken = await self._database.write(
            f"INSERT INTO questions ({COLUMNS})"  # noqa: S608 (names of ours)
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '[]') ON CONFLICT DO NOTHING",
            (question.key, *_key(place), *told),
        )
        return taken == 1

    async def find(self, key: str) -> Question | None:
        """The question of that key."""
        return next(iter(await self._read("key = ?", (key,))), None)

    async def waiting(self, place: Place) -> list[Question]:
        """The questions of a thread that have no answer yet, in the order of their time."""
        return await self._read(
            "team = ? AND channel = ? AND thread = ? AND state = ?", (*_key(place), str(State.WAITING))
        )

    async def of_thread(self, place: Place) -> list[Question]:
        """All questions of a thread, in the order of their time."""
        return await self._read("team = ? AND channel = ? AND thread = ?", _key(place))

    async def latest(self, channel: str, way: str) -> Question | None:
        """The last question that came that way in a channel."""
        return next(reversed(await self._read("channel = ? AND way = ?", (channel, way))), None)

    async def unfinished(self) -> list[Question]:
        """The questions of all threads that have no answer yet."""
        return await self._read("state = ?", (str(State.WAITING),))

    async def find_old(self, before: float) -> list[Place]:
        """The threads in which nothing was asked since a moment, and nothing waits."""
        rows = await self._database.read(
            "SELECT team, channel, thread FROM questions GROUP BY team, channel, thread"
            " HAVING MAX(asked_at) < ? AND SUM(CASE WHEN state = ? THEN 1 ELSE 0 END) = 0",
            (before, str(State.WAITING)),
        )
        return [Place(*row) for row in rows]

    async def forget(self, place: Place) -> None:
        """Delete the questions of a thread."""
        await self._database.write(
            "DELETE FROM questions WHERE team = ? AND channel = ? AND thread = ?", _key(place)
        )

    async def recent(self, team: str, user: str, most: int) -> list[Question]:
        """What somebody asked lately, latest first."""
        query = (
            f"SELECT {COLUMNS} FROM questions"  # noqa: S608 (names of ours)
            ' WHERE team = ? AND "user" = ? ORDER BY asked_at DESC LIMIT ?'
        )
        return [_revive(row) for row in await self._database.read(query, (team, user, most))]

    async def times(
        self, since: float, before: Question, *, user: str = "", channel: str = ""
    ) -> list[float]:
        """When questions that were not refused were asked between a moment and a question, in order."""
        when = before.asked_at or time()
        rows = await self._database.read(
            "SELECT asked_at FROM questions WHERE asked_at > ? AND (asked_at < ? OR asked_at = ? AND key < ?)"
            " AND state NOT IN (?, ?) AND (? = '' OR \"user\" = ?) AND (? = '' OR channel = ?)"
            " ORDER BY asked_at",
            (since, when, when, before.key, *map(str, _UNCOUNTED), user, user, channel, channel),
        )
        return [moment for (moment,) in rows]

    async def spent(self, since: float) -> float:
        """US dollars that the answers to what was asked since a moment cost, as far as it is known."""
        query = "SELECT COALESCE(SUM(cost), 0) FROM questions WHERE asked_at >= ?"
        ((cost,),) = await self._database.read(query, (since,))
        return float(cost)

    async def change(self, question: Question, **changes: Any) -> Question:
        """Change ``state``, ``posted``, ``answer`` or ``commands`` of a question, here and on disk.

        Nothing else is written: others may have changed it meanwhile.
        """
        written: dict[str, str | float] = {name: _write(value) for name, value in changes.items()}
        if answer := changes.get("answer"):
            written["cost"] = sum(call.cost or 0.0 for call in answer.calls)
        columns = ", ".join(f"{name} = ?" for name in written)
        await self._database.write(
            f"UPDATE questions SET {columns} WHERE key = ?",  # noqa: S608 (names of ours)
            (*written.values(), question.key),
        )
        return replace(question, **changes)

    async def _read(self, condition: str, values: Sequence[str]) -> list[Question]:
        query = f"SELECT {COLUMNS} FROM questions WHERE {condition} ORDER BY ts, asked_at"  # noqa: S608
        return [_revive(row) for row in await self._database.read(query, values)]


def _key(place: Place) -> tuple[str, str, str]:
    return (place.team, place.channel, place.thread)


def _write(value: Diagnosis | tuple[str, ...] | str) -> str:
    if isinstance(value, Diagnosis):
        return value.model_dump_json()
    return json.dumps(value) if isinstance(value, tuple) else str(value)


def _revive(row: Row) -> Question:
    key, team, channel, thread, user, text, way, ts, asked_at, state, posted, answer, commands = row
    return Question(
        key,
        Place(team, channel, thread),
        user,
        text,
        way,
        ts,
        asked_at,
        State(state),
        posted,
        Diagnosis.model_validate_json(answer) if answer else None,
        tuple(json.loads(commands)),
    )
