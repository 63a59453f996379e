"""One question from its first sign of life to its answer."""

import logging
from itertools import pairwise
from time import time

from domain.diagnosis import Diagnosis, Outcome
from domain.errors import KubewhyError, QuestionsUnavailable
from domain.modes import Mode
from domain.settings import SlackGrant
from graphs.session import Clarification, Session
from surfaces.slack.access import GrantedContext
from surfaces.slack.blocks.answer import Answer, render_answer
from surfaces.slack.blocks.messages import Reply
from surfaces.slack.blocks.steps import render_clarification, say
from surfaces.slack.display import ProgressDisplay
from surfaces.slack.parts import Parts
from surfaces.slack.questions import DEEPER, Question, State

BUG = "This is a bug in Kubewhy; its log says more. The question was not answered."

_log = logging.getLogger(__name__)


class Investigation:
    """Asks the graph, shows its progress and writes what it ends with."""

    def __init__(self, parts: Parts, question: Question, words: str, resumed: bool = False) -> None:
        """Investigate ``words``, of a question whose first sign of life is written."""
        self._parts = parts
        self._question = question
        self._words = words
        self._resumed = resumed
        self._commands: tuple[str, ...] = ()

    async def run(self) -> None:
        """Answer, ask back, or say in one sentence why not; nothing if it was stopped just now.

        Raises:
            SlackApiError: Slack does not take the answer.
        """
        known = await self._parts.questions.find(self._question.key)
        if known is None or known.state is not State.WAITING:
            return
        self._question = known
        end = known.answer or await self._try()
        if isinstance(end, Diagnosis):
            await self._conclude(end)
        elif isinstance(end, Clarification):
            await self._ask_back(end)
        else:
            await self._fail(end)

    async def _try(self) -> Diagnosis | Clarification | str:
        """What the graph ends with, or one sentence on why there is no end."""
        question = self._question
        try:
            return await self._ask(await self._parts.access.grant(question.place, question.user, self._words))
        except QuestionsUnavailable:
            raise
        except KubewhyError as error:
            return str(error)
        except Exception as error:
            if isinstance(error, self._parts.storage.faults):
                raise QuestionsUnavailable("The database of threads cannot be reached.") from error
            _log.exception("question %s was not answered", question.key)
            return BUG

    async def _ask(self, grant: SlackGrant) -> Diagnosis | Clarification:
        end: Diagnosis | Clarification | None = None
        context, digs = GrantedContext(self._parts.settings, grant), self._question.way == DEEPER
        if digs and self._parts.settings.models.use != "never":
            context.reasoner = Mode.MODEL
        session = Session(context, await self._name_thread(), self._parts.storage.saver)
        try:
            async with ProgressDisplay(self._parts.poster, self._question) as display:
                async for item in session.ask(self._words, self._question.key, digs):
                    if isinstance(item, Diagnosis | Clarification):
                        end = item
                    else:
                        display.add(item)
            self._commands = await session.list_commands()
        finally:
            await context.close()
        if end is None:
            raise RuntimeError("an investigation ended without an answer")
        return end

    async def _name_thread(self) -> str:
        """The graph's thread: a new one after each question back that was stopped instead of answered."""
        place = self._question.place
        asked = await self._parts.questions.of_thread(place)
        begun = sum(question.state is State.ABANDONED for question in asked)
        return place.name_thread(begun)

    async def _ask_back(self, asked: Clarification) -> None:
        post = render_clarification(asked, self._question.key)
        await self._parts.poster.reply(self._question, Reply((post,)), self._resumed)
        await self._finish(State.ASKED_BACK, "asked back")

    async def _conclude(self, diagnosis: Diagnosis) -> None:
        commands = self._question.commands or tuple(map(diagnosis.aim, self._commands))
        after = await self._tell_duration() if diagnosis.outcome is Outcome.VERIFIED else ""
        dashboards, repeated = self._parts.settings.opensearch.dashboards, await self._repeats(diagnosis)
        answer = Answer(diagnosis, self._question.key, commands, after, dashboards, repeated)
        # Whoever clicks a button of the answer must find what it is about.
        self._question = await self._parts.questions.change(
            self._question, answer=diagnosis, commands=commands
        )
        await self._parts.poster.reply(self._question, render_answer(answer), self._resumed)
        await self._finish(State.ANSWERED, diagnosis.outcome)
        if after:
            await self._parts.poster.mark_closed(self._question.place)

    async def _repeats(self, diagnosis: Diagnosis) -> bool:
        """Whether a verification found the very cause that was told before in the thread."""
        if diagnosis.outcome is not Outcome.NOT_VERIFIED:
            return False
        asked = await self._parts.questions.of_thread(self._question.place)
        told = [q.answer for q in asked if q.answer and q.key != self._question.key]
        return any((d.object, d.root_cause) == (diagnosis.object, diagnosis.root_cause) for d in told)

    async def _tell_duration(self) -> str:
        """How long it took from the first question to the recovery: the first since the thread was closed."""
        asked = await self._parts.questions.of_thread(self._question.place)
        first = asked[0]
        for earlier, later in pairwise(asked):
            if (
                earlier.answer
                and earlier.answer.outcome is Outcome.VERIFIED
                and later.ts <= self._question.ts
            ):
                first = later
        minutes = (time() - first.asked_at) / 60
        told = "less than a minute" if minutes < 1 else f"{minutes:.0f} min"
        return f"{told} after the first question"

    async def _fail(self, sentence: str) -> None:
        await self._parts.poster.reply(self._question, Reply((say(sentence),)), self._resumed)
        await self._finish(State.FAILED, "failed", reason=sentence)

    async def _finish(self, state: State, verdict: str, **more: str) -> None:
        self._question = await self._parts.questions.change(self._question, state=state)
        commands = list(self._question.commands)
        await self._parts.audit.write(self._question, verdict, commands=commands, **more)
