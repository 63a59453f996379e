"""A model's words -> the JSON object in them, however it is wrapped."""

import json
import re
from typing import Any, TypeVar

from langchain_core.utils.json import parse_json_markdown
from pydantic import BaseModel, ValidationError

from domain.errors import ModelUnavailable

Answer = TypeVar("Answer", bound=BaseModel)

MOST_CHARACTERS = 60_000
THINKING = 8_000

_THINKING = re.compile(r"<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(r"\A(.*?)</think(?:ing)?>", re.DOTALL | re.IGNORECASE)


def split_thinking(text: str) -> tuple[str, str]:
    """What a reasoning model thought aloud, and what it answers.

    A template may have opened ``<think>`` in the prompt, so that the answer holds its end alone.
    """
    thoughts = _THINKING.findall(text)
    rest = _THINKING.sub("", text)
    if unopened := _UNOPENED.match(rest):
        thoughts, rest = [unopened[1], *thoughts], rest[unopened.end() :]
    return "\n".join(thought.strip() for thought in thoughts)[:THINKING], rest.strip()


def read_object(text: str) -> dict[str, Any]:
    """The JSON object of an answer: bare, fenced, or with words around it; the last one that can be read.

    Raises:
        ModelUnavailable: there is none.
    """
    text = text[:MOST_CHARACTERS]
    for candidate in (text, *_fenced(text), *_braced(text)):
        try:
            found = parse_json_markdown(candidate, parser=json.loads)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise ModelUnavailable("The answer holds no JSON object.")


def _fenced(text: str) -> list[str]:
    return re.findall(r"```(?:json)?\s*(.*?)```", text, re.DOTALL)[::-1]


def _braced(text: str) -> list[str]:
    """From an opening brace at the begin of a line to the last closing brace, the widest first."""
    end = text.rfind("}") + 1
    starts = [match.start() for match in re.finditer(r"(?m)^\s*\{|(?<=\s)\{", text)][:20]
    return [text[start:end] for start in starts if start < end]


def validate(schema: type[Answer], said: Any) -> Answer:
    """The answer in its schema.

    Raises:
        ModelUnavailable: it does not fit; the sentence says where.
    """
    try:
        return schema.model_validate(said)
    except (ValidationError, ValueError) as error:
        raise ModelUnavailable(f"The answer does not fit: {_tell_first(error)}") from error


def _tell_first(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole"
    return f"{where}: {first['msg']}."
