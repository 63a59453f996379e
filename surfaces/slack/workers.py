"""Who works through the questions of a thread: one worker a thread, in all processes."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from domain.errors import QuestionsUnavailable
from surfaces.slack.admission import Admission
from surfaces.slack.blocks.steps import say
from surfaces.slack.investigation import BUG, Investigation
from surfaces.slack.parts import Parts
from surfaces.slack.poster import UNREACHABLE
from surfaces.slack.questions import Place, Question, State

TRANSIENT = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""The errors of Slack after which the same call may succeed."""

RETRY_SECONDS = 3.0
STANDBY_SECONDS = 0.5
"""How often a process looks whether the one that works on a thread is done, or gone."""

WATCH_SECONDS = 1.0
"""How often a worker looks whether its question was stopped or edited, in another process."""

SWEEP_SECONDS = 5.0
"""How often a process looks for questions on which nobody works."""

_log = logging.getLogger(__name__)


@dataclass
class Thread:
    """The work on one thread: who does it, and which question is being investigated.

    ``wanted``: there may be something new to do. ``patient``: wait for whoever works on it elsewhere.
    """

    worker: asyncio.Task[None] | None = None
    investigation: asyncio.Task[None] | None = None
    key: str = ""
    wanted: bool = False
    patient: bool = False


class Workers:
    """Has the questions of each thread answered one after another, oldest first, and once."""

    def __init__(self, parts: Parts, admission: Admission) -> None:
        """Nobody works yet."""
        self._parts = parts
        self._admission = admission
        self._threads: dict[Place, Thread] = defaultdict(Thread)
        self._room = asyncio.Semaphore(parts.settings.slack.at_once)
        self._sweeper: asyncio.Task[None] | None = None
        self._ending = False

    async def start(self) -> None:
        """Go on with what other processes left, now and from time to time.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
        """
        await self._resume()
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self, seconds: float) -> None:
        """Begin nothing new, finish what is under way if that takes no longer, and leave the rest."""
        self._ending = True
        tasks = [thread.worker for thread in self._threads.values() if thread.worker]
        if tasks and seconds:
            await asyncio.wait(tasks, timeout=seconds)
        tasks += [self._sweeper] if self._sweeper else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, place: Place, patient: bool = True) -> None:
        """Have the questions of a thread answered; a ``patient`` worker waits for one in another process."""
        if self._ending:
            return
        thread = self._threads[place]
        thread.wanted, thread.patient = True, thread.patient or patient
        if thread.worker is None:
            thread.worker = asyncio.create_task(self._work(place))

    async def cancel(self, question: Question) -> bool:
        """Have a question no longer investigated; False if it is not, in this process."""
        thread = self._threads.get(question.place)
        if thread is None or thread.investigation is None or thread.key != question.key:
            return False
        thread.investigation.cancel()
        await asyncio.wait([thread.investigation])
        return True

    async def tell_stopped(self, question: Question) -> None:
        """Say that a question was stopped, where its progress was, if it has not been asked anew."""
        known = await self._parts.questions.find(question.key)
        if known and known.posted and known.state in (State.STOPPED, State.ABANDONED):
            await self._parts.poster.update(known, say("Stopped."))

    async def _sweep(self) -> None:
        """Look for questions on which nobody works; give all up when the locks were lost."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                if not await self._parts.storage.locks.are_safe():
                    await self._drop_all()
                await self._resume()
            except QuestionsUnavailable as error:
                _log.error("%s", error)
            except Exception:
                _log.exception("no questions were looked for")

    async def _resume(self) -> None:
        unfinished = await self._parts.questions.unfinished()
        for place in dict.fromkeys(question.place for question in unfinished):
            if place not in self._threads:
                self.wake(place, patient=False)

    async def _drop_all(self) -> None:
        """Stop working: other processes may work on the same threads by now."""
        _log.error("the connection that held the locks was lost: starting over")
        tasks = [thread.worker for thread in self._threads.values() if thread.worker]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, place: Place) -> None:
        """Work on a thread until there is nothing more to do."""
        thread = self._threads[place]
        try:
            while thread.wanted and not self._ending:
                thread.wanted = False
                try:
                    await self._take_turn(place)
                except QuestionsUnavailable as error:
                    _log.error("%s", error)
                    thread.wanted = True
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            del self._threads[place]

    async def _take_turn(self, place: Place) -> None:
        """Work through what waits in a thread, once nobody else does."""
        locks, name = self._parts.storage.locks, f"work {place}"
        while await self._parts.questions.waiting(place) and not self._ending:
            async with self._room:
                if held := await locks.try_hold(name):
                    try:
                        await self._work_through(place)
                    finally:
                        await locks.release(name)
            if not held and not self._threads[place].patient:
                return
            if not held:
                await asyncio.sleep(STANDBY_SECONDS)

    async def _work_through(self, place: Place) -> None:
        """Answer what waits in a thread, oldest first; while Slack is down, try again and again."""
        while not self._ending and (waiting := await self._parts.questions.waiting(place)):
            try:
                if admitted := await self._admission.admit(waiting[0]):
                    await self._answer(admitted)
            except (SlackApiError, *UNREACHABLE) as error:
                await self._give_up_or_wait(waiting[0], error)
            except QuestionsUnavailable:
                self._admission.doubt(waiting[0])
                raise
            except Exception:
                _log.exception("question %s was not answered", waiting[0].key)
                await self._fail(waiting[0], BUG)

    async def _give_up_or_wait(self, question: Question, error: Exception) -> None:
        """Drop a question whose answer Slack refuses for good; else wait a little, and post nothing twice."""
        _log.error("Slack does not take the answer to %s: %s", question.key, error)
        if isinstance(error, SlackApiError) and error.response["error"] not in TRANSIENT:
            await self._fail(question, f"Slack: {error.response['error']}")
            return
        self._admission.doubt(question)
        await asyncio.sleep(RETRY_SECONDS)

    async def _fail(self, question: Question, reason: str) -> None:
        failed = await self._parts.questions.change(question, state=State.FAILED)
        await self._parts.audit.write(failed, "failed", reason=reason)
        self._admission.forget(question)

    async def _answer(self, question: Question) -> None:
        """Investigate, unless the question is stopped or edited meanwhile."""
        thread, admission = self._threads[question.place], self._admission
        work = Investigation(self._parts, question, admission.read(question), admission.is_doubted(question))
        task = thread.investigation = asyncio.create_task(work.run())
        thread.key = question.key
        try:
            await self._watch(question, task)
        except BaseException:
            admission.doubt(question)
            raise
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            thread.investigation = None
        if task.cancelled():
            await self.tell_stopped(question)
        else:
            task.result()
        admission.forget(question)

    async def _watch(self, question: Question, task: asyncio.Task[None]) -> None:
        """Wait for an investigation, and cancel it once it is not wanted any more."""
        while not (await asyncio.wait([task], timeout=WATCH_SECONDS))[0]:
            known = await self._parts.questions.find(question.key)
            if known is None or known.state is not State.WAITING:
                task.cancel()
