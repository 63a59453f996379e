"""The storage that the settings name, opened for as long as the app runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from domain.errors import MalformedSettings
from domain.settings import Settings
from graphs.threads import open_threads
from surfaces.slack.questions import Questions
from surfaces.slack.storage.database import LocalLocks, Locks
from surfaces.slack.storage.sqlite import open_sqlite


@dataclass(frozen=True)
class Storage:
    """What is kept between questions and processes.

    Attributes:
        saver: the checkpoints of the threads.
        locks: see to it that one worker at a time works on a thread, in all processes.
        faults: the errors that mean that the database is down, and that trying again may help.
    """

    questions: Questions
    saver: BaseCheckpointSaver[Any]
    locks: Locks
    faults: tuple[type[Exception], ...] = ()


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """The storage that the settings name.

    Raises:
        CorruptThreads: a file is no usable database.
        MalformedSettings: PostgreSQL is named, and what speaks to it is not installed.
        QuestionsUnavailable: PostgreSQL cannot be reached.
    """
    if url := settings.slack.database.get_secret_value():
        try:
            from surfaces.slack.storage.postgres import DOWN, open_postgres
        except ImportError as error:
            raise MalformedSettings(
                "KUBEWHY_SLACK__DATABASE needs what speaks to PostgreSQL: pip install 'kubewhy[postgres]'."
            ) from error
        async with open_postgres(url) as (database, saver, locks):
            yield Storage(Questions(database), saver, locks, DOWN)
        return
    async with open_sqlite(settings.slack.questions) as file, open_threads(settings.threads) as threads:
        yield Storage(Questions(file), threads, LocalLocks())
