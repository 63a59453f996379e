"""What ``kubewhy doctor`` finds in a real OpenSearch, each thing that can be wrong provoked once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.settings import OpenSearchSettings, Settings
from surfaces.doctor.finding import Finding, Verdict
from surfaces.doctor.logs import check_logs
from tests.live.opensearch.conftest import ship
from tests.live.opensearch.test_plain_fluent_bit import fill
from tests.tools.logs.contract import ConceptEmbedder, lines
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.store import LogDocument

pytestmark = pytest.mark.live


def say(age: timedelta, namespace: str = "shop") -> Sequence[LogDocument]:
    """A line of that age, of cluster ``production``."""
    told = {"time": datetime.now(UTC) - age, "cluster": "production"}
    return [line.model_copy(update=told) for line in lines("ERROR order lost", namespace=namespace)]


async def check(opensearch: OpenSearchSettings, **settings: object) -> dict[str, Finding]:
    """The findings by part; of two about one part that which is worse."""
    clusters = {"production": {"in_cluster": True}}
    given = Settings(clusters=clusters, **settings).model_copy(update={"opensearch": opensearch})
    found = await check_logs(given)
    return {finding.part: finding for finding in sorted(found, key=lambda f: f.verdict is not Verdict.OK)}


async def test_indices_of_the_pipeline_are_well(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    await ship(client, settings, say(timedelta(seconds=5)), ConceptEmbedder())
    found = await check(settings)
    assert {str(finding.verdict) for finding in found.values()} == {"ok"}, found
    assert found["opensearch"].says.endswith("opensearch 2.19.1")
    assert found["log freshness production"].says.startswith("newest line by namespace: shop ")


async def test_nothing_was_shipped_yet(settings: OpenSearchSettings) -> None:
    found = await check(settings)
    assert (found["mapping"].verdict, "(404)" in found["mapping"].says) == (Verdict.FAILED, True)
    assert "start Fluent Bit" in found["mapping"].fix


async def test_an_index_that_was_made_before_its_template(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    name = f"{settings.prefix}early"
    body = {"@timestamp": "yesterday", "template_id": "t", "severity": "bad", "cluster": "production"}
    await client.ask("POST", f"/{name}/_doc", body, refresh="true")
    own = settings.model_copy(update={"search": name})
    found = await check(own)
    assert found["mapping"].verdict is Verdict.FAILED
    for wrong in ("@timestamp is text", "severity is text", "template_id is text"):
        assert wrong in found["mapping"].says


async def test_vectors_of_another_length(client: OpenSearchClient, settings: OpenSearchSettings) -> None:
    await ship(client, settings, say(timedelta(seconds=5)), ConceptEmbedder())
    found = await check(settings, embeddings={"use": "titan", "dimensions": 1024})
    assert (found["vectors"].verdict, "the settings say 1024" in found["vectors"].says) == (
        Verdict.FAILED,
        True,
    )


async def test_a_pipeline_that_stands_still(client: OpenSearchClient, settings: OpenSearchSettings) -> None:
    await ship(client, settings, say(timedelta(hours=3)))
    found = await check(settings)
    assert found["log freshness production"].says == "the newest line is 3 h old"


async def test_a_namespace_that_is_quiet(client: OpenSearchClient, settings: OpenSearchSettings) -> None:
    await ship(client, settings, [*say(timedelta(seconds=5)), *say(timedelta(hours=3), "pay")])
    found = await check(settings)
    freshness = found["log freshness production"]
    assert (freshness.verdict, "pay 3 h" in freshness.says) == (Verdict.LIMITED, True)


async def test_lines_that_carry_another_clusters_name(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    strange = [line.model_copy(update={"cluster": "prd"}) for line in say(timedelta(seconds=5))]
    await ship(client, settings, strange)
    found = await check(settings)
    assert found["log freshness production"].says == "no line of the last 24 h"
    assert "cluster's name" in found["log freshness production"].fix


async def test_indices_of_plain_fluent_bit_are_well(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    own = settings.model_copy(update={"search": f"{settings.prefix}logstash-*", "cluster_field": ""})
    await fill(client, f"{settings.prefix}logstash-2026.11.24", say(timedelta(seconds=5)))
    found = await check(own)
    assert found["mapping"].verdict is Verdict.OK
    assert found["log freshness"].says.startswith("newest line by namespace: shop ")
