"""A conversation: the face through which surfaces and evaluations use the main graph."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from domain.diagnosis import Diagnosis
from graphs import troubleshoot
from graphs.context import Context
from graphs.progress import Progress
from graphs.threads import keep_in_memory


@dataclass(frozen=True)
class Clarification:
    """The graph cannot go on without an answer: several objects fit equally well."""

    question: str
    options: tuple[str, ...]


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
        self._graph = troubleshoot.build().compile(checkpointer=saver or keep_in_memory())
        self._config: RunnableConfig = {"configurable": {"thread_id": self.thread}}

    async def ask(self, text: str) -> AsyncIterator[Progress | Clarification | Diagnosis]:
        """Ask or answer: progress as it is made, at last a diagnosis or a question to answer.

        An empty answer has the question put again.

        Raises:
            InputError: the question or the recording is at fault; the thread stays as it was.
        """
        before = await self._graph.aget_state(self._config)
        if before.interrupts and not text.strip():
            yield await self._conclude()
            return
        self._stay_with(before.metadata or {})
        instruments = await self.context.open()
        about = {
            "incident": instruments.incident,
            "namespace": self.context.namespace,
            "cluster": self.context.cluster,
        }
        stream = self._graph.astream(
            Command(resume=text) if before.interrupts else {"question": text},
            self._config | {"metadata": about},
            context=self.context,
            stream_mode="custom",
            subgraphs=True,
            version="v2",
        )
        async for part in stream:
            if part["type"] == "custom":
                yield part["data"]
        yield await self._conclude()

    def _stay_with(self, remembered: Mapping[str, Any]) -> None:
        """A thread goes on about its cluster or incident and namespace unless another is named."""
        if not (self.context.incident or self.context.cluster):
            self.context.incident = remembered.get("incident", "")
            self.context.cluster = remembered.get("cluster", "")
            self.context.namespace = self.context.namespace or remembered.get("namespace", "")

    async def _conclude(self) -> Clarification | Diagnosis:
        after = await self._graph.aget_state(self._config)
        if after.interrupts:
            asked = after.interrupts[0].value
            return Clarification(asked["question"], tuple(asked["options"]))
        diagnosis: Diagnosis = after.values["diagnosis"]
        return diagnosis
