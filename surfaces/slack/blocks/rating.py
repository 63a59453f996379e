"""The modal in which a person says what is wrong with an answer."""

from collections.abc import Iterable
from typing import Any

from surfaces.slack.blocks.parts import Block
from surfaces.text import sanitise

CALLBACK = "rate_wrong"
REASON, CULPRIT, TOLD = "reason", "culprit", "told"
"""The ids of the inputs, and of their blocks."""

MOST_CHOICES = 50
MOST_CHARACTERS = 70


Choices = Iterable[tuple[str, str]]


def render_rating(key: str, reasons: Choices, culprits: Choices) -> dict[str, Any]:
    """The modal about the answer to the question ``key``; reasons and culprits are values and their words."""
    told = {"type": "plain_text_input", "action_id": TOLD, "multiline": True, "max_length": 2_000}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": key,
        "title": _text("What is not right?"),
        "submit": _text("Send"),
        "close": _text("Cancel"),
        "blocks": [
            _input(REASON, "What is wrong with the answer?", _select(REASON, reasons)),
            _input(CULPRIT, "What was really at fault?", _select(CULPRIT, culprits), optional=True),
            _input(TOLD, "What was it, in your words?", told, optional=True),
        ],
    }


def read_rating(view: dict[str, Any]) -> dict[str, str]:
    """What was chosen and written, by the ids of the inputs; what was left out is empty."""
    values = view["state"]["values"]
    chosen = {name: values[name][name].get("selected_option") or {} for name in (REASON, CULPRIT)}
    told = values[TOLD][TOLD].get("value") or ""
    return {name: option.get("value", "") for name, option in chosen.items()} | {TOLD: told}


def _text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _input(name: str, label: str, element: Block, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": _text(label),
        "element": element,
        "optional": optional,
    }


def _select(name: str, options: Choices) -> Block:
    shown = [
        {"text": _text(sanitise(words)[:MOST_CHARACTERS]), "value": value}
        for value, words in list(options)[:MOST_CHOICES]
    ]
    return {"type": "static_select", "action_id": name, "options": shown}
