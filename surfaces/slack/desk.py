"""Where questions arrive: each thread is one investigation, its questions are answered in order and once."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.errors import SlackApiError

from domain.errors import RefusedQuestion
from surfaces.slack.blocks.answer import SHOW_EVIDENCE
from surfaces.slack.blocks.steps import (
    render_commands,
    render_evidence,
    render_progress,
    render_waiting,
    say,
)
from surfaces.slack.investigation import Investigation
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Place, Question, State
from tools.redaction import redact

STOP_WORDS = {"stop", "cancel", "abort"}

_log = logging.getLogger(__name__)


@dataclass
class Thread:
    """The work on one thread of Slack: who works through its questions, and what is being investigated."""

    worker: asyncio.Task[None] | None = None
    investigation: asyncio.Task[None] | None = None
    admitting: asyncio.Lock = field(default_factory=asyncio.Lock)


class Desk:
    """Takes questions in, has them answered one after another in each thread, and stops them."""

    def __init__(self, parts: Parts) -> None:
        """Nobody asked anything yet."""
        self._parts = parts
        self._threads: dict[Place, Thread] = defaultdict(Thread)
        self._tasks: set[asyncio.Task[None]] = set()
        self._words: dict[str, str] = {}
        self._resumed: set[str] = set()

    async def take(self, question: Question) -> bool:
        """Keep a question; when this returns, it will be answered. False: it was taken before."""
        if not await self._parts.questions.take(question, redact(question.text)):
            return False
        self._words[question.key] = question.text
        self._begin(self._enter(question))
        return True

    async def begin(self, place: Place, user: str, text: str, key: str) -> None:
        """Write a question that is nowhere in Slack yet into its channel, and take it.

        Raises:
            RefusedQuestion: the user may not ask that there.
            SlackApiError: the channel cannot be written to.
        """
        question = Question(key, place, user, text, "command", "")
        try:
            await self._parts.access.grant(place, user, text)
        except RefusedQuestion as refusal:
            await self._parts.audit.write(question, "refused", reason=str(refusal))
            raise
        ts = await self._parts.poster.announce(place.channel, say(f"/why {redact(text)}"))
        await self.take(replace(question, place=replace(place, thread=ts), ts=ts))

    async def resume(self) -> None:
        """Go on with the questions that an earlier process left without an answer."""
        unfinished = await self._parts.questions.unfinished()
        self._resumed = {question.key for question in unfinished}
        for place in dict.fromkeys(question.place for question in unfinished):
            self._wake(place)

    async def close(self) -> None:
        """Stop working; what is unfinished is answered by the next process."""
        tasks = [*self._tasks, *(t.worker for t in self._threads.values() if t.worker)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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

    async def stop(self, place: Place, user: str) -> None:
        """Stop what is being investigated in a thread, and drop what waits; say so."""
        try:
            await self._parts.access.grant(place, user)
        except RefusedQuestion as refusal:
            await self._parts.poster.whisper(place, user, [say(str(refusal))])
            return
        stopped = [question async for question in self._mark_stopped(place, user)]
        if investigation := self._threads[place].investigation:
            investigation.cancel()
            await asyncio.wait([investigation])
        for question in stopped:
            now = await self._parts.questions.find(question.key)
            if now and now.posted and now.state is question.state:
                await self._parts.poster.update(now, say("Stopped."))

    async def _mark_stopped(self, place: Place, user: str) -> AsyncIterator[Question]:
        """The questions of a thread that get no answer any more."""
        ends = {State.WAITING: State.STOPPED, State.ASKED_BACK: State.ABANDONED}
        asked = await self._parts.questions.of_thread(place)
        for question in asked:
            if question.state is State.WAITING or (
                question is asked[-1] and question.state is State.ASKED_BACK
            ):
                stopped = await self._parts.questions.change(question, state=ends[question.state])
                await self._parts.audit.write(stopped, stopped.state, by=user)
                yield stopped

    async def show(self, key: str, action: str, user: str) -> None:
        """Show someone the evidence of an answer, or the commands that were run for it."""
        question = await self._parts.questions.find(key)
        if question is None or question.answer is None:
            return
        try:
            await self._parts.access.grant(question.place, user)
        except RefusedQuestion as refusal:
            await self._parts.poster.whisper(question.place, user, [say(str(refusal))])
            return
        shows_evidence = action == SHOW_EVIDENCE
        reply = render_evidence(question.answer) if shows_evidence else render_commands(question.commands)
        await self._parts.poster.whisper(question.place, user, reply.posts)

    async def find(self, key: str) -> Question | None:
        """The question of that key."""
        return await self._parts.questions.find(key)

    async def whisper(self, place: Place, user: str, text: str) -> None:
        """Say a sentence to one user alone."""
        await self._parts.poster.whisper(place, user, [say(text)])

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enter(self, question: Question) -> None:
        """Show a first sign of life, and have the thread worked through."""
        busy = self._threads[question.place].worker
        if busy and not busy.done():
            await self._admit(question)
        self._wake(question.place)

    def _wake(self, place: Place) -> None:
        thread = self._threads[place]
        if thread.worker is None or thread.worker.done():
            thread.worker = asyncio.create_task(self._work(place))

    async def _work(self, place: Place) -> None:
        """Answer what waits in a thread, oldest first; a fault of Slack ends it until something comes in."""
        try:
            while waiting := await self._parts.questions.waiting(place):
                if admitted := await self._admit(waiting[0]):
                    await self._answer(admitted)
        except (SlackApiError, OSError, TimeoutError) as error:
            _log.error("Slack does not take the answer in %s: %s", place.channel, error)

    async def _admit(self, question: Question) -> Question | None:
        """The question with a message of ours below it; nothing if it is refused or done with."""
        async with self._threads[question.place].admitting:
            known = await self._parts.questions.find(question.key)
            if known is None or known.state is not State.WAITING or known.posted:
                return known if known and known.state is State.WAITING else None
            try:
                await self._parts.access.grant(known.place, known.user, self._read(known))
            except RefusedQuestion as refusal:
                await self._refuse(known, refusal)
                return None
            return await self._greet(known)

    async def _greet(self, question: Question) -> Question:
        """Write the first sign of life, unless one was written before a crash."""
        earlier = [q for q in await self._parts.questions.waiting(question.place) if q.ts < question.ts]
        post = render_waiting(len(earlier), question.key) if earlier else render_progress([], question.key)
        parts = await self._parts.poster.list_parts(question) if question.key in self._resumed else {}
        posted = parts.get(0) or await self._parts.poster.post(question, post)
        await self._parts.audit.write(question, "asked")
        return await self._parts.questions.change(question, posted=posted)

    async def _refuse(self, question: Question, refusal: RefusedQuestion) -> None:
        await self._parts.questions.change(question, state=State.REFUSED)
        await self._parts.audit.write(question, "refused", reason=str(refusal))
        await self._parts.poster.whisper(question.place, question.user, [say(str(refusal))])

    def _read(self, question: Question) -> str:
        """The words as they were written; after a restart, without their secrets."""
        return self._words.get(question.key, question.text)

    async def _answer(self, question: Question) -> None:
        thread = self._threads[question.place]
        work = Investigation(self._parts, question, self._read(question), question.key in self._resumed)
        thread.investigation = asyncio.create_task(work.run())
        try:
            await asyncio.wait([thread.investigation])
            if not thread.investigation.cancelled():
                thread.investigation.result()
        finally:
            thread.investigation.cancel()
            await asyncio.gather(thread.investigation, return_exceptions=True)
            thread.investigation = None
            self._words.pop(question.key, None)
