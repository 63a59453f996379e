"""The progress of an investigation, in its message and in the assistant pane."""

import asyncio
from typing import Self

from graphs.progress import Progress
from surfaces.slack.blocks.steps import render_progress
from surfaces.slack.poster import Poster
from surfaces.slack.questions import PANE, Question

STATUS = "is looking ..."
MOST_TITLE = 60


class ProgressDisplay:
    """Shows the steps of one investigation in its message, no faster than Slack takes them.

    A context manager: when it ends, no update is under way that could overwrite the answer.
    """

    def __init__(self, poster: Poster, question: Question) -> None:
        """Show the progress of ``question``."""
        self._poster = poster
        self._question = question
        self._steps: list[Progress] = []
        self._changed = asyncio.Event()
        self._updating = asyncio.Lock()

    def add(self, step: Progress) -> None:
        """Take a step in; it is shown with the next update."""
        self._steps.append(step)
        self._changed.set()

    async def __aenter__(self) -> Self:
        """Begin to update the message whenever there is news."""
        if self._question.way == PANE:
            await self._poster.show_title(self._question.place, _shorten(self._question.text))
            await self._poster.show_status(self._question.place, STATUS)
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End, after the update that is under way."""
        async with self._updating:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._question.way == PANE:
            await self._poster.show_status(self._question.place, "")

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            async with self._updating:
                post = render_progress(self._steps, self._question.key)
                pause = await self._poster.try_update(self._question, post)
            await asyncio.sleep(pause)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_TITLE else f"{line[:MOST_TITLE].rstrip()} ..."
