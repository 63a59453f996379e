"""Around every node: nothing is written to a channel, or told, with a secret in it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from langgraph.runtime import Runtime
from langgraph.types import Overwrite
from pydantic import BaseModel

from domain.evidence import Evidence
from graphs.context import Context
from tools.redaction import Redactor

Node = TypeVar("Node", bound=Callable[..., Awaitable[dict[str, Any]]])

_EVIDENCE_ID = re.compile(r"\bE[0-9a-f]{8}\b")
_SHORTEST = 4


def redacting(node: Node) -> Node:
    """The node, with what it reads of a person, tells, and writes free of secrets.

    It also writes by what a later process knows the secrets again (``redacted``).
    """

    @wraps(node)
    async def redacted(state: Mapping[str, Any], runtime: Runtime[Context]) -> dict[str, Any]:
        redactor = await runtime.context.redactor()
        redactor.numbers.recall(state.get("redacted"))
        clean = Cleaner(redactor)
        question = clean(state["question"]) if "question" in state else None
        given = state if question is None else {**state, "question": question}
        write = runtime.stream_writer
        update = await node(given, runtime=runtime.override(stream_writer=lambda item: write(clean(item))))
        if question is not None and question != state["question"]:
            update = {"question": question, **update}
        remembered = redactor.numbers.remember()
        return clean.update(update) | ({"redacted": remembered} if remembered else {})

    return cast(Node, redacted)


class Cleaner:
    """Takes the secrets out of values of channels: texts in lists, mappings and models."""

    def __init__(self, redactor: Redactor) -> None:
        """Use the numbers of ``redactor``."""
        self._redactor = redactor
        self._moved: dict[str, str] = {}

    def update(self, update: dict[str, Any]) -> dict[str, Any]:
        """An update of the state. Evidence that changes has another id: who cites it does so by that."""
        observed = update.get("evidence") or []
        for item in observed.value if isinstance(observed, Overwrite) else observed:
            if isinstance(item, Evidence) and (new := self(item).id) != item.id:
                self._moved[item.id] = new
        return {key: self(value) for key, value in update.items()}

    def __call__(self, value: Any) -> Any:
        """The value without secrets; the value itself when there are none."""
        if type(value) is str:
            return self._text(value)
        if isinstance(value, list | tuple):
            new = [self(item) for item in value]
            return type(value)(new) if _differ(new, value) else value
        if isinstance(value, dict):
            values = {key: self(item) for key, item in value.items()}
            return values if _differ(values.values(), value.values()) else value
        if isinstance(value, BaseModel):
            return self._model(value)
        return Overwrite(self(value.value)) if isinstance(value, Overwrite) else value

    def _model(self, model: BaseModel) -> BaseModel:
        fields = {name: getattr(model, name) for name in type(model).model_fields}
        changed = {name: new for name, old in fields.items() if (new := self(old)) is not old}
        return model.model_copy(update=changed) if changed else model

    def _text(self, text: str) -> str:
        if len(text) < _SHORTEST:
            return text
        new = self._redactor.redact(text)
        if self._moved:
            new = _EVIDENCE_ID.sub(lambda found: self._moved.get(found[0], found[0]), new)
        return text if new == text else new


def _differ(new: Any, old: Any) -> bool:
    return any(a is not b for a, b in zip(new, old, strict=True))
