"""The parts that messages are made of, each within Slack's limits."""

from collections.abc import Iterable, Sequence
from typing import Any

from surfaces.text import sanitise

Block = dict[str, Any]

PART_CHARACTERS = 2_900
"""Of one block; Slack takes 3,000 of a section and does not say how many of rich text."""

BUTTON_CHARACTERS = 75
CONTEXT_ELEMENTS = 10


def span(text: str, **style: bool) -> Block:
    """Literal text, in a style such as ``bold=True``."""
    item: Block = {"type": "text", "text": sanitise(text)}
    return item | ({"style": style} if style else {})


def paragraph(*spans: Block) -> list[Block]:
    """Literal text as blocks: one, or several where it is too long for one."""
    filled = [piece for item in spans for piece in _split(item) if piece["text"]]
    parts: list[list[Block]] = [[]]
    room = PART_CHARACTERS
    for piece in filled:
        if len(piece["text"]) > room and parts[-1]:
            parts.append([])
            room = PART_CHARACTERS
        parts[-1].append(piece)
        room -= len(piece["text"])
    return [rich({"type": "rich_text_section", "elements": part}) for part in parts if part]


def _split(item: Block) -> list[Block]:
    """A span in pieces of half a part at most, cut between words where there are any."""
    most, text, pieces = PART_CHARACTERS // 2, item["text"], []
    while len(text) > most:
        cut = text.rfind(" ", most // 2, most) + 1 or most
        pieces.append(item | {"text": text[:cut]})
        text = text[cut:]
    return [*pieces, item | {"text": text}]


def rich(part: Block) -> Block:
    """A block of one part of rich text."""
    return {"type": "rich_text", "elements": [part]}


def title(text: str) -> list[Block]:
    """A line in bold."""
    return paragraph(span(text, bold=True))


def code(text: str) -> list[Block]:
    """Text to copy, whole.

    Raises:
        ValueError: it does not fit into one block; whoever calls attaches it instead.
    """
    clean = sanitise(text).strip("\n")
    if len(clean) > PART_CHARACTERS:
        raise ValueError("code is never cut")
    return [rich({"type": "rich_text_preformatted", "elements": [span(clean)]})] if clean.strip() else []


def fits(text: str) -> bool:
    """Whether text can be a block of code."""
    return len(sanitise(text).strip("\n")) <= PART_CHARACTERS


def footer(lines: Iterable[str]) -> list[Block]:
    """Small print, literal."""
    told = [sanitise(line)[:PART_CHARACTERS] for line in lines if line.strip()]
    elements = [{"type": "plain_text", "text": line, "emoji": False} for line in told[:CONTEXT_ELEMENTS]]
    return [{"type": "context", "elements": elements}] if elements else []


def button(action: str, label: str, value: str = "", style: str = "") -> Block:
    """A button; ``value`` comes back when it is clicked."""
    words = sanitise(label)
    shown = words if len(words) <= BUTTON_CHARACTERS else words[: BUTTON_CHARACTERS - 1] + "…"
    text = {"type": "plain_text", "text": shown, "emoji": False}
    item: Block = {"type": "button", "action_id": action, "text": text, "value": value}
    return item | ({"style": style} if style else {})


def actions(buttons: Sequence[Block]) -> list[Block]:
    """A row of buttons."""
    return [{"type": "actions", "elements": list(buttons)}] if buttons else []
