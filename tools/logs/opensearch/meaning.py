"""Lines whose meaning is near a question's, by the vectors of their templates or by their own."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from domain.settings import OpenSearchSettings
from tools.embeddings.embedder import Embedder, Vector
from tools.logs.meaning import NEAREST, keep_near
from tools.logs.opensearch import searches
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.filters import Clause
from tools.logs.opensearch.index import SearchedIndices, read_buckets

NEAREST_LINES = 200
"""Lines that are looked at for those: many of them are of one template."""


class MeaningSearch:
    """Finds templates near a question among those that occur where the question looks."""

    def __init__(
        self,
        client: OpenSearchClient,
        indices: SearchedIndices,
        settings: OpenSearchSettings,
        embedder: Embedder,
    ) -> None:
        """Compare with vectors that the same embedder made."""
        self._client = client
        self._indices = indices
        self._path = f"/{quote(settings.templates)}/_search"
        self._on_lines = settings.vectors == "line"
        self._embedder = embedder

    async def find(self, text: str, filters: Sequence[Clause]) -> dict[str, float]:
        """Ids of templates near a text with their cosines, of lines that pass the filters.

        Raises:
            EmbeddingUnavailable: the question has no vector.
            LogsUnavailable: OpenSearch does not answer, or has no vectors.
        """
        (vector,) = await self._embedder.embed([text])
        find = self._find_lines if self._on_lines else self._find_templates
        return keep_near(await find(vector, filters))

    async def _find_lines(self, vector: Vector, filters: Sequence[Clause]) -> dict[str, float]:
        found = await self._indices.find(searches.find_near(vector, filters, NEAREST_LINES))
        near: dict[str, float] = {}
        for line in found:
            if line.document.template_id:
                near.setdefault(line.document.template_id, _to_cosine(line.score))
        return near

    async def _find_templates(self, vector: Vector, filters: Sequence[Clause]) -> dict[str, float]:
        """A template is known by the lines that point to it: the filters hold for those."""
        answer = await self._indices.ask(searches.list_templates(filters))
        occurring = [bucket["key"] for bucket in read_buckets(answer, "templates")]
        if not occurring:
            return {}
        allowed: list[Clause] = [{"ids": {"values": occurring}}, {"term": {"embedder": self._embedder.name}}]
        near: dict[str, Any] = await self._client.ask(
            "POST", self._path, searches.find_near(vector, allowed, NEAREST)
        )
        return {hit["_id"]: _to_cosine(hit["_score"]) for hit in near["hits"]["hits"]}


def _to_cosine(score: float) -> float:
    """The inner product that OpenSearch made a positive score of; of vectors of length 1 it is the cosine."""
    return score - 1 if score >= 1 else 1 - 1 / score
