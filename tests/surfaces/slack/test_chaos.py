"""Everything at once: deliveries repeated and lost, a busy Slack, processes that come and go."""

import asyncio
import random
from collections.abc import Callable

import pytest

from domain.settings import Settings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message
from tests.surfaces.slack.conftest import ANNA, CHANNEL, DIRECT
from tests.surfaces.slack.reading import answers, read

QUESTION = "payment service cannot start"
THREADS, RESTARTS = 5, 3
WANTED = ["Diagnosed", "Not recovered"]


def list_heads(slack: LoopbackSlack, asked: Message) -> list[str]:
    return [read(message).splitlines()[0].split("  ")[0] for message in answers(slack, asked)]


async def disturb(slack: LoopbackSlack, chance: random.Random) -> None:
    """One thing that goes wrong."""
    delivered = [task for task in slack.people.deliveries if task.done()]
    match chance.randrange(5):
        case 0:
            await slack.socket.drop()
        case 1:
            slack.limit(chance.choice(["chat.postMessage", "chat.update", "conversations.replies"]))
        case 2:
            slack.fail(chance.choice(["chat.postMessage", "chat.update"]), "internal_error")
        case 3 if delivered:
            slack.people.deliver_again(chance.choice(delivered))
        case _:
            slack.socket.deaf = not slack.socket.deaf


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_question_gets_one_answer_in_its_place(
    slack: LoopbackSlack, describe: Callable[..., Settings], seed: int
):
    chance = random.Random(seed)  # noqa: S311 (no secret)
    slack.socket.ack_seconds = 0.3
    asked: list[Message] = []
    for _ in range(RESTARTS):
        async with run_app(describe()):
            for _ in range(THREADS):
                if len(asked) < THREADS:
                    write = chance.choice([slack.people.mention, slack.people.write])
                    place = CHANNEL if write == slack.people.mention else DIRECT
                    asked.append(await write(place, ANNA, QUESTION))
                    await slack.people.mention(place, ANNA, "did the fix work?", asked[-1].ts)
                await disturb(slack, chance)
                await asyncio.sleep(chance.random())
    slack.socket.deaf = False
    async with run_app(describe()):
        await slack.workspace.until(lambda: all(list_heads(slack, m) == WANTED for m in asked), 90)
        await slack.people.arrive()
        await asyncio.sleep(0.5)

    assert [list_heads(slack, message) for message in asked] == [WANTED] * THREADS
