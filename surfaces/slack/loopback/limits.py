"""Slack's limits of messages and blocks, and the error with which it refuses what exceeds them.

Source: docs.slack.dev/reference/block-kit/blocks and docs.slack.dev/reference/methods/chat.postMessage.
"""

from collections.abc import Callable, Iterator
from typing import Any

Block = dict[str, Any]

MESSAGE_CHARACTERS = 40_000
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
SECTION_CHARACTERS = 3_000
FIELD_CHARACTERS = 2_000
HEADER_CHARACTERS = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
IDENTIFIER = 255
LINK_CHARACTERS = 3_000
METADATA_CHARACTERS = 8_000
METADATA_VIEW = 3_000
SELECT_OPTIONS = 100
OPTION_VALUE = 150
VIEW_TITLE = 24


def find_message_fault(arguments: dict[str, Any]) -> str:
    """The error code with which Slack refuses a message; empty if it takes it."""
    blocks, text = arguments.get("blocks") or [], arguments.get("text") or ""
    if not (blocks or text.strip() or arguments.get("attachments")):
        return "no_text"
    if len(text) > MESSAGE_CHARACTERS:
        return "msg_too_long"
    metadata = arguments.get("metadata")
    if metadata and not (metadata.get("event_type") and isinstance(metadata.get("event_payload"), dict)):
        return "invalid_metadata_format"
    if len(str(metadata or "")) > METADATA_CHARACTERS:
        return "metadata_too_large"
    return "invalid_blocks" if list_block_faults(blocks, MESSAGE_BLOCKS) else ""


def list_block_faults(blocks: Any, most: int = MESSAGE_BLOCKS) -> list[str]:
    """What is wrong with blocks, a sentence each, as Slack's ``response_metadata.messages`` has it."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks is no list of objects"]
    faults = [f"no more than {most} items allowed"] if len(blocks) > most else []
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        faults.append("block_id has to be unique")
    for number, block in enumerate(blocks):
        check = _CHECKS.get(str(block.get("type")))
        found = list(check(block)) if check else [f"unsupported type: {block.get('type')}"]
        if len(str(block.get("block_id", ""))) > IDENTIFIER:
            found.append("block_id is too long")
        faults += [f"{fault} [json-pointer:/blocks/{number}]" for fault in found]
    return faults


def _text(item: Any, most: int, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> Iterator[str]:
    if not isinstance(item, dict) or item.get("type") not in kinds:
        yield f"text must be one of {kinds}"
    elif not item.get("text"):
        yield "must be more than 0 characters"
    elif len(item["text"]) > most:
        yield f"must be less than {most + 1} characters"


def _section(block: Block) -> Iterator[str]:
    fields = block.get("fields") or []
    if not (block.get("text") or fields):
        yield "a section needs text or fields"
    if block.get("text"):
        yield from _text(block["text"], SECTION_CHARACTERS)
    if len(fields) > 10:
        yield "no more than 10 fields"
    for item in fields:
        yield from _text(item, FIELD_CHARACTERS)


def _header(block: Block) -> Iterator[str]:
    yield from _text(block.get("text"), HEADER_CHARACTERS, ("plain_text",))


def _context(block: Block) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= CONTEXT_ELEMENTS:
        yield f"1 to {CONTEXT_ELEMENTS} elements"
    for item in elements:
        yield from _text(item, SECTION_CHARACTERS)


def _actions(block: Block) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= ACTION_ELEMENTS:
        yield f"1 to {ACTION_ELEMENTS} elements"
    ids = [item.get("action_id") for item in elements]
    if len(ids) != len(set(ids)):
        yield "action_id has to be unique in a block"
    for item in elements:
        yield from _button(item)


def _button(item: Block) -> Iterator[str]:
    if item.get("type") != "button":
        yield f"unsupported element: {item.get('type')}"
        return
    yield from _text(item.get("text"), BUTTON_TEXT, ("plain_text",))
    if len(item.get("value", "")) > BUTTON_VALUE:
        yield "value is too long"
    if len(item.get("action_id", "")) > IDENTIFIER:
        yield "action_id is too long"
    if item.get("style", "primary") not in ("primary", "danger"):
        yield "style must be primary or danger"


_RICH_PARTS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"}
_INLINE = {"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date"}


def _rich_text(block: Block) -> Iterator[str]:
    """Slack publishes no length for rich text; a section's is taken for each part of it."""
    elements = block.get("elements")
    if not elements:
        yield "rich_text needs elements"
    for part in elements or []:
        yield from _rich_part(part)


def _rich_part(part: Block) -> Iterator[str]:
    if part.get("type") not in _RICH_PARTS or not part.get("elements"):
        yield f"unsupported rich text: {part.get('type')}"
        return
    if part["type"] == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            yield "a list is bullet or ordered"
        for item in part["elements"]:
            yield from _rich_part(item)
        return
    for item in part["elements"]:
        if item.get("type") not in _INLINE:
            yield f"unsupported element: {item.get('type')}"
        elif item["type"] == "text" and not item.get("text"):
            yield "must be more than 0 characters"
        elif item["type"] == "link" and not 1 <= len(item.get("url", "")) <= LINK_CHARACTERS:
            yield f"a url has 1 to {LINK_CHARACTERS} characters"
    if sum(len(item.get("text", "")) for item in part["elements"]) > SECTION_CHARACTERS:
        yield f"must be less than {SECTION_CHARACTERS + 1} characters"


def _input(block: Block) -> Iterator[str]:
    element = block.get("element") or {}
    yield from _text(block.get("label"), FIELD_CHARACTERS, ("plain_text",))
    if element.get("type") == "static_select":
        options = element.get("options") or []
        if not 1 <= len(options) <= SELECT_OPTIONS:
            yield f"1 to {SELECT_OPTIONS} options"
        for option in options:
            yield from _text(option.get("text"), BUTTON_TEXT, ("plain_text",))
            if len(option.get("value", "")) > OPTION_VALUE:
                yield "value is too long"
    elif element.get("type") != "plain_text_input":
        yield f"unsupported element: {element.get('type')}"


def list_view_faults(view: Block) -> list[str]:
    """What is wrong with a modal."""
    faults = list_block_faults(view.get("blocks"), VIEW_BLOCKS)
    for name in ("title", "submit", "close"):
        faults += _text(view.get(name), VIEW_TITLE, ("plain_text",)) if view.get(name) else ()
    if view.get("type") != "modal" or not view.get("title"):
        faults.append("a modal needs its type and a title")
    if len(view.get("private_metadata", "")) > METADATA_VIEW:
        faults.append("private_metadata is too long")
    return faults


def _image(block: Block) -> Iterator[str]:
    if not block.get("alt_text"):
        yield "an image needs alt_text"
    if bool(block.get("image_url")) == bool(block.get("slack_file")):
        yield "an image has one of image_url and slack_file"


def _divider(_: Block) -> Iterator[str]:
    yield from ()


_CHECKS: dict[str, Callable[[Block], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "divider": _divider,
    "image": _image,
    "input": _input,
}
