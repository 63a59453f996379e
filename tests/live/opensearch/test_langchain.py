"""Our indices are nobody's secret: LangChain's vector store reads them."""

import warnings

import pytest
from langchain_core.embeddings import Embeddings

from domain.settings import OpenSearchSettings
from tests.live.opensearch.conftest import ship
from tests.tools.logs.contract import ConceptEmbedder, lines
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.documents import VECTOR

pytestmark = pytest.mark.live


class Concepts(Embeddings):
    """The test embedder in LangChain's form."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [list(ConceptEmbedder.place(text)) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return list(ConceptEmbedder.place(text))


@pytest.mark.parametrize(("vectors", "field"), [("line", "message"), ("template", "template")])
async def test_langchain_finds_lines_and_templates_by_meaning(
    client: OpenSearchClient, settings: OpenSearchSettings, vectors: str, field: str
) -> None:
    own = settings.model_copy(update={"vectors": vectors})
    full = "ERROR no space left on device"
    await ship(client, own, lines(full, "INFO request served", "WARN queue is long"), ConceptEmbedder())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # langchain-community is no longer kept, and says so
        from langchain_community.vectorstores import OpenSearchVectorSearch

        index = own.alias if vectors == "line" else own.templates
        store = OpenSearchVectorSearch(own.url, index, Concepts())
        found = store.similarity_search("storage exhausted", k=1, text_field=field, vector_field=VECTOR)
        store.client.close()
    assert [document.page_content for document in found] == [full]
