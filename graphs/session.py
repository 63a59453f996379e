"""A conversation: the face through which surfaces and evaluations use the main graph."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot

from domain.diagnosis import Diagnosis
from graphs import troubleshoot
from graphs.context import Context
from graphs.pasting import gather_paste
from graphs.progress import Progress
from graphs.state import Question
from graphs.threads import keep_in_memory
from graphs.tracing import describe_diagnosis, trace_question


@dataclass(frozen=True)
class Clarification:
    """The graph cannot go on without an answer: several objects, or clusters, fit equally well."""

    question: str
    options: tuple[str, ...]


Steps = AsyncGenerator[Progress, None]
Begin = Command[Any] | Question | None


class Session:
    """One thread of questions.

    The next text after a ``Clarification`` is taken as its answer, also by another process that opens
    the same thread from the same saver.
    """

    def __init__(
        self, context: Context, thread: str = "", saver: BaseCheckpointSaver[Any] | None = None
    ) -> None:
        """Continue ``thread``, or begin one; without a saver it lasts as long as this object."""
        self.context = context
        self.thread = thread or uuid4().hex[:8]
        self._graph = troubleshoot.builder.compile(checkpointer=saver or keep_in_memory())
        self._config: RunnableConfig = {"configurable": {"thread_id": self.thread}}

    async def ask(
        self, text: str, ticket: str = "", deeper: bool = False
    ) -> AsyncIterator[Progress | Clarification | Diagnosis]:
        """Ask or answer: progress as it is made, at last a diagnosis or a question to answer.

        An empty answer has the question put again. With the ``ticket`` of what was asked last, it goes on
        where that was left, by a process that died for instance. ``deeper``: the last diagnosis is doubted.

        Raises:
            InputError: the question or the recording is at fault; the thread stays as it was.
        """
        with trace_question(self.context) as span:
            async with aclosing(self._ask(text, ticket, deeper)) as items:
                async for item in items:
                    if isinstance(item, Diagnosis):
                        describe_diagnosis(span, item)
                    yield item

    async def _ask(
        self, text: str, ticket: str, deeper: bool
    ) -> AsyncGenerator[Progress | Clarification | Diagnosis, None]:
        before = await self._graph.aget_state(self._config)
        again = bool(ticket) and (before.metadata or {}).get("ticket") == ticket
        left = (before.interrupts and not text.strip()) or (again and (before.interrupts or not before.tasks))
        if left and (end := await self._conclude()):
            yield end
            return
        redactor = await self.context.redactor()
        redactor.numbers.recall(before.values.get("redacted"))
        text = redactor.redact(text)
        await self._return_to(before, "" if again else text)
        about = (await self._settle(before)) | {"ticket": ticket}
        afresh: Question = {"question": text, "deeper": deeper}
        first: Begin = None if again and not left else Command(resume=text) if before.interrupts else afresh
        for begin in (first, afresh):  # what a process that died left behind may be no whole turn
            async with aclosing(self._run(begin, about)) as steps:
                async for step in steps:
                    yield step
            if end := await self._conclude():
                yield end
                return
        raise RuntimeError("the graph ended without an answer")

    async def _run(self, begin: Begin, about: dict[str, str]) -> Steps:
        """Run the graph from ``begin`` (None: from where it was left), and remember ``about`` of it."""
        stream = self._graph.astream(
            begin,
            self._config | {"metadata": about},
            context=self.context,
            stream_mode="custom",
            subgraphs=True,
            version="v2",
        )
        async for part in stream:
            if part["type"] == "custom":
                yield part["data"]

    async def list_commands(self) -> tuple[str, ...]:
        """The kubectl lines that were run for the last question, in order."""
        values = (await self._graph.aget_state(self._config)).values
        asked = values.get("commands", [])[values.get("earlier", 0) :]
        return tuple(record.line for record in asked if not record.refusal)

    async def _return_to(self, before: StateSnapshot, text: str) -> None:
        """Look at what the thread is about, and at what was pasted; a new question may turn elsewhere."""
        await self.context.bring(await gather_paste(before.values, text))
        if not (text or self.context.incident or self.context.cluster):
            await self.context.turn_to(before.values.get("cluster", ""))

    async def _settle(self, before: StateSnapshot) -> dict[str, str]:
        """What the thread is to remember of the place it is about: it goes on there unless another is named.

        Where clusters are configured, a new question may name another one: then the graph chooses.
        """
        context = self.context
        remembered: Mapping[str, Any] = before.metadata or {}
        by_question = bool((await context.fleet()).names)
        if not (context.incident or context.cluster):
            context.incident = remembered.get("incident", "")
            context.namespace = context.namespace or remembered.get("namespace", "")
            if before.interrupts or not by_question:
                context.cluster = remembered.get("cluster", "")
        about = {"namespace": context.namespace, "cluster": context.cluster, "incident": context.incident}
        if context.incident or context.cluster or not by_question:
            about["incident"] = (await context.open()).incident
        return about

    async def _conclude(self) -> Clarification | Diagnosis | None:
        """What the thread ends with; None where it ends in the middle of a turn."""
        after = await self._graph.aget_state(self._config)
        if after.interrupts:
            asked = after.interrupts[0].value
            return Clarification(asked["question"], tuple(asked["options"]))
        diagnosis: Diagnosis | None = after.values.get("diagnosis")
        return diagnosis
