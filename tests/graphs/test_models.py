"""The whole way from a question to a diagnosis with chat models on it, over a loopback Bedrock."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig

from agents.models.budget import count_used
from domain.diagnosis import Diagnosis
from domain.settings import load_settings
from evals.dataset import load_cases
from evals.run import run
from evals.solver import Setup
from graphs import troubleshoot
from graphs.context import Context
from graphs.session import Session
from graphs.threads import open_threads
from tests.loopback import voices
from tests.loopback.aws import DENIED, THROTTLED
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock
from tests.loopback.converse import Request, Voice

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
V3 = "deepseek.v3.2"
R1 = "us.deepseek.r1-v1:0"
UNSURE, SURE = "webhook-without-backend", "missing-configmap-chain"


@pytest.fixture
async def bedrock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopbackBedrock]:
    take_dummy_keys(monkeypatch, tmp_path)
    async with serve_bedrock() as served:
        monkeypatch.setenv("KUBEWHY_MODELS__ENDPOINT_URL", served.url)
        monkeypatch.setenv("KUBEWHY_MODELS__USAGE", str(tmp_path / "usage.sqlite"))
        monkeypatch.setenv("KUBEWHY_MODELS__ATTEMPTS", "1")
        monkeypatch.setenv("KUBEWHY_MODELS__CALL_SECONDS", "5")
        yield served


@pytest.fixture
def set_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"KUBEWHY_MODELS__{name.upper()}", str(value))
        load_settings.cache_clear()

    yield change
    load_settings.cache_clear()


@pytest.fixture(autouse=True)
def settings_anew(bedrock: LoopbackBedrock, set_models: Callable[..., None]) -> None:
    set_models()


async def ask(session: Session, text: str) -> Diagnosis:
    ends = [item async for item in session.ask(text) if isinstance(item, Diagnosis)]
    return ends[-1]


async def ask_about(incident: str, reasoner: str = "hybrid", *route: str) -> Diagnosis:
    context = Context(incident, reasoner=reasoner, route=route or ((CLAUDE, V3) if reasoner else ()))
    (case,) = load_cases([incident])
    try:
        return await ask(Session(context), case.incident.question)
    finally:
        await context.close()


@pytest.mark.parametrize("spec", [CLAUDE, V3, R1])
async def test_every_incident_of_ours_is_diagnosed_with_each_family(spec: str, bedrock: LoopbackBedrock):
    result = await run(load_cases(), setups=[Setup(reasoner="hybrid", route=(spec,))])
    wrong = {c.id: [s for s in c.scores if not s.right] or c.summary for c in result.cases if not c.right}
    assert not wrong
    assert all(case.tokens > 500 and case.calls for case in result.cases)
    assert all(case.cost for case in result.cases)
    assert sum(spec in case.reasoner for case in result.cases) >= result.total.cases / 2
    print(
        f"{spec}: {result.total.tokens:,} tokens, ${result.total.cost:.4f} for {result.total.cases} incidents"
    )


BAD = {
    "garbage": voices.garble,
    "a wrong shape": voices.misfit,
    "invented citations": voices.invent,
    "nothing": voices.say_nothing,
    "a refusal": voices.refuse,
    "half an answer": voices.break_off,
    "throttling": voices.fail(THROTTLED),
    "no access": voices.fail(DENIED),
    "too late": voices.dawdle(1.5),
}


def is_same(told: Diagnosis, own: Diagnosis) -> bool:
    """Whether nothing that a person acts on differs."""
    kept = ("outcome", "object", "missing", "root_cause", "chain", "cited", "fix", "verification", "also")
    return all(getattr(told, name) == getattr(own, name) for name in kept)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("incident", [UNSURE, SURE])
async def test_with_bad_models_the_answer_is_the_playbooks(
    bad: Voice, incident: str, bedrock: LoopbackBedrock, set_models: Callable[..., None]
):
    set_models(call_seconds=1)
    own = await ask_about(incident, "playbook")
    bedrock.voice = bad
    told = await ask_about(incident, "hybrid")
    assert is_same(told, own)
    assert told.confidence == own.confidence
    diagnosing = [call for call in told.calls if call.role == "diagnose"]
    assert diagnosing and all(call.fault for call in diagnosing)
    assert any("The playbook answered instead." in sentence for sentence in told.not_seen)


@pytest.mark.parametrize("bad", [voices.garble, voices.invent, voices.refuse, voices.fail(THROTTLED)])
@pytest.mark.parametrize("position", range(4))
async def test_a_bad_answer_in_any_position_changes_nothing(
    bad: Voice, position: int, bedrock: LoopbackBedrock
):
    own = await ask_about(UNSURE, "playbook")
    bedrock.voice = voices.follow([voices.speak_playbook] * position + [bad])
    told = await ask_about(UNSURE, "hybrid")
    assert (told.object, told.root_cause, told.fix) == (own.object, own.root_cause, own.fix)


async def test_where_the_playbook_is_sure_no_model_is_asked_unless_a_person_does(
    bedrock: LoopbackBedrock, set_models: Callable[..., None]
):
    set_models(use="unsettled")
    told = await ask_about(SURE, "")
    assert not bedrock.asked and not told.calls
    assert told.reasoner == "playbook" and "no model is asked" in told.chosen
    told = await ask_about(SURE, "hybrid")
    assert bedrock.asked and told.calls
    assert told.reasoner == f"playbook, confirmed by {CLAUDE}"
    told = await ask_about(UNSURE, "")
    assert told.calls and "It goes to" in told.chosen


async def test_a_command_that_the_policy_refuses_comes_back_twice_at_most(bedrock: LoopbackBedrock):
    planned: list[str] = []

    def insist(request: Request) -> object:
        if voices.wanted(request) != "SaidPlan":
            return voices.speak_playbook(request)
        planned.append(request.prompt)
        return voices.shape(
            request, {"commands": [{"command": f"kubectl delete pod a-{len(planned)} -n shop"}]}
        )

    bedrock.voice = insist
    told = await ask_about(UNSURE, "hybrid")
    assert 1 <= len(planned) <= 2
    assert told.object == (await ask_about(UNSURE, "playbook")).object
    if len(planned) == 2:
        assert "refused" in planned[1]


async def test_a_small_model_writes_searches_for_the_logs_when_models_are_always_asked(
    bedrock: LoopbackBedrock, set_models: Callable[..., None]
):
    context = Context("healthy-noisy", reasoner="hybrid", route=(CLAUDE,))
    (case,) = load_cases(["healthy-noisy"])
    said: list[str] = []
    async for item in Session(context).ask(case.incident.question):
        if isinstance(item, Diagnosis):
            told = item
        elif isinstance(item, dict):
            said.append(item["message"])
    await context.close()
    assert any("connection refused; not found" in message for message in said)
    (rewriting,) = (call for call in told.calls if call.role == "rewrite")
    assert "haiku" in rewriting.model and rewriting.read > 100
    set_models(use="unsettled")
    assert not any(call.role == "rewrite" for call in (await ask_about(UNSURE, "")).calls)


async def test_a_domain_pack_is_read_by_the_model_and_its_cost_is_told(bedrock: LoopbackBedrock):
    context = Context(UNSURE, reasoner="hybrid", route=(CLAUDE,), domain="finance")
    (case,) = load_cases([UNSURE])
    told = await ask(Session(context), case.incident.question)
    await context.close()
    assert all("# The field: finance" in request.system for request in bedrock.asked)
    assert "The domain pack finance adds" in told.chosen


async def test_a_verification_asks_no_model(bedrock: LoopbackBedrock):
    context = Context(SURE, reasoner="hybrid", route=(CLAUDE,))
    session = Session(context)
    try:
        await ask(session, "payment service cannot start")
        asked = len(bedrock.asked)
        told = await ask(session, "did the fix work?")
    finally:
        await context.close()
    assert asked and len(bedrock.asked) == asked
    assert not told.calls
    assert "no model is asked" in told.chosen


async def test_what_a_killed_run_spent_counts_when_it_is_resumed(
    bedrock: LoopbackBedrock, tmp_path: Path, set_models: Callable[..., None]
):
    set_models(classifier="")
    (case,) = load_cases([UNSURE])
    config: RunnableConfig = {"configurable": {"thread_id": "t"}}

    async def work(question: dict[str, str] | None, kill_when_asked: bool) -> dict[str, Any]:
        context = Context(UNSURE, reasoner="model", route=(CLAUDE,))
        async with open_threads(tmp_path / "threads.sqlite") as saver:
            graph = troubleshoot.build().compile(checkpointer=saver)
            async with aclosing(
                graph.astream(question, config, context=context, stream_mode="values")
            ) as run:
                async for values in run:
                    if kill_when_asked and values.get("calls"):
                        break
        await context.close()
        return values

    killed = await work({"question": case.incident.question}, kill_when_asked=True)
    spent, asked = killed["calls"], len(bedrock.asked)
    assert spent and not killed.get("diagnosis")

    set_models(investigation_tokens=max(1_000, count_used(spent) + 500))
    end = await work(None, kill_when_asked=False)
    assert len(bedrock.asked) == asked
    assert end["diagnosis"].calls[: len(spent)] == tuple(spent)
    assert any("limit of an investigation" in sentence for sentence in end["diagnosis"].not_seen)
