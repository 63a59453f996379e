import asyncio
from typing import Any

import pytest

from domain.errors import LogsUnavailable
from domain.settings import OpenSearchSettings
from tests.live.opensearch.conftest import ship
from tests.tools.logs.contract import ConceptEmbedder, lines
from tools.logs.opensearch import schema
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.schema import prepare
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import LogQuery

pytestmark = pytest.mark.live


async def test_preparing_again_or_at_the_same_time_does_no_harm(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    await asyncio.gather(*(prepare(client, settings, 64) for _ in range(8)))
    notes = await prepare(client, settings, 64)
    assert notes == ["This OpenSearch has no index management (ISM): old indices are not deleted."]
    assert await prepare(client, settings.model_copy(update={"retention_days": 0})) == []


async def test_indices_of_both_kinds_are_made_as_described(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    await ship(client, settings, lines("ERROR a", service="web"), ConceptEmbedder())
    name = f"{settings.prefix}web-2026.11.24"
    made: dict[str, Any] = await client.ask("GET", f"/{name},{settings.templates}")

    assert made[name]["aliases"] == {settings.alias: {}}
    fields = made[name]["mappings"]["properties"]
    assert fields["@timestamp"] == {"type": "date_nanos"}
    assert fields["kubernetes"]["properties"]["pod_name"]["type"] == "keyword"
    assert "vector" not in fields
    vector = made[settings.templates]["mappings"]["properties"]["vector"]
    assert (vector["type"], vector["dimension"]) == ("knn_vector", 64)
    assert vector["method"]["engine"] == "lucene"
    assert vector["method"]["parameters"]["encoder"]["name"] == "sq"


@pytest.mark.parametrize("engine", ["lucene", "faiss"])
@pytest.mark.parametrize("quantise", [True, False])
async def test_every_kind_of_vector_field_is_accepted(
    client: OpenSearchClient, settings: OpenSearchSettings, engine: str, quantise: bool
) -> None:
    wanted = {"engine": engine, "quantise": quantise, "vectors": "line"}
    own = settings.model_copy(update=wanted)
    described = schema.describe_lines(own, 256)["template"]
    await client.ask(
        "PUT", f"/{settings.prefix}made", {key: described[key] for key in ("settings", "mappings")}
    )
    made = await client.ask("GET", f"/{settings.prefix}made/_mapping")
    method = made[f"{settings.prefix}made"]["mappings"]["properties"]["vector"]["method"]
    assert method["engine"] == engine
    assert ("encoder" in method["parameters"]) is quantise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "/etc/app/cache-config.yaml",
            {"/etc/app/cache-config.yaml"[1:], "etc", "app", "cache-config.yaml", "config"},
        ),
        ("java.lang.NullPointerException", {"java.lang.nullpointerexcept", "null", "pointer", "except"}),
        ("10.96.0.10:5432", {"10.96.0.10:5432", "10.96.0.10", "5432"}),
        ("MAX_CONN", {"max_conn", "max", "conn"}),
        ("payment-service-7d9f8-x2k4p", {"payment", "servic", "7d9f8", "x2k4p"}),
    ],
)
async def test_the_analyzer_keeps_names_whole_and_in_parts(
    client: OpenSearchClient, settings: OpenSearchSettings, text: str, words: set[str]
) -> None:
    await ship(client, settings, lines("a", service="web"))
    asked = {"analyzer": schema.LOG_ANALYZER, "text": text}
    answer = await client.ask("POST", f"/{settings.prefix}web-2026.11.24/_analyze", asked)
    tokens = [token["token"] for token in answer["tokens"]]
    assert words <= set(tokens)
    assert len(tokens) == len(set(tokens))
    assert not {"10", "96", "0"} & set(tokens)


@pytest.mark.parametrize("vectors", ["template", "line"])
async def test_meaning_is_found_wherever_vectors_lie(
    client: OpenSearchClient, settings: OpenSearchSettings, vectors: str
) -> None:
    own = settings.model_copy(update={"vectors": vectors})
    full = "ERROR no space left on device"
    await ship(client, own, lines(full, *(f"INFO request {n}" for n in range(300))), ConceptEmbedder())
    store = OpenSearchLogStore(client, own, ConceptEmbedder())
    hits = await store.search(LogQuery(text="storage exhausted"))
    assert [hit.document.message for hit in hits] == [full]


async def test_vectors_of_another_model_are_not_compared(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    class Other(ConceptEmbedder):
        @property
        def name(self) -> str:
            return "another/64"

    await ship(client, settings, lines("ERROR no space left on device"), ConceptEmbedder())
    assert (
        await OpenSearchLogStore(client, settings, Other()).search(LogQuery(text="storage exhausted")) == []
    )


async def test_without_any_index_it_is_said_and_not_taken_for_silence(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    with pytest.raises(LogsUnavailable, match=r"no such index \(404\): nothing was shipped yet"):
        await OpenSearchLogStore(client, settings).search(LogQuery(text="a"))
    wild = settings.model_copy(update={"search": f"{settings.prefix}*"})
    with pytest.raises(LogsUnavailable, match="stands for: nothing was shipped yet"):
        await OpenSearchLogStore(client, wild).search(LogQuery(text="a"))
