"""Bedrock's Converse and ConverseStream: what a model says, or how it fails, as the real service tells it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import asyncio
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from aiohttp import web

from tests.loopback.aws import Failure, fail

TOKEN = 4
"""Characters; the double counts as coarsely as Kubewhy estimates."""

_numbers = count(1)


@dataclass(frozen=True)
class Request:
    """What a model was sent."""

    model: str
    body: dict[str, Any]

    @property
    def system(self) -> str:
        return "\n".join(block.get("text", "") for block in self.body.get("system", ()))

    @property
    def prompt(self) -> str:
        """Everything that a model reads, in order."""
        messages = self.body.get("messages", ())
        return "\n".join(
            [self.system, *(_read(block) for message in messages for block in message["content"])]
        )

    @property
    def tools(self) -> tuple[str, ...]:
        listed = (self.body.get("toolConfig") or {}).get("tools", ())
        return tuple(tool["toolSpec"]["name"] for tool in listed if "toolSpec" in tool)

    @property
    def tool_choice(self) -> dict[str, Any]:
        choice: dict[str, Any] = (self.body.get("toolConfig") or {}).get("toolChoice") or {}
        return choice


def _read(block: dict[str, Any]) -> str:
    if "toolResult" in block:
        return "\n".join(_read(part) for part in block["toolResult"]["content"])
    return str(block.get("text") or json.dumps(block.get("json") or block.get("toolUse") or ""))


@dataclass(frozen=True)
class Reply:
    """What a model says: words, the arguments of a tool call, what it thought before, and why it stopped."""

    text: str = ""
    arguments: dict[str, Any] | None = None
    tool: str = ""
    thinking: str = ""
    stop: str = ""
    seconds: float = 0.0


Voice = Callable[[Request], Reply | Failure]


def check(request: Request) -> Failure | None:
    """What the service itself refuses, before a model sees it."""
    if not request.body.get("messages"):
        return Failure(400, "ValidationException", "A conversation must start with a user message.")
    if request.tools and "deepseek.r1" in request.model:
        return Failure(400, "ValidationException", "This model doesn't support tool use.")
    if "tool" in request.tool_choice and "deepseek" in request.model:
        return Failure(
            400, "ValidationException", "This model doesn't support the toolConfig.toolChoice.tool field."
        )
    return None


def write_reply(request: Request, reply: Reply) -> bytes:
    """The body of a Converse response."""
    content = [block for block in _blocks(request, reply)]
    read, written = len(json.dumps(request.body)) // TOKEN, len(json.dumps(content)) // TOKEN
    return json.dumps(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": _stop(reply),
            "usage": {"inputTokens": read, "outputTokens": written, "totalTokens": read + written},
            "metrics": {"latencyMs": int(reply.seconds * 1000)},
        }
    ).encode()


def _stop(reply: Reply) -> str:
    return reply.stop or ("tool_use" if reply.arguments is not None else "end_turn")


def _blocks(request: Request, reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.thinking:
        yield {"reasoningContent": {"reasoningText": {"text": reply.thinking}}}
    if reply.text:
        yield {"text": reply.text}
    if reply.arguments is not None:
        name = reply.tool or next(iter(request.tools), "")
        yield {"toolUse": {"toolUseId": f"tooluse_{next(_numbers)}", "name": name, "input": reply.arguments}}


def write_stream(request: Request, reply: Reply) -> bytes:
    """The body of a ConverseStream response: events in AWS's binary framing."""
    read = len(json.dumps(request.body)) // TOKEN
    events: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(_blocks(request, reply)):
        events += list(_stream_block(index, block))
    events.append(("messageStop", {"stopReason": _stop(reply)}))
    usage = {"inputTokens": read, "outputTokens": 1, "totalTokens": read + 1}
    events.append(("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}))
    return b"".join(_frame(kind, payload) for kind, payload in events)


def _stream_block(index: int, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    delta: dict[str, Any] = {"text": block.get("text", "")}
    if "toolUse" in block:
        use = block["toolUse"]
        start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
        yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        delta = {"toolUse": {"input": json.dumps(use["input"])}}
    if "reasoningContent" in block:
        delta = {"reasoningContent": {"text": block["reasoningContent"]["reasoningText"]["text"]}}
    yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
    yield "contentBlockStop", {"contentBlockIndex": index}


def _frame(kind: str, payload: dict[str, Any]) -> bytes:
    """vnd.amazon.eventstream: lengths, their CRC, headers, payload, the CRC of all."""
    body = json.dumps(payload).encode()
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in named.items()
    )
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


async def converse(request: Request, voice: Voice, stream: bool = False) -> web.Response:
    """The answer to a request."""
    said = check(request) or voice(request)
    if isinstance(said, Failure):
        return fail(said)
    await asyncio.sleep(said.seconds)
    if stream:
        kind = "application/vnd.amazon.eventstream"
        return web.Response(body=write_stream(request, said), content_type=kind)
    return web.Response(body=write_reply(request, said), content_type="application/json")
