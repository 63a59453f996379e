"""A question's trace, as a collector gets it: its nodes, its end, and no text of anyone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.reasoner import Reasoner
from domain.case import CaseFile
from domain.diagnosis import CommandPlan, Diagnosis
from domain.settings import load_settings
from domain.surface_settings import TraceSettings
from graphs.context import Context
from graphs.session import Clarification, Session
from graphs.tracing import trace_with
from tests.graphs.conftest import Prepare
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import serve_bedrock
from tests.loopback.otlp import Collector, read_attributes, serve_collector
from tools.traces import open_tracer

INCIDENT = "missing-configmap-chain"
ERROR = 2


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with serve_collector() as served:
        yield served


@asynccontextmanager
async def trace(collector: Collector, **settings: object) -> AsyncIterator[None]:
    """Trace what is asked in the block; all has been sent when it ends."""
    told = TraceSettings.model_validate({"endpoint": collector.url} | settings)
    async with open_tracer(told) as tracer:
        with trace_with(tracer):
            yield


async def ask(context: Context, text: str) -> Diagnosis | Clarification:
    end = None
    async for item in Session(context).ask(text):
        end = item
    await context.close()
    assert isinstance(end, Diagnosis | Clarification)
    return end


async def test_a_question_is_one_trace_with_a_span_for_each_node(collector: Collector):
    async with trace(collector):
        diagnosis = await ask(Context(INCIDENT), "payment service cannot start, password=hunter2-Xy9!kq")

    root = collector.find("question")
    below = {span.name for span in collector.spans if span.parent_span_id == root.span_id}
    assert {"understand", "survey", "select_model", "plan_commands", "diagnose", "report"} <= below
    assert {"retrieve_logs.search", "retrieve_logs.summarise"} <= below
    assert {span.trace_id for span in collector.spans} == {root.trace_id}
    told = read_attributes(root)
    assert isinstance(diagnosis, Diagnosis)
    assert told["kubewhy.outcome"] == "diagnosed" and told["kubewhy.issue_type"] == "configuration"
    assert told["kubewhy.evidence"] == len(diagnosis.evidence) and told["kubewhy.reasoner"] == "playbook"
    assert read_attributes(collector.find("survey"))["kubewhy.evidence"] > 0
    assert root.end_time_unix_nano > max(
        s.start_time_unix_nano for s in collector.spans if s.name == "report"
    )


async def test_a_trace_holds_no_text_of_a_question_or_a_cluster(collector: Collector):
    async with trace(collector):
        await ask(Context(INCIDENT), "payment service cannot start, password=hunter2-Xy9!kq")

    sent = b"".join(collector.raw)
    assert collector.spans and not [word for word in (b"payment", b"hunter2", b"cache-") if word in sent]


async def test_two_questions_at_once_are_two_traces(collector: Collector):
    async with trace(collector):
        await asyncio.gather(*(ask(Context(INCIDENT), "payment service cannot start") for _ in range(2)))

    roots = [span for span in collector.spans if span.name == "question"]
    assert len({root.trace_id for root in roots}) == 2
    for root in roots:
        own = [s.name for s in collector.spans if s.trace_id == root.trace_id]
        assert own.count("diagnose") == own.count("report") == 1


class Broken(Reasoner):
    """Fails with words that are not ours."""

    async def plan(self, case: CaseFile) -> CommandPlan:
        raise RuntimeError("password=hunter2")

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        raise RuntimeError("password=hunter2")


async def test_a_failure_is_told_by_its_kind_alone(collector: Collector, prepare: Prepare):
    context = await prepare(INCIDENT, reasoner=Broken())
    async with trace(collector):
        with pytest.raises(RuntimeError):
            await ask(context, "payment service cannot start")

    status = collector.find("question").status
    assert (status.code, status.message) == (ERROR, "RuntimeError")
    assert not any(b"hunter2" in raw for raw in collector.raw)


async def test_a_question_that_nobody_waits_for_is_told_as_cancelled(collector: Collector):
    async with trace(collector):
        context = Context(INCIDENT)
        async with aclosing(Session(context).ask("payment service cannot start")) as items:
            await anext(items)
        await context.close()

    root = collector.find("question")
    assert read_attributes(root)["kubewhy.cancelled"] and root.status.code != ERROR


async def test_calls_of_models_are_events_of_the_node_that_made_them(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    take_dummy_keys(monkeypatch, tmp_path)
    async with serve_bedrock() as bedrock:
        for name, value in {"USE": "always", "ENDPOINT_URL": bedrock.url, "ATTEMPTS": "1"}.items():
            monkeypatch.setenv(f"KUBEWHY_MODELS__{name}", value)
        monkeypatch.setenv("KUBEWHY_MODELS__USAGE", str(tmp_path / "usage.sqlite"))
        load_settings.cache_clear()
        async with trace(collector):
            diagnosis = await ask(Context(INCIDENT), "payment service cannot start")
    load_settings.cache_clear()

    events = [event for span in collector.spans for event in span.events]
    told = [read_attributes(event) for event in events]
    assert isinstance(diagnosis, Diagnosis) and len(told) == len(diagnosis.calls) > 0
    assert sum(item["kubewhy.tokens.read"] for item in told) == sum(c.read for c in diagnosis.calls)


async def test_a_share_of_none_sends_nothing_and_a_token_is_shown(collector: Collector):
    async with trace(collector, share=0.0):
        await ask(Context(INCIDENT), "payment service cannot start")
    assert not collector.spans
    async with trace(collector, authorization=SecretStr("Bearer right")):
        await ask(Context(INCIDENT), "payment service cannot start")

    assert {headers["Authorization"] for headers in collector.headers} == {"Bearer right"}


async def test_without_an_endpoint_nothing_is_traced_and_with_one_that_is_down_the_answer_comes(
    collector: Collector,
):
    async with trace(collector, endpoint=""):
        await ask(Context(INCIDENT), "payment service cannot start")
    assert not collector.raw
    async with trace(collector, endpoint="http://127.0.0.1:9/v1/traces"):
        diagnosis = await ask(Context(INCIDENT), "payment service cannot start")

    assert isinstance(diagnosis, Diagnosis)
