"""What several replicas count and fold together: limits, budgets, alerts."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from domain.diagnosis import Diagnosis, ModelCall, Outcome
from domain.errors import RefusedQuestion
from domain.settings import ServingSettings, SlackGrant
from domain.surface_settings import SlackLimits
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.questions import Place, Question, Questions, State
from surfaces.slack.quota import Quota
from surfaces.slack.storage.postgres import open_postgres
from tests.live.postgres.conftest import Describe
from tests.surfaces.slack.conftest import ANNA, CHANNEL
from tests.surfaces.slack.reading import answer_of, answers, whispers
from tests.surfaces.slack.test_http import find_port
from tests.surfaces.slack.test_webhook import make_alert, payload, roots

pytestmark = pytest.mark.live

QUESTION = "payment service cannot start"
NOON = 1_777_896_000.0


@pytest.fixture
async def questions(database: str) -> AsyncIterator[Questions]:
    async with open_postgres(database) as (opened, _, _):
        yield Questions(opened)


def make(number: int, when: float) -> Question:
    return Question(f"q{number}", Place("T", CHANNEL, "1"), ANNA, "why?", "mention", "1", asked_at=when)


async def test_questions_and_costs_are_counted(questions: Questions):
    first, second = make(1, NOON), make(2, NOON + 60)
    for question in (first, second):
        await questions.take(question, question.text)
    calls = (ModelCall(model="m", role="diagnose", cost=0.5), ModelCall(model="m", role="plan"))
    answer = Diagnosis(outcome=Outcome.UNKNOWN, summary="?", calls=calls)
    await questions.change(first, answer=answer, state=State.ANSWERED)

    assert await questions.times(NOON - 1, second) == [NOON]
    assert await questions.times(NOON - 1, make(3, NOON + 120), user=ANNA) == [NOON, NOON + 60]
    assert await questions.times(NOON - 1, make(3, NOON + 120), channel="C0OTHER") == []
    assert await questions.spent(NOON - 1) == 0.5
    assert [question.key for question in await questions.recent("T", ANNA, 1)] == ["q2"]
    with pytest.raises(RefusedQuestion):
        await Quota(SlackLimits(user_hour=2), questions).check(make(3, NOON + 120))


async def test_a_limit_is_one_for_all_replicas(slack: LoopbackSlack, replica: Describe):
    limits = SlackLimits(user_hour=1)
    async with run_app(replica("one", limits=limits)):
        first = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, first, "Diagnosed")
    async with run_app(replica("two", limits=limits)):
        second = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert not answers(slack, second)


async def test_an_alert_that_reaches_every_replica_is_written_and_investigated_once(
    slack: LoopbackSlack, replica: Describe
):
    ports = [find_port(), find_port()]
    grant = {CHANNEL: SlackGrant(incident="missing-configmap-chain", alerts=True)}
    one, two = (
        replica(name, channels=grant).model_copy(update={"serving": ServingSettings(port=port)})
        for name, port in zip(("one", "two"), ports, strict=True)
    )
    async with run_app(one), run_app(two), aiohttp.ClientSession() as client:
        sent = [
            client.post(f"http://127.0.0.1:{port}/alertmanager/{CHANNEL}", json=payload(make_alert()))
            for port in ports * 3
        ]
        told = [await answer.json() for answer in await asyncio.gather(*sent)]
        (root,) = roots(slack)
        await answer_of(slack, root, "Diagnosed")

    assert sum(item["investigated"] for item in told) == 1 and sum(item["folded"] for item in told) == 5
    assert len(answers(slack, root)) == 2, "the alert itself, and the answer below it"
