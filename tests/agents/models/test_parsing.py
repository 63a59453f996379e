import pytest
from pydantic import BaseModel

from agents.models.parsing import read_object, split_thinking, validate
from domain.errors import ModelUnavailable


class Said(BaseModel):
    cause: str
    sure: float = 0.0


@pytest.mark.parametrize(
    "text",
    [
        '{"cause": "x"}',
        '```json\n{"cause": "x"}\n```',
        'Here it is:\n\n```\n{"cause": "x"}\n```\nDone.',
        'The links hold. {"cause": "x"}',
        'First {a thought in braces}, then\n{"cause": "x"}',
        '  {"cause": "x"}\n\nI hope this helps!',
        '{"cause": "x",\n "sure": 0.5}',
    ],
)
def test_an_object_is_found_however_it_is_wrapped(text: str) -> None:
    assert read_object(text)["cause"] == "x"


@pytest.mark.parametrize("text", ["", "no idea", "[1, 2]", "{cause: x", "{" * 5000, "null", '"{}"'])
def test_what_holds_no_object_is_said(text: str) -> None:
    with pytest.raises(ModelUnavailable, match="no JSON object"):
        read_object(text)


@pytest.mark.parametrize(
    ("text", "thought", "rest"),
    [
        ("<think>hm</think>{}", "hm", "{}"),
        ("hm\n</think>\n{}", "hm", "{}"),
        ("<thinking>a</thinking> b <think>c</think> d", "a\nc", "b  d"),
        ("<think>cut off in the midd", "cut off in the midd", ""),
        ("plain", "", "plain"),
    ],
)
def test_thinking_is_kept_apart(text: str, thought: str, rest: str) -> None:
    assert split_thinking(text) == (thought, rest)


def test_a_wrong_shape_is_named_for_the_model() -> None:
    with pytest.raises(ModelUnavailable, match="cause: Field required"):
        validate(Said, {"sure": 1})
