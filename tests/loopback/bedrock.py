"""A loopback Amazon Bedrock: InvokeModel of Titan, Converse and ConverseStream, with failures on demand.

It is not Titan: its vectors only hash words, so that texts with words in common lie near each other. Its chat
models are in ``voices``. What is real is the way there: boto3, its signature, its retries, the paths and
error bodies.
"""

import hashlib
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.loopback.aws import BROKEN, DENIED, THROTTLED, Failure, fail
from tests.loopback.converse import Request, Voice, converse
from tests.loopback.voices import speak_playbook

MAX_TOKENS = 8_192


@dataclass
class LoopbackBedrock:
    """``failures`` are given one a request, first come first; then it behaves.

    ``texts`` are what it was asked to embed, ``asked`` what its models were asked; those in ``voices`` have a
    voice of their own.
    """

    url: str = ""
    failures: list[Failure] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    voice: Voice = speak_playbook
    voices: dict[str, Voice] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    requests: int = 0
    busy: int = 0
    most_busy: int = 0

    async def invoke(self, request: web.Request) -> web.Response:
        self.requests += 1
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            assert "AWS4-HMAC-SHA256" in request.headers["Authorization"]
            body = json.loads(await request.read())
            return self._answer(body)
        finally:
            self.busy -= 1

    async def converse(self, request: web.Request) -> web.Response:
        assert "AWS4-HMAC-SHA256" in request.headers["Authorization"]
        asked = Request(request.match_info["model"], json.loads(await request.read()))
        self.asked.append(asked)
        if self.failures:
            return fail(self.failures.pop(0))
        voice = self.voices.get(asked.model, self.voice)
        return await converse(asked, voice, stream=request.path.endswith("-stream"))

    def _answer(self, body: dict[str, Any]) -> web.Response:
        if self.failures:
            return fail(self.failures.pop(0))
        text, dimensions = body["inputText"], body.get("dimensions", 1024)
        tokens = math.ceil(len(text) / 4)
        if not text or len(text) > 50_000:
            return fail(Failure(400, "ValidationException", "Malformed input request: expected minLength: 1"))
        if tokens > MAX_TOKENS:
            told = (
                f"Too many input tokens. Max input tokens: {MAX_TOKENS}, request input token count: {tokens}"
            )
            return fail(Failure(400, "ValidationException", told))
        self.texts.append(text)
        vector = embed(text, dimensions)
        return web.json_response({"embedding": vector, "inputTextTokenCount": tokens})


def embed(text: str, dimensions: int) -> list[float]:
    """Each word counts at a place that its hash names; the sum has length 1."""
    vector = [0.0] * dimensions
    for word in text.lower().split():
        vector[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % dimensions] += 1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


@asynccontextmanager
async def serve_bedrock() -> AsyncIterator[LoopbackBedrock]:
    """Serve it on a free port until the block ends."""
    bedrock = LoopbackBedrock()
    app = web.Application()
    app.router.add_post("/model/{model}/invoke", bedrock.invoke)
    app.router.add_post("/model/{model}/converse", bedrock.converse)
    app.router.add_post("/model/{model}/converse-stream", bedrock.converse)
    server = TestServer(app)
    await server.start_server()
    bedrock.url = str(server.make_url("")).rstrip("/")
    try:
        yield bedrock
    finally:
        await server.close()


__all__ = [
    "BROKEN",
    "DENIED",
    "MAX_TOKENS",
    "THROTTLED",
    "Failure",
    "LoopbackBedrock",
    "embed",
    "serve_bedrock",
]
