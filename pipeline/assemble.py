"""The pipeline that the settings describe."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import MalformedSettings
from domain.settings import Settings
from pipeline.bulk import OpenSearchSink
from pipeline.dead_letters import open_dead_letters
from pipeline.process import Pipeline
from pipeline.vectors import Vectors
from tools.embeddings.choose import open_embedder
from tools.embeddings.embedder import Embedder
from tools.logs.opensearch.client import OpenSearchClient, connect
from tools.logs.opensearch.documents import encode
from tools.logs.opensearch.naming import IndexPattern, index_name
from tools.logs.opensearch.schema import prepare
from tools.logs.opensearch.writer import OpenSearchWriter

_log = logging.getLogger("kubewhy.ingest")


@asynccontextmanager
async def open_pipeline(settings: Settings) -> AsyncIterator[Pipeline]:
    """A pipeline with its connections, which end with the block. OpenSearch is told of the indices first.

    Raises:
        MalformedSettings: OpenSearch or the dead letters are not, or wrongly, set up.
        LogsUnavailable: OpenSearch cannot be reached, or does not let us make index templates.
    """
    if not settings.opensearch.url:
        raise MalformedSettings("There is nothing to write to: set [opensearch] url in kubewhy.toml.")
    client = await asyncio.to_thread(connect, settings.opensearch)
    try:
        embedder = open_embedder(settings.embeddings)
        if settings.ingest.prepare:
            dimensions = embedder.dimensions if embedder else 0
            for note in await prepare(client, settings.opensearch, dimensions):
                _log.warning(note)
        yield _assemble(settings, client, embedder)
    finally:
        await client.close()


def _assemble(settings: Settings, client: OpenSearchClient, embedder: Embedder | None) -> Pipeline:
    opensearch, ingest = settings.opensearch, settings.ingest
    pattern = IndexPattern.of(opensearch)
    writer = OpenSearchWriter(client, opensearch.templates)
    return Pipeline(
        OpenSearchSink(writer, encode, lambda document: index_name(document, pattern)),
        open_dead_letters(ingest.dead_letters, ingest.region, ingest.endpoint_url),
        Vectors(embedder, writer, on_lines=opensearch.vectors == "line") if embedder else None,
        ingest.cluster,
    )
