"""How much may be asked, and what those hear who ask more; it is counted on disk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.diagnosis import Diagnosis, ModelCall, Outcome
from domain.errors import RefusedQuestion
from domain.settings import Settings, SlackGrant
from domain.surface_settings import SlackLimits
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.questions import Place, Question, Questions, State
from surfaces.slack.quota import Quota
from surfaces.slack.storage.sqlite import open_sqlite
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, OTHER, Run
from tests.surfaces.slack.reading import answer_of, answers, read, whispers
from tests.surfaces.slack.test_alerts import alertmanager

QUESTION = "payment service cannot start"
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC).timestamp()
SECOND, MINUTE, HOUR = 1.0, 60.0, 3600.0


def make(number: int, when: float, user: str = ANNA, channel: str = CHANNEL) -> Question:
    return Question(f"q{number}", Place("T", channel, "1"), user, "why?", "mention", "1", asked_at=when)


async def keep(questions: Questions, *asked: Question) -> None:
    for question in asked:
        await questions.take(question, question.text)


async def test_a_user_who_asks_too_much_is_told_when_to_come_back(tmp_path: Path):
    async with open_sqlite(tmp_path / "q.sqlite") as database:
        questions = Questions(database)
        quota = Quota(SlackLimits(user_hour=2), questions)
        await keep(questions, make(1, NOON - 30 * MINUTE), make(2, NOON - 10 * MINUTE))
        with pytest.raises(RefusedQuestion, match="12:30 UTC, in 30 min"):
            await quota.check(make(3, NOON))
        await quota.check(make(4, NOON + 30 * MINUTE + SECOND))
        await quota.check(make(5, NOON, user=BEN))


async def test_what_was_refused_or_asked_anew_does_not_count(tmp_path: Path):
    async with open_sqlite(tmp_path / "q.sqlite") as database:
        questions = Questions(database)
        quota = Quota(SlackLimits(user_hour=1), questions)
        for number, state in enumerate((State.REFUSED, State.REVISED)):
            question = make(number, NOON - MINUTE)
            await keep(questions, question)
            await questions.change(question, state=state)
        await quota.check(make(3, NOON))


async def test_of_two_at_once_the_first_passes(tmp_path: Path):
    async with open_sqlite(tmp_path / "q.sqlite") as database:
        questions = Questions(database)
        quota, both = Quota(SlackLimits(user_hour=1), questions), (make(1, NOON), make(2, NOON))
        await keep(questions, *both)
        await quota.check(both[0])
        with pytest.raises(RefusedQuestion):
            await quota.check(both[1])


async def test_a_channel_and_a_day_have_limits_of_their_own(tmp_path: Path):
    async with open_sqlite(tmp_path / "q.sqlite") as database:
        questions = Questions(database)
        await keep(questions, make(1, NOON - MINUTE), make(2, NOON - 2 * HOUR, BEN, OTHER))
        with pytest.raises(RefusedQuestion, match="This channel .* 12:59 UTC"):
            await Quota(SlackLimits(channel_hour=1), questions).check(make(3, NOON, BEN))
        with pytest.raises(RefusedQuestion, match="Today's 2 questions .* 00:00 UTC, in 12 h"):
            await Quota(SlackLimits(day=2), questions).check(make(3, NOON, BEN))
        await Quota(SlackLimits(day=2), questions).check(make(3, NOON + 12 * HOUR, BEN))


async def test_a_budget_is_of_what_answers_cost(tmp_path: Path):
    calls = tuple(ModelCall(model="m", role="diagnose", cost=cost) for cost in (0.75, None))
    async with open_sqlite(tmp_path / "q.sqlite") as database:
        questions = Questions(database)
        question = make(1, NOON)
        await keep(questions, question)
        answer = Diagnosis(outcome=Outcome.UNKNOWN, summary="?", calls=calls)
        await questions.change(question, answer=answer, state=State.ANSWERED)
        await Quota(SlackLimits(day_cost=0.80), questions).check(make(2, NOON + MINUTE))
        with pytest.raises(RefusedQuestion, match=r"budget of \$0.75"):
            await Quota(SlackLimits(day_cost=0.75), questions).check(make(2, NOON + MINUTE))
        tomorrow = datetime.fromtimestamp(NOON, UTC) + timedelta(days=1)
        await Quota(SlackLimits(day_cost=0.75), questions).check(make(2, tomorrow.timestamp()))


async def test_the_limit_holds_over_a_restart_and_the_refusal_is_for_one_alone(
    slack: LoopbackSlack, run: Run
):
    limits = SlackLimits(user_hour=1)
    async with run(limits=limits):
        first = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, first, "Diagnosed")
    async with run(limits=limits):
        second = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))
        await slack.people.command(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: len(whispers(slack, ANNA)) == 2)
        other = await slack.people.mention(CHANNEL, BEN, QUESTION)
        await answer_of(slack, other, "Diagnosed")

    assert not answers(slack, second)
    assert all("1 questions within an hour" in told and " UTC, in " in told for told in whispers(slack, ANNA))


async def test_alerts_beyond_the_limit_say_so_in_their_threads(slack: LoopbackSlack, run: Run):
    grant = SlackGrant(incident="missing-configmap-chain", alerts=True)
    async with run(limits=SlackLimits(channel_hour=1), channels={CHANNEL: grant}):
        first = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, first, "Diagnosed")
        second = await slack.people.alert(CHANNEL, **alertmanager(name="Other"))
        told = await answer_of(slack, second, "This channel")

    assert "Ask again after" in read(told)


def test_limits_are_set_in_the_settings(describe: Callable[..., Settings]):
    with pytest.raises(ValueError, match="user_hour"):
        describe(limits={"user_hour": 0})
