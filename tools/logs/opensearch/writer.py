"""What the pipeline asks of OpenSearch: bulks of log lines, and the vectors of their templates."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from domain.errors import LogsUnavailable
from tools.embeddings.embedder import Vector
from tools.logs.opensearch.client import OpenSearchClient


class OpenSearchWriter:
    """Writes through a client that somebody else closes."""

    def __init__(self, client: OpenSearchClient, templates: str) -> None:
        """Name the index of template vectors; the store's index templates say what is in it."""
        self._client = client
        self._templates = templates

    async def bulk(self, body: bytes) -> Mapping[str, Any]:
        """Send a bulk and return the answer, which lists the result of every action.

        Raises:
            LogsUnavailable: it was not answered, or refused as a whole.
        """
        answer: Mapping[str, Any] = await self._client.ask("POST", "/_bulk", body)
        return answer

    async def fetch(self, ids: Sequence[str], embedder: str) -> dict[str, Vector]:
        """The vectors that are known of templates, made by that embedder.

        Raises:
            LogsUnavailable: they cannot be read.
        """
        answer = await self._client.ask("POST", f"/{self._templates}/_mget", {"ids": list(ids)})
        found = {row["_id"]: row["_source"] for row in answer["docs"] if row.get("found")}
        return {key: tuple(row["vector"]) for key, row in found.items() if row.get("embedder") == embedder}

    async def save(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep templates by id; one of the same id is replaced.

        Raises:
            LogsUnavailable: not all were kept.
        """
        lines: list[bytes] = []
        for key, row in rows.items():
            lines += [orjson.dumps({"index": {"_index": self._templates, "_id": key}}), orjson.dumps(row)]
        answer = await self.bulk(b"\n".join(lines) + b"\n")
        if answer.get("errors"):
            raise LogsUnavailable("OpenSearch did not keep the vectors of all templates.")
