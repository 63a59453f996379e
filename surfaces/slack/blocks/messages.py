"""Blocks packed into messages that Slack takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from surfaces.slack.blocks.parts import Block
from surfaces.slack.text import escape

MOST_BLOCKS = 45
"""Of one message; Slack takes 50."""

MOST_CHARACTERS = 11_000
"""Of all blocks of one message: Slack refuses what is much longer with ``msg_blocks_too_long``."""

MOST_TEXT = 3_000
"""Of the text that notifications and screen readers get."""


@dataclass(frozen=True)
class Attachment:
    """What is too long for a block: a file of the thread."""

    name: str
    content: str


@dataclass(frozen=True)
class Post:
    """One message: its blocks, and the words for where blocks are not shown."""

    text: str
    blocks: list[Block] = field(default_factory=list)

    def arguments(self) -> dict[str, Any]:
        """What chat.postMessage and chat.update take; nothing is linked, unfurled or parsed."""
        return {"text": escape(self.text)[:MOST_TEXT], "blocks": self.blocks}


@dataclass(frozen=True)
class Reply:
    """All that is said in answer to one thing: messages in order, and files."""

    posts: tuple[Post, ...]
    attachments: tuple[Attachment, ...] = ()


def pack(text: str, blocks: Iterable[Block]) -> tuple[Post, ...]:
    """Blocks in as few messages as they fit into; none is cut."""
    pages: list[list[Block]] = [[]]
    room = MOST_CHARACTERS
    for block in blocks:
        length = count_characters(block)
        if pages[-1] and (length > room or len(pages[-1]) == MOST_BLOCKS):
            pages.append([])
            room = MOST_CHARACTERS
        pages[-1].append(block)
        room -= length
    told = [text, *(f"{text} ({number})" for number in range(2, len(pages) + 1))]
    return tuple(Post(words, page) for words, page in zip(told, pages, strict=True))


def count_characters(item: Any) -> int:
    """The characters that a reader sees of a block."""
    if isinstance(item, dict):
        text = item.get("text")
        own = len(text) if isinstance(text, str) else 0
        return own + sum(count_characters(value) for value in item.values())
    return sum(map(count_characters, item)) if isinstance(item, list) else 0
