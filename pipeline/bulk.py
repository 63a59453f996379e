"""The sink that is OpenSearch: bulks of documents, with a result for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

from domain.errors import LogsUnavailable
from pipeline.sink import Write, WriteResult
from tools.embeddings.embedder import Vector
from tools.logs.store import LogDocument

MAX_BYTES = 5 * 2**20
"""Bytes of one bulk; OpenSearch advises 5 to 15 MB, Serverless takes 10."""

MAX_DOCUMENTS = 1_000

_AT_FAULT = {
    *("mapper_parsing_exception", "document_parsing_exception", "parsing_exception", "parse_exception"),
    *("illegal_argument_exception", "strict_dynamic_mapping_exception", "invalid_index_name_exception"),
    *("x_content_parse_exception", "json_parse_exception", "action_request_validation_exception"),
}
"""What a document is at fault for. All else (no right, disk full, too many shards) is the cluster's, and ends
when somebody puts it right."""

Row = tuple[bytes, bytes]


class BulkPort(Protocol):
    """The one call of OpenSearch that writing takes."""

    async def bulk(self, body: bytes) -> Mapping[str, Any]:
        """Send a bulk and return the answer.

        Raises:
            LogsUnavailable: it was not answered, or refused as a whole.
        """
        ...


class OpenSearchSink:
    """A ``DocumentSink``. Documents are created, never replaced: a part of a trace cannot cut the whole."""

    def __init__(
        self,
        port: BulkPort,
        encode: Callable[[LogDocument, Vector | None], dict[str, Any]],
        name_index: Callable[[LogDocument], str],
    ) -> None:
        """Write through a port, in the form and to the index that the store reads."""
        self._port = port
        self._encode = encode
        self._name_index = name_index

    async def write(self, documents: Sequence[tuple[LogDocument, Vector | None]]) -> list[WriteResult]:
        """See ``DocumentSink``."""
        results: list[WriteResult] = []
        for rows in _split([self._write_row(*pair) for pair in documents]):
            results += await self._send(rows)
        return results

    def _write_row(self, document: LogDocument, vector: Vector | None) -> Row:
        action = {"create": {"_index": self._name_index(document), "_id": document.id}}
        return orjson.dumps(action), orjson.dumps(self._encode(document, vector), default=str)

    async def _send(self, rows: Sequence[Row]) -> list[WriteResult]:
        body = b"".join(b"%b\n%b\n" % row for row in rows)
        try:
            answer = await self._port.bulk(body)
        except LogsUnavailable as error:
            return [WriteResult(Write.BUSY, str(error))] * len(rows)
        items = answer.get("items")
        if not isinstance(items, list) or len(items) != len(rows):
            return [WriteResult(Write.BUSY, "OpenSearch's answer does not list every document.")] * len(rows)
        return [_read_item(item) for item in items]


def _split(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = size = 0
    for index, row in enumerate(rows):
        length = len(row[0]) + len(row[1]) + 2
        if index > start and (size + length > MAX_BYTES or index - start >= MAX_DOCUMENTS):
            yield rows[start:index]
            start, size = index, 0
        size += length
    if rows:
        yield rows[start:]


def _read_item(item: Mapping[str, Any]) -> WriteResult:
    result: Mapping[str, Any] = next(iter(item.values()))
    status, error = int(result.get("status") or 500), result.get("error") or {}
    if status in (200, 201):
        return WriteResult(Write.WRITTEN)
    if status == 409:
        return WriteResult(Write.EXISTED)
    kind, why = (error.get("type"), error.get("reason")) if isinstance(error, Mapping) else ("", error)
    reason = f"OpenSearch answers {status} for a document: {kind}: {why}"
    return WriteResult(Write.REFUSED if status == 400 and kind in _AT_FAULT else Write.BUSY, reason)
