"""Forgetting: threads in which nothing was asked for long, with all that was seen in them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

from surfaces.slack.parts import Parts
from surfaces.slack.questions import State

EVERY_SECONDS = 3600.0
DAY_SECONDS = 86_400.0

_log = logging.getLogger(__name__)


@asynccontextmanager
async def tidy_up(parts: Parts) -> AsyncIterator[None]:
    """Forget what is old, now and every hour, until the block ends."""
    task = asyncio.create_task(_run(parts))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _run(parts: Parts) -> None:
    while True:
        try:
            await forget_old(parts)
        except Exception:  # what could not be forgotten now is forgotten later
            _log.exception("old threads were not forgotten")
        await asyncio.sleep(EVERY_SECONDS)


async def forget_old(parts: Parts) -> int:
    """Forget the threads that are older than the settings say; how many those were.

    Raises:
        QuestionsUnavailable: the database cannot be reached.
    """
    before = time() - DAY_SECONDS * parts.settings.slack.keep_days
    places = await parts.questions.find_old(before)
    for place in places:
        asked = await parts.questions.of_thread(place)
        begun = sum(question.state is State.ABANDONED for question in asked)
        for number in range(begun + 1):
            await parts.storage.saver.adelete_thread(place.name_thread(number))
        await parts.questions.forget(place)
    return len(places)
