"""Letting questions in: each is refused, or gets a first sign of life, in the order of their time."""

from contextlib import AbstractAsyncContextManager

from domain.errors import RefusedQuestion
from surfaces.slack.blocks.steps import render_progress, render_waiting, say
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Place, Question, State
from surfaces.slack.storage.database import hold


class Admission:
    """Lets the questions of a thread in one by one, and knows which of them this process heard itself."""

    def __init__(self, parts: Parts) -> None:
        """Nothing was heard yet."""
        self._parts = parts
        self._words: dict[str, str] = {}
        self._doubted: set[str] = set()

    def hear(self, question: Question) -> None:
        """Remember the words as they were written: kept are those without their secrets."""
        self._words[question.key] = question.text

    def read(self, question: Question) -> str:
        """The words as they were written; as they are kept where another process heard them."""
        return self._words.get(question.key, question.text)

    def doubt(self, question: Question) -> None:
        """Take it that something may have been written for a question, and not been noted."""
        self._doubted.add(question.key)

    def is_doubted(self, question: Question) -> bool:
        """Whether another process, or an earlier attempt, may have written something for a question."""
        return question.key not in self._words or question.key in self._doubted

    def forget(self, question: Question) -> None:
        """Be done with a question."""
        self._words.pop(question.key, None)
        self._doubted.discard(question.key)

    def alone(self, place: Place) -> AbstractAsyncContextManager[None]:
        """Be the only one, of all processes, who lets questions of a thread in, or takes them back."""
        return hold(self._parts.storage.locks, f"admit {place}")

    async def admit(self, question: Question) -> Question | None:
        """The question with a message of ours below it; nothing if it is refused or done with.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
            SlackApiError: Slack does not take the first sign of life.
        """
        async with self.alone(question.place):
            known = await self._parts.questions.find(question.key)
            if known is None or known.state is not State.WAITING or known.posted:
                return known if known and known.state is State.WAITING else None
            try:
                await self._parts.access.grant(known.place, known.user, self.read(known))
                await self._parts.quota.check(known)
            except RefusedQuestion as refusal:
                await self._refuse(known, refusal)
                return None
            try:
                return await self._greet(known)
            except BaseException:
                self.doubt(known)
                raise

    async def _greet(self, question: Question) -> Question:
        """Write the first sign of life, unless one was written before a crash."""
        earlier = [q for q in await self._parts.questions.waiting(question.place) if q.ts < question.ts]
        post = render_waiting(len(earlier), question.key) if earlier else render_progress([], question.key)
        parts = await self._parts.poster.list_parts(question) if self.is_doubted(question) else {}
        posted = parts.get(0) or await self._parts.poster.post(question, post)
        await self._parts.audit.write(question, "asked")
        return await self._parts.questions.change(question, posted=posted)

    async def _refuse(self, question: Question, refusal: RefusedQuestion) -> None:
        await self._parts.questions.change(question, state=State.REFUSED)
        await self._parts.audit.write(question, "refused", reason=str(refusal))
        place, post = question.place, say(str(refusal))
        if question.user:
            await self._parts.poster.whisper(place, question.user, [post])
        else:
            await self._parts.poster.announce(place.channel, post, place.thread)
