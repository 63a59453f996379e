"""The real process, ended by real signals."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from domain.settings import Settings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, CHANNEL
from tests.surfaces.slack.process import run_process
from tests.surfaces.slack.reading import answer_of, answers, read

QUESTION = "payment service cannot start"


async def test_a_process_that_is_killed_leaves_the_question_to_the_next(
    slack: LoopbackSlack, describe: Callable[..., Settings], tmp_path: Path
):
    async with run_process(describe(), tmp_path) as process:
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        await process.kill()
    assert not any("Diagnosed" in read(message) for message in answers(slack, asked))

    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed", 30)
        await asyncio.sleep(0.2)

    assert len(answers(slack, asked)) == 1


async def test_a_process_without_time_to_finish_leaves_what_is_under_way_to_the_next(
    slack: LoopbackSlack, describe: Callable[..., Settings], tmp_path: Path
):
    async with run_process(describe(drain_seconds=0), tmp_path) as process:
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        assert await process.terminate() == 0
    assert not any("Diagnosed" in read(message) for message in answers(slack, asked))

    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed", 30)
    assert len(answers(slack, asked)) == 1


async def test_a_process_that_is_asked_to_end_finishes_what_is_under_way_and_leaves_the_rest(
    slack: LoopbackSlack, describe: Callable[..., Settings], tmp_path: Path
):
    async with run_process(describe(drain_seconds=30), tmp_path) as process:
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.people.mention(CHANNEL, ANNA, "did the fix work?", asked.ts)
        await slack.workspace.until(lambda: len(answers(slack, asked)) == 2)
        assert await process.terminate() == 0

    first, second = answers(slack, asked)
    assert "Diagnosed" in read(first)
    assert "earlier question" in read(second)
    async with run_app(describe()):
        await answer_of(slack, asked, "Not recovered", 30)
        await asyncio.sleep(0.2)
    assert len(answers(slack, asked)) == 2
