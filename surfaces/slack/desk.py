"""Where questions arrive: each thread is one investigation, its questions are answered in order and once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any

from domain.errors import RefusedQuestion
from surfaces.slack.admission import Admission
from surfaces.slack.blocks.steps import render_progress, say
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Place, Question, State
from surfaces.slack.workers import Workers
from tools.redaction import redact

RECOVERED = "did the fix work?"

_log = logging.getLogger(__name__)


class Desk:
    """Takes questions in, and what people do with them: edit, delete, stop, click."""

    def __init__(self, parts: Parts) -> None:
        """Nobody asked anything yet."""
        self._parts = parts
        self._admission = Admission(parts)
        self._workers = Workers(parts, self._admission)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Go on with the questions that an earlier process, or another one, left without an answer."""
        await self._workers.start()

    async def close(self) -> None:
        """Finish what is under way, if there is time; what is unfinished is answered by the next process."""
        await self._workers.close(self._parts.settings.slack.drain_seconds)
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def take(self, question: Question) -> bool:
        """Keep a question; when this returns, it will be answered. False: it was taken before."""
        if not await self._parts.questions.take(question, redact(question.text)):
            return False
        self._admission.hear(question)
        self.spawn(self._enter(question))
        return True

    async def _enter(self, question: Question) -> None:
        """Show a first sign of life, after those of earlier questions, and have the thread worked through."""
        self._workers.wake(question.place)
        for waiting in await self._parts.questions.waiting(question.place):
            await self._admission.admit(waiting)

    async def begin(self, question: Question) -> None:
        """Write a question that is nowhere in Slack yet into its channel, and take it.

        Raises:
            RefusedQuestion: the user may not ask that there.
            SlackApiError: the channel cannot be written to.
        """
        place = question.place
        try:
            await self._parts.access.grant(place, question.user, question.text)
            await self._parts.quota.check(question)
        except RefusedQuestion as refusal:
            await self._parts.audit.write(question, "refused", reason=str(refusal))
            raise
        ts = await self._parts.poster.announce(place.channel, say(f"/why {redact(question.text)}"))
        await self.take(replace(question, place=replace(place, thread=ts), ts=ts))

    async def revise(self, key: str, text: str, edited: str) -> None:
        """Ask again what was edited; the answer takes the place of the old one."""
        first = await self._parts.questions.find(key)
        if first is None or first.state is State.REFUSED:
            return
        async with self._admission.alone(first.place):
            old = await self._find_last(first)
            is_open = old.state is State.ASKED_BACK
            await self._parts.questions.change(old, state=State.ABANDONED if is_open else State.REVISED)
        await self._parts.audit.write(old, "revised", into=redact(text))
        if old.state is State.WAITING:
            await self._workers.cancel(old)
        new = replace(
            old, key=f"{key}:{edited}", text=text, state=State.WAITING, answer=None, commands=(), asked_at=0.0
        )
        if await self.take(new) and new.posted:
            await self._parts.poster.update(new, render_progress([], new.key))

    async def retract(self, key: str) -> None:
        """Stop with a question that was deleted; what was answered stays."""
        first = await self._parts.questions.find(key)
        if first is None:
            return
        async with self._admission.alone(first.place):
            stopped = await self._mark_stopped(await self._find_last(first), first.user)
        if stopped:
            await self._end(stopped)

    async def _find_last(self, first: Question) -> Question:
        """The question as it was edited last."""
        asked = await self._parts.questions.of_thread(first.place)
        return [q for q in asked if q.key.startswith(first.key) and q.ts == first.ts][-1]

    async def stop(self, place: Place, user: str) -> None:
        """Stop what is being investigated in a thread, and drop what waits; say so."""
        try:
            await self._parts.access.grant(place, user)
        except RefusedQuestion as refusal:
            await self.whisper(place, user, str(refusal))
            return
        async with self._admission.alone(place):
            stopped = [question async for question in self._mark_all_stopped(place, user)]
        for question in stopped:
            await self._end(question)

    async def _mark_all_stopped(self, place: Place, user: str) -> AsyncIterator[Question]:
        """The questions of a thread that get no answer any more."""
        asked = await self._parts.questions.of_thread(place)
        for question in asked:
            is_open = question is asked[-1] or question.state is State.WAITING
            if is_open and (stopped := await self._mark_stopped(question, user)):
                yield stopped

    async def _mark_stopped(self, question: Question, user: str) -> Question | None:
        """The question as stopped; nothing if it was done with."""
        ends = {State.WAITING: State.STOPPED, State.ASKED_BACK: State.ABANDONED}
        if question.state not in ends:
            return None
        stopped = await self._parts.questions.change(question, state=ends[question.state])
        await self._parts.audit.write(stopped, stopped.state, by=user)
        return stopped

    async def _end(self, stopped: Question) -> None:
        """Have a question no longer investigated, and say so; whoever investigates it says it there."""
        if not await self._workers.cancel(stopped):
            await self._workers.tell_stopped(stopped)

    async def awaits_answer(self, place: Place) -> bool:
        """Whether the last thing said in a thread is a question of ours."""
        asked = await self._parts.questions.of_thread(place)
        return bool(asked) and asked[-1].state is State.ASKED_BACK

    async def is_open(self, question: Question) -> bool:
        """Whether a question back waits for its answer: nothing was asked after it."""
        asked = await self._parts.questions.of_thread(question.place)
        return question.state is State.ASKED_BACK and asked[-1].key == question.key

    async def is_ours(self, place: Place) -> bool:
        """Whether something was asked in this thread."""
        return bool(await self._parts.questions.of_thread(place))

    async def can_answer(self, channel: str) -> bool:
        """Whether the app is in a channel; it is taken to be while Slack does not say."""
        return await self._parts.poster.is_member(channel)

    async def find(self, key: str) -> Question | None:
        """The question of that key."""
        return await self._parts.questions.find(key)

    async def whisper(self, place: Place, user: str, text: str) -> None:
        """Say a sentence to one user alone."""
        await self._parts.poster.whisper(place, user, [say(text)])

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what Slack need not wait for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._put_away)

    def _put_away(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("Slack was not told: %s", error, exc_info=error)
