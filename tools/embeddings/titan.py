"""Titan Text Embeddings V2 on Amazon Bedrock."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import orjson
from cachetools import LRUCache

from domain.errors import EmbeddingUnavailable
from tools.aws import call, create_client
from tools.embeddings.embedder import Vector

MODEL = "amazon.titan-embed-text-v2:0"
MAX_CHARACTERS = 50_000
"""What the model takes; it also takes 8,192 tokens at most, which a shorter text may exceed."""

CONCURRENCY = 8
"""Requests at a time: the model takes one text each."""

MOST_KEPT = 4_096
"""Vectors in memory, for queries and templates that come again."""

_EMPTY = "(empty)"
"""Stands for a text without a character, which the model refuses."""

_SHORTEST = 64


class TitanEmbedder:
    """An ``Embedder`` on Bedrock. Equal texts are sent once; throttling is waited for by botocore."""

    def __init__(
        self,
        dimensions: Literal[256, 512, 1024] = 256,
        region: str = "us-east-1",
        endpoint_url: str | None = None,
        seconds: float = 10.0,
    ) -> None:
        """Set it up; nothing is sent yet. ``seconds`` bound the wait for one answer."""
        self._dimensions = dimensions
        self._place = (region, endpoint_url, seconds)
        self._known: LRUCache[str, Vector] = LRUCache(MOST_KEPT)
        self._slots = asyncio.Semaphore(CONCURRENCY)

    @property
    def name(self) -> str:
        """Model and dimensions."""
        return f"{MODEL}/{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """256, 512 or 1,024."""
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector for each text; see ``Embedder``. Longer texts are cut at their end.

        Raises:
            EmbeddingUnavailable: Bedrock cannot be reached, refuses, or throttles for too long.
        """
        wanted = [text.strip()[:MAX_CHARACTERS] or _EMPTY for text in texts]
        found = {text: self._known[text] for text in set(wanted) if text in self._known}
        missing = [text for text in dict.fromkeys(wanted) if text not in found]
        made = await asyncio.gather(*map(self._embed_one, missing), return_exceptions=True)
        if failure := next((result for result in made if isinstance(result, BaseException)), None):
            raise failure
        found |= {text: self._known[text] for text in missing}
        return [found[text] for text in wanted]

    async def _embed_one(self, text: str) -> None:
        async with self._slots:
            self._known[text] = await call(EmbeddingUnavailable, "Bedrock", self._invoke, text)

    def _invoke(self, text: str) -> Vector:
        client = create_client("bedrock-runtime", *self._place)
        while True:
            body = {"inputText": text, "dimensions": self._dimensions, "normalize": True}
            try:
                answer = client.invoke_model(modelId=MODEL, body=orjson.dumps(body))
                return self._read(answer["body"].read())
            except client.exceptions.ValidationException as error:
                if "token" not in str(error).lower() or len(text) <= _SHORTEST:
                    raise
                text = text[: len(text) // 2]

    def _read(self, body: bytes) -> Vector:
        try:
            vector = tuple(map(float, orjson.loads(body)["embedding"]))
        except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
            raise EmbeddingUnavailable(f"Bedrock's answer for {MODEL} holds no vector.") from error
        if len(vector) != self._dimensions:
            raise EmbeddingUnavailable(f"{MODEL} gave {len(vector)} numbers instead of {self._dimensions}.")
        return vector
