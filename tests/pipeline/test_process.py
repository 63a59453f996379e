"""One batch: what is written, with what in it, and what follows from a failure."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.assemble import open_pipeline
from pipeline.process import Pipeline, complete
from tests.loopback.bedrock import DENIED, LoopbackBedrock, serve_bedrock
from tests.loopback.opensearch import WHOLE, LoopbackOpenSearch
from tests.pipeline.parts import TEMPLATES, describe
from tests.pipeline.records import container_line, deliver, kubelet_line, kubernetes_event

TRACE = (
    "ERROR order 17 failed",
    "java.lang.IllegalStateException: no stock",
    "\tat shop.Stock.take(Stock.java:42)",
    "Caused by: java.net.ConnectException: refused",
    "\t... 12 more",
)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
async def bedrock() -> AsyncIterator[LoopbackBedrock]:
    async with serve_bedrock() as bedrock:
        yield bedrock


@pytest.fixture
async def pipeline(opensearch: LoopbackOpenSearch, tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with open_pipeline(describe(opensearch.url, tmp_path / "dead.ndjson")) as pipeline:
        yield pipeline


async def test_a_line_arrives_with_all_that_is_known_of_it(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch
) -> None:
    line = (
        '{"level":"warn","msg":"slow","traceId":"4bf92f35","db":{"host":"pg-0"},"password":"correct-horse"}'
    )
    report = await pipeline.process(deliver(container_line(line, 7)))
    (document,) = opensearch.lines()
    assert not report.failed
    assert document["@timestamp"] == "2026-11-24T14:05:24.000007+00:00"
    assert (document["cluster"], document["service"]) == ("main", "webshop")
    place = document["kubernetes"]
    assert (place["namespace_name"], place["pod_name"]) == ("shop", "web-7d9f8c7b6d-x2k4p")
    assert (place["container_name"], place["host"]) == ("web", "node-a")
    assert document["level"] == "warning"
    assert [index for index, _ in opensearch.documents] == ["webshop-2026.11.24"]
    assert document["fields"]["trace_id"] == "4bf92f35"
    assert document["fields"]["db.host"] == "pg-0"
    assert "correct-horse" not in json.dumps(document)


async def test_a_trace_is_one_document_and_comes_again_as_a_whole(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch
) -> None:
    other = container_line("GET / 200", 3, pod="api-0")
    lines = [container_line(text, number) for number, text in enumerate(TRACE)]
    batch = deliver(*lines[:3], other, *lines[3:])
    opensearch.script = [[201, 429]]
    report = await pipeline.process(batch)
    assert report.failed == {0, 1, 2, 3, 4, 5}
    await pipeline.process(batch[min(report.failed) :])
    assert sorted(found["message"] for found in opensearch.lines()) == ["\n".join(TRACE), "GET / 200"]
    assert set(opensearch.created.values()) == {1}


def test_what_has_to_come_again_goes_back_to_the_head_of_each_trace_that_it_cuts() -> None:
    groups = [frozenset({0}), frozenset({1, 5}), frozenset({3, 8}), frozenset({4}), frozenset({9})]
    assert complete({4}, groups) == {1, 3, 4, 5, 8}
    assert complete({9}, groups) == {9}
    assert complete(set(), groups) == set()


async def test_only_what_was_refused_is_put_aside_and_only_what_was_busy_comes_again(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch, tmp_path: Path
) -> None:
    opensearch.script = [[201, 400, 429, 201]]
    report = await pipeline.process(
        deliver(*(container_line(f"line {word}", n) for n, word in enumerate("abcd")))
    )
    assert report.failed == {2}
    assert "429" in report.why
    (letter,) = map(json.loads, (tmp_path / "dead.ndjson").read_text().splitlines())
    assert "line b" in letter["record"]
    assert "mapper_parsing_exception" in letter["reason"]
    assert report.counts["DocumentsWritten"] == 2


async def test_a_secret_does_not_reach_the_dead_letters(pipeline: Pipeline, tmp_path: Path) -> None:
    await pipeline.process(deliver(b'{"log": "password=correct-horse-battery" '))
    assert "correct-horse" not in (tmp_path / "dead.ndjson").read_text()


async def test_dead_letters_that_cannot_be_kept_come_again(
    opensearch: LoopbackOpenSearch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    async with open_pipeline(describe(opensearch.url, tmp_path / "file" / "dead.ndjson")) as pipeline:
        report = await pipeline.process(deliver(container_line("good"), b"bad"))
    assert report.failed == {1}
    assert len(opensearch.lines()) == 1


async def test_opensearch_that_is_down_fails_everything_and_keeps_nothing(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch
) -> None:
    opensearch.script = [WHOLE]
    report = await pipeline.process(
        deliver(container_line("a", 1), kubelet_line("b"), kubernetes_event("X", "c"))
    )
    assert report.failed == {0, 1, 2}
    assert opensearch.lines() == []


async def test_templates_are_embedded_once_and_remembered_by_the_index(
    opensearch: LoopbackOpenSearch, bedrock: LoopbackBedrock, tmp_path: Path
) -> None:
    lines = [container_line(f"request {n} took {n * 3} ms", n) for n in range(50)]
    async with open_pipeline(describe(opensearch.url, tmp_path / "d", bedrock.url)) as pipeline:
        await pipeline.process(deliver(*lines[:25]))
        await pipeline.process(deliver(*lines[25:]))
    assert bedrock.requests == 1
    assert all(len(document["vector"]) == 256 for document in opensearch.lines())
    assert len({document["template_id"] for document in opensearch.lines()}) == 1
    async with open_pipeline(describe(opensearch.url, tmp_path / "d", bedrock.url)) as started_cold:
        await started_cold.process(deliver(container_line("request 99 took 7 ms", 99)))
    assert bedrock.requests == 1
    assert len([index for index, _ in opensearch.documents if index == TEMPLATES]) == 1


async def test_templates_that_differ_by_names_only_share_a_vector(
    opensearch: LoopbackOpenSearch, bedrock: LoopbackBedrock, tmp_path: Path
) -> None:
    names = ("alice", "bob", "carol", "dave", "erin")
    lines = [container_line(f"session of user {name} was closed by peer", n) for n, name in enumerate(names)]
    async with open_pipeline(describe(opensearch.url, tmp_path / "d", bedrock.url)) as pipeline:
        report = await pipeline.process(deliver(*lines))
    assert bedrock.requests == 1
    assert report.counts["TemplatesBorrowed"] == 4
    assert len({document["template_id"] for document in opensearch.lines()}) == 5


async def test_a_model_that_refuses_costs_no_line(
    opensearch: LoopbackOpenSearch, bedrock: LoopbackBedrock, tmp_path: Path
) -> None:
    bedrock.failures = [DENIED] * 3
    async with open_pipeline(describe(opensearch.url, tmp_path / "d", bedrock.url)) as pipeline:
        report = await pipeline.process(deliver(container_line("disk full", 1)))
        again = await pipeline.process(deliver(container_line("out of memory", 2)))
    assert not report.failed
    assert not again.failed
    assert report.counts["EmbeddingErrors"] == report.counts["DocumentsWithoutVector"] == 1
    assert bedrock.requests == 1, "a model that is down is left alone for a while"
    assert len(opensearch.lines()) == 2
