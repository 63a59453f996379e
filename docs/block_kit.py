"""Slack's blocks as HTML that looks much like Slack: for documentation, and to look at what people get."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

Block = Mapping[str, Any]

STYLE = Path(__file__).with_name("slack.css")


@dataclass(frozen=True)
class Said:
    """One message as it is shown: by whom, when, and what."""

    name: str
    time: str
    blocks: tuple[Block, ...] = ()
    text: str = ""
    app: bool = False


def render_page(heading: str, messages: Iterable[Said]) -> str:
    """A whole page, which needs nothing beside it."""
    said = "".join(map(render_message, messages))
    head = f'<div class="head">{escape(heading)}</div>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(heading)}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body><main class="thread">{head}{said}</main></body></html>'
    )


def render_message(said: Said) -> str:
    """A message with its author."""
    badge = '<span class="badge">APP</span>' if said.app else ""
    body = "".join(map(render_block, said.blocks)) or f'<div class="part">{_lines(said.text)}</div>'
    face = f'<div class="face {"app" if said.app else "person"}">{escape(said.name[:1])}</div>'
    head = f'<b class="name">{escape(said.name)}</b>{badge}<span class="time">{escape(said.time)}</span>'
    return f'<article>{face}<div class="said"><div class="who">{head}</div>{body}</div></article>'


def render_block(block: Block) -> str:
    """One block.

    Raises:
        KeyError: it is of a kind that is not drawn yet.
    """
    return _BLOCKS[block["type"]](block)


def _rich_text(block: Block) -> str:
    return "".join(_RICH[part["type"]](part) for part in block["elements"])


def _section_part(part: Block) -> str:
    return f'<div class="part">{_inline(part)}</div>'


def _preformatted(part: Block) -> str:
    return f"<pre>{_inline(part)}</pre>"


def _list(part: Block) -> str:
    return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in part['elements'])}</ul>"


def _inline(part: Block) -> str:
    return "".join(_INLINE[item["type"]](item) for item in part["elements"])


_TAGS = {"bold": "b", "italic": "i", "strike": "s", "code": "code"}


def _text(item: Block) -> str:
    shown = _lines(item["text"])
    for style, tag in _TAGS.items():
        if item.get("style", {}).get(style):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _link(item: Block) -> str:
    return f'<a href="{escape(item["url"])}">{escape(item.get("text") or item["url"])}</a>'


def _channel(item: Block) -> str:
    return f'<span class="mention">#{escape(item["channel_id"].removeprefix("C0").lower())}</span>'


def _date(item: Block) -> str:
    return f"{datetime.fromtimestamp(item['timestamp'], UTC):%b %d at %H:%M}"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _section(block: Block) -> str:
    return f'<div class="part">{_lines(block["text"]["text"])}</div>'


def _context(block: Block) -> str:
    lines = "".join(f"<div>{_lines(item['text'])}</div>" for item in block["elements"])
    return f'<div class="context">{lines}</div>'


def _actions(block: Block) -> str:
    return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'


def _button(item: Block) -> str:
    return f'<span class="button {item.get("style", "")}">{escape(item["text"]["text"])}</span>'


def _divider(_: Block) -> str:
    return "<hr>"


def _header(block: Block) -> str:
    return f"<h3>{_lines(block['text']['text'])}</h3>"


def _image(block: Block) -> str:
    return f'<div class="context">[{escape(block["alt_text"])}]</div>'


_BLOCKS: dict[str, Callable[[Block], str]] = {
    "rich_text": _rich_text,
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
}
_RICH: dict[str, Callable[[Block], str]] = {
    "rich_text_section": _section_part,
    "rich_text_quote": _section_part,
    "rich_text_preformatted": _preformatted,
    "rich_text_list": _list,
}
_INLINE: dict[str, Callable[[Block], str]] = {
    "text": _text,
    "link": _link,
    "channel": _channel,
    "date": _date,
}
