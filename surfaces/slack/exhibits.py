"""What an answer rests on, for whoever asks to see it."""

from domain.errors import KubewhyError, RefusedQuestion
from domain.settings import SlackGrant
from surfaces.slack.blocks.messages import Reply
from surfaces.slack.blocks.steps import render_commands, render_evidence, say
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Question
from surfaces.slack.recording import archive_incident

NOTHING_TO_SHOW = "There is no answer to show yet."
RECORDING = "Recording what is there now, without secrets; the file comes into this thread."


class Exhibits:
    """Shows evidence and commands to one user alone, and exports recordings into the thread."""

    def __init__(self, parts: Parts) -> None:
        """Show what ``parts`` hold."""
        self._parts = parts

    async def show_evidence(self, key: str, user: str) -> None:
        """Show all that an answer cites."""
        if (question := await self.find(key, user)) and question.answer:
            await self._show(
                question, user, render_evidence(question.answer, self._parts.settings.opensearch.dashboards)
            )

    async def show_commands(self, key: str, user: str) -> None:
        """Show the commands that were run for an answer."""
        if question := await self.find(key, user):
            await self._show(question, user, render_commands(question.commands))

    async def _show(self, question: Question, user: str, reply: Reply) -> None:
        await self._parts.poster.whisper(question.place, user, reply.posts)
        for attachment in reply.attachments:
            await self._parts.poster.upload(question.place, attachment.name, attachment.content.encode())

    async def export(self, key: str, user: str) -> None:
        """Record what an answer was about, and put the file into its thread."""
        question = await self.find(key, user)
        if question is None:
            return
        await self.tell(question, user, RECORDING)
        try:
            content = await archive_incident(self._parts, question, await self.grant(question, user))
        except KubewhyError as error:
            await self.tell(question, user, f"Nothing was exported. {error}")
            return
        name = f"incident-{question.ts.replace('.', '-')}.zip"
        await self._parts.poster.upload(question.place, name, content)
        await self._parts.audit.write(question, "exported", by=user)

    async def find(self, key: str, user: str) -> Question | None:
        """An answered question, for those who may ask in its place; others are told why not."""
        question = await self._parts.questions.find(key)
        if question is None:
            return None
        try:
            await self.grant(question, user)
        except RefusedQuestion as refusal:
            await self.tell(question, user, str(refusal))
            return None
        if question.answer is None:
            await self.tell(question, user, NOTHING_TO_SHOW)
            return None
        return question

    async def grant(self, question: Question, user: str) -> SlackGrant:
        """What a user may see of what a question is about.

        Raises:
            RefusedQuestion: nothing.
        """
        return await self._parts.access.grant(question.place, user)

    async def tell(self, question: Question, user: str, text: str) -> None:
        """Say a sentence to one user alone."""
        await self._parts.poster.whisper(question.place, user, [say(text)])
