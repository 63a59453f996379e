"""Models behind Slack, over a loopback Bedrock: what they are told, what they cost, and how they fail."""

from collections.abc import Callable

from surfaces.slack.loopback.server import LoopbackSlack
from tests.graphs.test_models import CLAUDE, bedrock, set_models
from tests.loopback.aws import DOWN
from tests.loopback.bedrock import LoopbackBedrock
from tests.surfaces.slack.conftest import ANNA, CHANNEL, Run
from tests.surfaces.slack.reading import answer_of, answers, read

__all__ = ["bedrock", "set_models"]

ROUTES = f'{{"default": ["{CLAUDE}"]}}'
QUESTION = "payment service cannot start"

SetModels = Callable[..., None]


async def test_the_footer_tells_the_model_and_its_cost(
    slack: LoopbackSlack, run: Run, bedrock: LoopbackBedrock, set_models: SetModels
):
    set_models(use="always", routes=ROUTES, classifier="")
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Show evidence", 40)

    assert answer.blocks[-1]["type"] == "context"
    footer = read(answer).splitlines()[-1]
    assert CLAUDE in footer and "tokens, $0." in footer


async def test_with_the_model_down_the_playbook_answers_and_says_so(
    slack: LoopbackSlack, run: Run, bedrock: LoopbackBedrock, set_models: SetModels
):
    set_models(use="always", routes=ROUTES, classifier="")
    bedrock.failures = [DOWN] * 50
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Show evidence", 60)

    assert "cache-config" in read(answer) and "The playbook answered instead." in read(answer)
    assert len(answers(slack, asked)) == 1


async def test_dig_deeper_asks_the_model_even_where_the_playbook_is_sure(
    slack: LoopbackSlack, run: Run, bedrock: LoopbackBedrock, set_models: SetModels
):
    set_models(use="unsettled", routes=ROUTES, classifier="")
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Show evidence", 40)
        assert not bedrock.asked
        await slack.people.click(answer, ANNA, "dig_deeper")
        await slack.workspace.until(lambda: len(answers(slack, asked)) == 2, 20)
        await slack.workspace.until(lambda: "Stop" not in read(answers(slack, asked)[1]), 60)

    assert bedrock.asked and CLAUDE in read(answers(slack, asked)[1])


async def test_the_names_of_people_never_reach_a_model(
    slack: LoopbackSlack, run: Run, bedrock: LoopbackBedrock, set_models: SetModels
):
    set_models(use="always", routes=ROUTES, classifier="")
    words = f"<@U0BEN|ben.smith> and <@{ANNA}> say: {QUESTION} <!subteam^S0ONCALL|@on-call-berlin>"
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, words)
        await answer_of(slack, asked, "Show evidence", 40)

    prompts = "\n".join(request.prompt for request in bedrock.asked)
    assert QUESTION in prompts
    for name in ("ben.smith", "U0BEN", ANNA, "on-call-berlin", "S0ONCALL", CHANNEL, "T0LOOPBACK"):
        assert name not in prompts, name
