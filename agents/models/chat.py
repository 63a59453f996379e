"""One model, asked for one answer in one schema; what it took is always told, also when it failed."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable
from pydantic import BaseModel

from agents.models.catalogue import Model
from agents.models.faults import explain_fault
from agents.models.parsing import THINKING, read_object, split_thinking, validate
from domain.case import count_tokens
from domain.diagnosis import ModelCall
from domain.errors import MalformedSettings, ModelUnavailable
from domain.settings import ModelSettings
from prompts.loader import CASE
from tools.chat_models import open_chat
from tools.redaction import redact

Answer = TypeVar("Answer", bound=BaseModel)

ATTEMPTS = 2
"""A malformed answer is sent back once with what is wrong with it."""

CACHEABLE = 1_024
"""Tokens below which no model of Bedrock caches a prompt's head."""

_REFUSALS = {"guardrail_intervened", "content_filtered", "refusal", "content_filter"}
_CUT_OFF = {"max_tokens", "length", "model_context_window_exceeded"}


def _accept(answer: object) -> str:
    return ""


@dataclass(frozen=True)
class Told(Generic[Answer]):
    """An answer, or None; and every call made for it, the last one with the fault if there is no answer."""

    answer: Answer | None
    calls: tuple[ModelCall, ...]


class ModelChat:
    """A model that is open for questions."""

    def __init__(self, model: Model, settings: ModelSettings) -> None:
        """Nothing is connected before the first question."""
        self.model = model
        self._settings = settings
        self._open: dict[type[BaseModel], Runnable[LanguageModelInput, AIMessage]] = {}

    async def ask(
        self, role: str, prompt: str, schema: type[Answer], find_problem: Callable[[Answer], str] = _accept
    ) -> Told[Answer]:
        """Ask for ``schema``; what went wrong is in the last call, never raised.

        Args:
            role: what it is asked for, for the record.
            prompt: instructions, ``# The case``, and the case: the first part is the system's.
            schema: what the answer has to fit.
            find_problem: why an answer that fits cannot be used all the same; empty when it can.

        Raises:
            MalformedSettings: the model cannot be opened.
        """
        messages = self._write_messages(prompt, schema)
        calls: list[ModelCall] = []
        for _ in range(ATTEMPTS):
            reply, call = await self._call(role, messages, schema)
            if reply is None:
                return Told(None, (*calls, call))
            try:
                answer = read_answer(reply, schema)
                if problem := find_problem(answer):
                    raise ModelUnavailable(problem)
            except ModelUnavailable as error:
                calls.append(call.model_copy(update={"fault": str(explain_fault(self.model.spec, error))}))
                messages = [*messages, *_send_back(reply, str(error))]
                continue
            return Told(answer, (*calls, call))
        return Told(None, tuple(calls))

    async def _call(
        self, role: str, messages: Sequence[BaseMessage], schema: type[BaseModel]
    ) -> tuple[AIMessage | None, ModelCall]:
        call = ModelCall(model=self.model.spec, role=role)
        begin = time.monotonic()
        try:
            chat = await self._open_for(schema)
            async with asyncio.timeout(self._settings.call_seconds):
                reply = await chat.ainvoke(list(messages))
        except MalformedSettings:
            raise
        except TimeoutError:
            fault = f"{self.model.spec} did not answer within {self._settings.call_seconds:g} s."
        except Exception as error:
            # Whatever a provider's client raises, the next of the route or the playbook answers instead.
            fault = str(explain_fault(self.model.spec, error))
        else:
            return reply, self._account(call, reply, time.monotonic() - begin)
        seconds = round(time.monotonic() - begin, 3)
        read = sum(count_tokens(str(message.content)) for message in messages)
        return None, call.model_copy(update={"fault": fault, "seconds": seconds, "read": read})

    async def _open_for(self, schema: type[BaseModel]) -> Runnable[LanguageModelInput, AIMessage]:
        if schema not in self._open:
            tool = schema if self.model.tool_use else None
            self._open[schema] = await asyncio.to_thread(
                open_chat, self.model.spec, self.model.family, self._settings, tool
            )
        return self._open[schema]

    def _write_messages(self, prompt: str, schema: type[BaseModel]) -> list[BaseMessage]:
        head, mark, case = prompt.partition(CASE)
        if not self.model.tool_use:
            case = f"{case}\n{_ask_for_json(schema)}"
        system: Any = head
        if self.model.caches and count_tokens(head) >= CACHEABLE:
            system = [{"type": "text", "text": head}, {"cachePoint": {"type": "default"}}]
        return [SystemMessage(system), HumanMessage(f"{mark.lstrip()}{case}")]

    def _account(self, call: ModelCall, reply: AIMessage, seconds: float) -> ModelCall:
        used = reply.usage_metadata or {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        read, written = used["input_tokens"], used["output_tokens"]
        return call.model_copy(
            update={
                "read": read,
                "written": written,
                "cost": self.model.cost(read, written),
                "seconds": round(seconds, 3),
                "thinking": redact(_read_thinking(reply))[:THINKING],
            }
        )


def _ask_for_json(schema: type[BaseModel]) -> str:
    shape = json.dumps(schema.model_json_schema(), separators=(",", ":"))
    return (
        "Write the answer as one JSON object that fits this schema, and nothing after it. "
        f"Leave out what you do not know.\n\n{shape}"
    )


def read_answer(reply: AIMessage, schema: type[Answer]) -> Answer:
    """The answer in a reply: the tool call of that schema, or the JSON in its words.

    Raises:
        ModelUnavailable: it was refused, cut off, empty, or does not fit.
    """
    about = reply.response_metadata
    stop = str(about.get("stopReason") or about.get("stop_reason") or about.get("finish_reason") or "")
    if stop in _REFUSALS:
        raise ModelUnavailable("The model refused to answer.")
    for call in reply.tool_calls:
        if call["name"] == schema.__name__:
            return validate(schema, call["args"])
    _, words = split_thinking(str(reply.text))
    if stop in _CUT_OFF:
        raise ModelUnavailable("The answer was cut off at its longest: be briefer.")
    if not words:
        raise ModelUnavailable("The answer is empty.")
    return validate(schema, read_object(words))


def _read_thinking(reply: AIMessage) -> str:
    """The reasoning blocks of Converse, and what stands between ``<think>`` tags."""
    blocks = reply.content if isinstance(reply.content, list) else []
    reasoned = [
        str((block.get("reasoning_content") or {}).get("text") or "")
        for block in blocks
        if isinstance(block, dict) and block.get("type") == "reasoning_content"
    ]
    thought, _ = split_thinking(str(reply.text))
    return "\n".join(filter(None, (*reasoned, thought)))


def _send_back(reply: AIMessage, problem: str) -> list[BaseMessage]:
    """The reply and what is wrong with it, in the form that a conversation with tools has to have."""
    told = f"That answer cannot be used. {problem} Answer again, in the same form."
    if not reply.tool_calls:
        return [AIMessage(str(reply.text) or "(nothing)"), HumanMessage(told)]
    return [reply, *(ToolMessage(told, tool_call_id=c["id"] or "", status="error") for c in reply.tool_calls)]
