"""Where questions arrive: each thread is one investigation, its questions are answered in order and once."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from time import time
from typing import Any

from slack_sdk.errors import SlackApiError

from domain.errors import RefusedQuestion
from surfaces.slack.alerts import Alert
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
from surfaces.slack.poster import UNREACHABLE
from surfaces.slack.questions import Place, Question, State
from tools.redaction import redact

STOP_WORDS = {"stop", "cancel", "abort"}
TRANSIENT = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""The errors of Slack after which the same call may succeed."""

RETRY_SECONDS = 3.0
RECOVERED = "did the fix work?"
NOTHING_TO_SHOW = "There is no answer to show yet."

_log = logging.getLogger(__name__)


@dataclass
class Thread:
    """The work on one thread of Slack: who works through its questions, and which is being investigated."""

    worker: asyncio.Task[None] | None = None
    investigation: asyncio.Task[None] | None = None
    key: str = ""
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
        self.spawn(self._enter(question))
        return True

    async def begin(self, question: Question) -> None:
        """Write a question that is nowhere in Slack yet into its channel, and take it.

        Raises:
            RefusedQuestion: the user may not ask that there.
            SlackApiError: the channel cannot be written to.
        """
        place = question.place
        try:
            await self._parts.access.grant(place, question.user, question.text)
        except RefusedQuestion as refusal:
            await self._parts.audit.write(question, "refused", reason=str(refusal))
            raise
        ts = await self._parts.poster.announce(place.channel, say(f"/why {redact(question.text)}"))
        await self.take(replace(question, place=replace(place, thread=ts), ts=ts))

    async def take_alert(self, alert: Alert, place: Place) -> None:
        """Investigate an alert in its thread; once it is resolved, look whether it is over.

        One that was investigated lately is folded: it flaps, or is repeated.
        """
        grant = self._parts.settings.slack.channels.get(place.channel)
        if grant is None or not grant.alerts:
            return
        way = f"{'resolved' if alert.resolved else 'alert'} {alert.fingerprint}"
        text = RECOVERED if alert.resolved else alert.question
        question = Question(
            f"{place.team}:{place.channel}:{place.thread}", place, "", text, way, place.thread
        )
        latest = await self._parts.questions.latest(place.channel, way)
        if latest and time() - latest.asked_at < 60 * self._parts.settings.slack.quiet_minutes:
            if latest.key != question.key:
                await self._parts.audit.write(question, "folded", into=latest.place.thread)
            return
        if not alert.resolved:
            await self.take(question)
        elif fired := await self._parts.questions.latest(place.channel, f"alert {alert.fingerprint}"):
            await self.take(replace(question, place=fired.place))

    async def revise(self, key: str, text: str, edited: str) -> None:
        """Ask again what was edited; the answer takes the place of the old one."""
        first = await self._parts.questions.find(key)
        if first is None or first.state is State.REFUSED:
            return
        async with self._threads[first.place].admitting:
            asked = await self._parts.questions.of_thread(first.place)
            old = [q for q in asked if q.key.startswith(key) and q.ts == first.ts][-1]
            await self._parts.questions.change(old, state=State.REVISED)
        await self._parts.audit.write(old, "revised", into=redact(text))
        if old.state is State.WAITING:
            await self._cancel(old)
        new = replace(
            old, key=f"{key}:{edited}", text=text, state=State.WAITING, answer=None, commands=(), asked_at=0.0
        )
        if await self.take(new) and new.posted:
            await self._parts.poster.update(new, render_progress([], new.key))

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
        async with self._threads[place].admitting:
            stopped = [question async for question in self._mark_stopped(place, user)]
        for question in stopped:
            await self._cancel(question)
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
        if question is None:
            return
        if question.answer is None:
            await self.whisper(question.place, user, NOTHING_TO_SHOW)
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

    async def _cancel(self, question: Question) -> None:
        """Have a question no longer investigated, if it is."""
        thread = self._threads[question.place]
        if thread.investigation and thread.key == question.key:
            thread.investigation.cancel()
            await asyncio.wait([thread.investigation])

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what Slack need not wait for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._put_away)

    def _put_away(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("Slack was not told: %s", error, exc_info=error)

    async def _enter(self, question: Question) -> None:
        """Show a first sign of life, after those of earlier questions, and have the thread worked through."""
        self._wake(question.place)
        for waiting in await self._parts.questions.waiting(question.place):
            await self._admit(waiting)

    def _wake(self, place: Place) -> None:
        thread = self._threads[place]
        if thread.worker is None or thread.worker.done():
            thread.worker = asyncio.create_task(self._work(place))

    async def _work(self, place: Place) -> None:
        """Answer what waits in a thread, oldest first; while Slack is down, try again and again."""
        while waiting := await self._parts.questions.waiting(place):
            try:
                if admitted := await self._admit(waiting[0]):
                    await self._answer(admitted)
            except (SlackApiError, *UNREACHABLE) as error:
                await self._give_up_or_wait(waiting[0], error)

    async def _give_up_or_wait(self, question: Question, error: Exception) -> None:
        """Drop a question whose answer Slack refuses for good; else wait a little, and post nothing twice."""
        _log.error("Slack does not take the answer to %s: %s", question.key, error)
        if isinstance(error, SlackApiError) and error.response["error"] not in TRANSIENT:
            failed = await self._parts.questions.change(question, state=State.FAILED)
            await self._parts.audit.write(failed, "failed", reason=f"Slack: {error.response['error']}")
            return
        self._resumed.add(question.key)
        await asyncio.sleep(RETRY_SECONDS)

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
        if question.user:
            await self._parts.poster.whisper(question.place, question.user, [say(str(refusal))])

    def _read(self, question: Question) -> str:
        """The words as they were written; after a restart, without their secrets."""
        return self._words.get(question.key, question.text)

    async def _answer(self, question: Question) -> None:
        thread = self._threads[question.place]
        work = Investigation(self._parts, question, self._read(question), question.key in self._resumed)
        thread.key, thread.investigation = question.key, asyncio.create_task(work.run())
        try:
            await asyncio.wait([thread.investigation])
            if not thread.investigation.cancelled():
                thread.investigation.result()
        finally:
            thread.investigation.cancel()
            await asyncio.gather(thread.investigation, return_exceptions=True)
            thread.investigation = None
            self._words.pop(question.key, None)
