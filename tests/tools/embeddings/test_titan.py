"""Titan through the real boto3, against a loopback Bedrock."""

import math
from collections.abc import AsyncIterator, Iterator

import pytest

from domain.errors import EmbeddingUnavailable
from tests.loopback.bedrock import BROKEN, DENIED, MAX_TOKENS, THROTTLED, LoopbackBedrock, serve_bedrock
from tools.embeddings.titan import CONCURRENCY, MAX_CHARACTERS, TitanEmbedder


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield


@pytest.fixture
async def bedrock() -> AsyncIterator[LoopbackBedrock]:
    async with serve_bedrock() as bedrock:
        yield bedrock


@pytest.mark.parametrize("dimensions", [256, 512, 1024])
async def test_a_vector_has_the_length_asked_for_and_is_normalised(
    bedrock: LoopbackBedrock, dimensions: int
) -> None:
    titan = TitanEmbedder(dimensions, endpoint_url=bedrock.url)  # type: ignore[arg-type]
    (vector,) = await titan.embed(["connection refused"])
    assert len(vector) == titan.dimensions == dimensions
    assert math.hypot(*vector) == pytest.approx(1.0)
    assert titan.name.endswith(f"/{dimensions}")


async def test_texts_keep_their_order_and_equal_ones_are_sent_once(bedrock: LoopbackBedrock) -> None:
    titan = TitanEmbedder(endpoint_url=bedrock.url)
    texts = ["no space left", "connection refused", "no space left", "out of memory"]
    first = await titan.embed(texts)
    again = await titan.embed(list(reversed(texts)))
    assert first == list(reversed(again))
    assert first[0] == first[2] != first[1]
    assert sorted(bedrock.texts) == sorted(set(texts))


async def test_requests_run_side_by_side_within_a_bound(bedrock: LoopbackBedrock) -> None:
    titan = TitanEmbedder(endpoint_url=bedrock.url)
    await titan.embed([f"text number {number}" for number in range(40)])
    assert bedrock.requests == 40
    assert bedrock.most_busy <= CONCURRENCY


async def test_throttling_and_broken_answers_are_waited_for(bedrock: LoopbackBedrock) -> None:
    bedrock.failures = [THROTTLED, BROKEN]
    (vector,) = await TitanEmbedder(endpoint_url=bedrock.url).embed(["disk full"])
    assert len(vector) == 256
    assert bedrock.requests == 3


async def test_throttling_that_does_not_end_is_said(bedrock: LoopbackBedrock) -> None:
    bedrock.failures = [BROKEN] * 20
    titan = TitanEmbedder(endpoint_url=bedrock.url)
    with pytest.raises(EmbeddingUnavailable, match=r"Bedrock answers InternalServerException"):
        await titan.embed(["disk full"])


async def test_what_was_made_before_a_failure_is_not_made_again(bedrock: LoopbackBedrock) -> None:
    titan = TitanEmbedder(endpoint_url=bedrock.url)
    bedrock.failures = [DENIED]
    with pytest.raises(EmbeddingUnavailable, match="AccessDeniedException"):
        await titan.embed(["a", "b"])
    await titan.embed(["a", "b"])
    assert sorted(bedrock.texts) == ["a", "b"]


async def test_nobody_there(unused_tcp_port: int) -> None:
    titan = TitanEmbedder(endpoint_url=f"http://127.0.0.1:{unused_tcp_port}", seconds=1.0)
    with pytest.raises(EmbeddingUnavailable, match="Bedrock cannot be used"):
        await titan.embed(["a"])


@pytest.mark.parametrize("text", ["x" * (MAX_CHARACTERS + 1), "word " * MAX_TOKENS, "", "  \n"])
async def test_texts_that_the_model_refuses_are_cut_or_named(bedrock: LoopbackBedrock, text: str) -> None:
    (vector,) = await TitanEmbedder(endpoint_url=bedrock.url).embed([text])
    assert len(vector) == 256
    assert text.startswith(bedrock.texts[0]) or bedrock.texts == ["(empty)"]
