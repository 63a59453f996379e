"""One OpenSearch for all tests in this folder; each test has indices of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from itertools import count
from typing import Any, TypeAlias

import pytest

from domain.settings import OpenSearchSettings
from tests.live.opensearch.server import OpenSearch, assemble, make_folder
from tools.embeddings.embedder import Embedder
from tools.logs.lines import read_line
from tools.logs.opensearch.client import OpenSearchClient, connect
from tools.logs.opensearch.documents import encode
from tools.logs.opensearch.naming import IndexPattern, index_name
from tools.logs.opensearch.schema import prepare
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.opensearch.writer import OpenSearchWriter
from tools.logs.store import LogDocument
from tools.logs.templates import find_template, identify_template

Ship: TypeAlias = Callable[..., Awaitable[None]]
_numbers = count(1)


@pytest.fixture(scope="session")
def opensearch() -> Iterator[OpenSearch]:
    server = OpenSearch(assemble(), make_folder())
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def settings(opensearch: OpenSearch) -> OpenSearchSettings:
    """Names that no other test uses; one node holds no replicas."""
    name = f"t{next(_numbers)}"
    return OpenSearchSettings(
        url=opensearch.url,
        prefix=f"{name}-",
        alias=f"{name}-all",
        templates=f"{name}_templates",
        replicas=0,
        timeout_seconds=60,
    )


@pytest.fixture
async def client(settings: OpenSearchSettings) -> AsyncIterator[OpenSearchClient]:
    client = connect(settings)
    yield client
    await client.close()


async def ship(
    client: OpenSearchClient,
    settings: OpenSearchSettings,
    documents: Iterable[LogDocument],
    embedder: Embedder | None = None,
) -> None:
    """What the pipeline does, without a stream: indices described, lines written, templates embedded."""
    await prepare(client, settings, embedder.dimensions if embedder else 0)
    pattern, rows, told = IndexPattern.of(settings), [], {}
    for document in documents:
        text = find_template(read_line(document.message).text)
        told.setdefault(document.template_id or identify_template(text), text)
        rows.append((document, document.template_id or identify_template(text)))
    vectors = dict(zip(told, await embedder.embed(list(told.values())), strict=True)) if embedder else {}
    on_lines = vectors if settings.vectors == "line" else {}
    lines: list[dict[str, Any]] = []
    for document, template in rows:
        lines.append({"create": {"_index": index_name(document, pattern), "_id": document.id}})
        lines.append(encode(document, on_lines.get(template)))
    if lines:
        await client.ask("POST", "/_bulk", lines)
    if embedder:
        saved = {
            key: {"template": told[key], "vector": vectors[key], "embedder": embedder.name} for key in told
        }
        await OpenSearchWriter(client, settings.templates).save(saved)
    await client.ask("POST", f"/{settings.prefix}*,{settings.templates}*/_refresh")


@pytest.fixture
async def open_store(
    settings: OpenSearchSettings,
) -> AsyncIterator[Callable[..., Awaitable[OpenSearchLogStore]]]:
    """Ships documents and opens a store over them; another one in the same test gets indices of its own."""
    opened: list[OpenSearchLogStore] = []

    async def open_one(
        documents: Iterable[LogDocument], embedder: Embedder | None = None, **more: Any
    ) -> OpenSearchLogStore:
        number = len(opened)
        own = settings.model_copy(
            update={
                "prefix": f"{settings.prefix}{number}-",
                "alias": f"{settings.alias}-{number}",
                "templates": f"{settings.templates}-{number}",
            }
            | more
        )
        client = connect(own)
        opened.append(OpenSearchLogStore(client, own, embedder))
        await ship(client, own, documents, embedder)
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()
