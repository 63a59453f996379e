import asyncio
from typing import Any

import pytest

from agents.models.answers import SaidDiagnosis, SaidPlan
from agents.models.catalogue import describe_model
from agents.models.chat import ModelChat
from domain.errors import MalformedSettings
from domain.settings import KnownModel, ModelSettings
from tests.loopback import voices
from tests.loopback.aws import DENIED, DOWN, THROTTLED, TIMED_OUT, Failure
from tests.loopback.bedrock import LoopbackBedrock
from tools import chat_models

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
V3 = "deepseek.v3.2"
R1 = "us.deepseek.r1-v1:0"
PROMPT = """You are on call.

# The case

<findings>
- cause, configuration, confidence 0.9, Deployment a/b: ConfigMap x does not exist. (rests on E3f9a01bc)
</findings>

# Your answer
"""


def open_chat(spec: str, settings: ModelSettings) -> ModelChat:
    return ModelChat(describe_model(spec, settings), settings)


@pytest.mark.parametrize("spec", [CLAUDE, V3, R1, f"bedrock:{CLAUDE}"])
async def test_each_family_gives_its_answer_in_one_call(
    spec: str, settings: ModelSettings, bedrock: LoopbackBedrock
):
    told = await open_chat(spec, settings).ask("diagnose", PROMPT, SaidDiagnosis)
    assert told.answer is not None
    assert told.answer.root_cause == "ConfigMap x does not exist."
    (call,) = told.calls
    assert call.read > 50 and call.written > 10 and call.cost and not call.fault


async def test_the_instructions_are_the_systems_and_the_case_is_the_users(
    settings: ModelSettings, bedrock: LoopbackBedrock
):
    await open_chat(CLAUDE, settings).ask("plan", PROMPT, SaidPlan)
    sent = bedrock.asked[0]
    assert sent.system.strip() == "You are on call."
    assert "ConfigMap x" in sent.body["messages"][0]["content"][0]["text"]
    assert sent.body["inferenceConfig"]["temperature"] == 0


@pytest.mark.parametrize(("spec", "choice"), [(CLAUDE, "any"), (V3, "any"), (R1, "")])
async def test_tools_are_asked_for_as_the_family_takes_them(
    spec: str, choice: str, settings: ModelSettings, bedrock: LoopbackBedrock
):
    await open_chat(spec, settings).ask("plan", PROMPT, SaidPlan)
    assert list(bedrock.asked[0].tool_choice) == ([choice] if choice else [])


@pytest.mark.parametrize("spec", [V3, R1])
async def test_what_it_thought_is_kept_apart(spec: str, settings: ModelSettings, bedrock: LoopbackBedrock):
    told = await open_chat(spec, settings).ask("diagnose", PROMPT, SaidDiagnosis)
    assert told.answer is not None
    assert told.calls[0].thinking
    assert told.calls[0].thinking not in told.answer.model_dump_json()


@pytest.mark.parametrize(
    "voice", [voices.garble, voices.misfit, voices.say_nothing, voices.break_off, voices.refuse]
)
async def test_an_answer_that_cannot_be_used_is_sent_back_once(
    voice: voices.Voice, settings: ModelSettings, bedrock: LoopbackBedrock
):
    bedrock.voice = voices.follow([voice])
    told = await open_chat(CLAUDE, settings).ask("diagnose", PROMPT, SaidDiagnosis)
    assert told.answer is not None
    assert [bool(call.fault) for call in told.calls] == [True, False]
    assert "cannot be used" in bedrock.asked[1].prompt


@pytest.mark.parametrize(
    ("spec", "voice"),
    [
        (CLAUDE, voices.garble),
        (V3, voices.misfit),
        (CLAUDE, voices.say_nothing),
        (R1, voices.break_off),
        (R1, voices.refuse),
    ],
)
async def test_twice_is_enough(
    spec: str, voice: voices.Voice, settings: ModelSettings, bedrock: LoopbackBedrock
):
    bedrock.voice = voice
    told = await open_chat(spec, settings).ask("diagnose", PROMPT, SaidDiagnosis)
    assert told.answer is None
    assert len(told.calls) == len(bedrock.asked) == 2
    assert all(spec in call.fault for call in told.calls)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (THROTTLED, "is throttled"),
        (DENIED, "may not be used: enable it"),
        (TIMED_OUT, "took too long"),
        (DOWN, "is not available"),
        (
            Failure(400, "ValidationException", "The provided model identifier is invalid."),
            "identifier is invalid",
        ),
        (Failure(403, "ExpiredTokenException", "expired"), "have expired"),
    ],
)
async def test_a_fault_of_the_service_is_one_sentence(
    fault: Failure, sentence: str, settings: ModelSettings, bedrock: LoopbackBedrock
):
    bedrock.voice = voices.fail(fault)
    told = await open_chat(CLAUDE, settings).ask("plan", PROMPT, SaidPlan)
    assert told.answer is None
    assert sentence in told.calls[-1].fault
    assert "\n" not in told.calls[-1].fault


async def test_throttling_for_a_moment_is_waited_out(settings: ModelSettings, bedrock: LoopbackBedrock):
    bedrock.failures = [THROTTLED]
    patient = settings.model_copy(update={"attempts": 2})
    told = await open_chat(CLAUDE, patient).ask("plan", PROMPT, SaidPlan)
    assert told.answer is not None
    assert len(bedrock.asked) == 2


async def test_a_slow_model_is_given_up(settings: ModelSettings, bedrock: LoopbackBedrock):
    bedrock.voice = voices.dawdle(4.0)
    quick = settings.model_copy(update={"call_seconds": 0.3})
    told = await asyncio.wait_for(open_chat(CLAUDE, quick).ask("plan", PROMPT, SaidPlan), 3.5)
    assert told.answer is None
    assert "within 0.3 s" in told.calls[0].fault or "took too long" in told.calls[0].fault


async def test_nothing_listens(settings: ModelSettings):
    away = settings.model_copy(update={"endpoint_url": "http://127.0.0.1:1"})
    told = await open_chat(CLAUDE, away).ask("plan", PROMPT, SaidPlan)
    assert "cannot be reached" in told.calls[0].fault


async def test_without_credentials(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    told = await open_chat(CLAUDE, settings).ask("plan", PROMPT, SaidPlan)
    assert "AWS credentials" in told.calls[0].fault


async def test_streaming_says_the_same(settings: ModelSettings, bedrock: LoopbackBedrock):
    chat = chat_models.open_chat(CLAUDE, "claude", settings, SaidDiagnosis)
    whole: Any = None
    async for part in chat.astream(PROMPT):
        whole = part if whole is None else whole + part
    assert whole is not None
    assert whole.tool_calls[0]["args"]["root_cause"] == "ConfigMap x does not exist."


async def test_a_fine_tuned_model_is_just_another_id(settings: ModelSettings, bedrock: LoopbackBedrock):
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abc"
    ours = KnownModel(family="deepseek", tool_use=False, input=1, output=1)
    told = await open_chat(arn, settings.model_copy(update={"known": {arn: ours}})).ask(
        "plan", PROMPT, SaidPlan
    )
    assert told.answer is not None
    assert bedrock.asked[0].model == arn


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [("nobody:gpt", "cannot be opened"), ("cohere:command", "langchain-cohere")],
)
async def test_a_provider_that_is_not_there(spec: str, sentence: str, settings: ModelSettings):
    ours = settings.model_copy(update={"known": {spec: KnownModel(family="claude")}})
    with pytest.raises(MalformedSettings, match=sentence):
        await open_chat(spec, ours).ask("plan", PROMPT, SaidPlan)
