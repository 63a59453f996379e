"""Slack at its worst: one answer a question, in order, none lost."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import CorruptThreads
from domain.settings import Settings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, CHANNEL, Run
from tests.surfaces.slack.reading import answer_of, answers, read

QUESTION = "payment service cannot start"


async def test_an_event_that_is_delivered_again_is_answered_once(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.people.arrive()
        slack.people.deliver_again(slack.people.deliveries[0])
        await answer_of(slack, asked, "Diagnosed")
        slack.people.deliver_again(slack.people.deliveries[0])
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert len(answers(slack, asked)) == 1


async def test_an_event_is_known_again_by_the_next_process(
    slack: LoopbackSlack, describe: Callable[..., Settings]
):
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")
        await slack.people.arrive()
    async with run_app(describe()):
        slack.people.deliver_again(slack.people.deliveries[0])
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert len(answers(slack, asked)) == 1


async def test_acknowledgements_that_get_lost_make_no_second_answer(slack: LoopbackSlack, run: Run):
    slack.socket.ack_seconds, slack.socket.deaf = 0.2, True
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")
        await slack.people.arrive()

    assert all(task.result().attempts > 1 for task in slack.people.deliveries)
    assert len(answers(slack, asked)) == 1


async def test_what_is_asked_while_nobody_listens_is_answered_later(
    slack: LoopbackSlack, describe: Callable[..., Settings]
):
    asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed")


async def test_a_dropped_socket_loses_neither_question_nor_answer(slack: LoopbackSlack, run: Run):
    async with run():
        first = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, first))
        await slack.socket.drop()
        second = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, first, "Diagnosed")
        await answer_of(slack, second, "Diagnosed", 30)
        await slack.people.arrive()

    assert slack.socket.connected >= 2
    assert len(answers(slack, first)) == len(answers(slack, second)) == 1


async def test_a_refreshed_connection_goes_on(slack: LoopbackSlack, run: Run):
    async with run():
        await slack.socket.refresh()
        async with asyncio.timeout(10):
            await slack.socket.until(lambda: slack.socket.connected == 2)
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")


async def test_rate_limits_delay_the_answer_and_thin_out_the_progress(slack: LoopbackSlack, run: Run):
    slack.limit("chat.postMessage", times=1, seconds=1)
    slack.limit("chat.update", times=2, seconds=1)
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed", 30)

    assert len(answers(slack, asked)) == 1


async def test_a_process_that_ends_mid_way_leaves_the_question_to_the_next(
    slack: LoopbackSlack, describe: Callable[..., Settings]
):
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        later = await slack.people.mention(CHANNEL, ANNA, "did the fix work?", asked.ts)
        await slack.workspace.until(lambda: answers(slack, asked))
        await slack.people.arrive()
    assert not any("Diagnosed" in read(message) for message in answers(slack, asked))

    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed", 30)
        await answer_of(slack, later, "Not recovered", 30)
        await asyncio.sleep(0.2)

    heads = [read(message).split("  ")[0] for message in answers(slack, asked)]
    assert heads == ["Diagnosed", "Not recovered"]


async def test_a_first_sign_of_life_that_was_not_noted_is_found_again(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch
):
    """Killed after Slack took the message and before its ``ts`` was on disk."""
    from surfaces.slack.poster import Poster

    real = Poster.post

    async def die_after_posting(*given: object) -> str:
        await real(*given)
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Poster, "post", die_after_posting)
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        await slack.people.arrive()
    monkeypatch.undo()

    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed", 30)

    assert len(answers(slack, asked)) == 1


async def test_a_first_sign_of_life_of_which_slack_did_not_tell_in_time_is_found_again(
    slack: LoopbackSlack, run: Run, monkeypatch
):
    from surfaces.slack.poster import Poster

    real, calls = Poster.post, 0

    async def lose_the_first_reply(*given: object) -> str:
        nonlocal calls
        calls += 1
        ts = await real(*given)
        if calls == 1:
            raise TimeoutError
        return ts

    monkeypatch.setattr(Poster, "post", lose_the_first_reply)
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed", 30)
        await asyncio.sleep(0.2)

    assert len(answers(slack, asked)) == 1


@pytest.mark.parametrize("spoil", ["garbage", "other tables"])
async def test_a_database_that_cannot_be_used_is_one_sentence(describe: Callable[..., Settings], spoil: str):
    settings = describe()
    if spoil == "garbage":
        settings.slack.questions.write_text("no database, and long enough to be looked at " * 100)
    else:
        with sqlite3.connect(settings.slack.questions) as other:
            other.execute("CREATE TABLE questions (team TEXT, channel TEXT, thread TEXT, ts TEXT)")
        other.close()
    with pytest.raises(CorruptThreads, match="KUBEWHY_SLACK__QUESTIONS"):
        async with run_app(settings):
            pass


async def test_a_bug_is_owned_up_to_in_one_sentence(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch, caplog
):
    from graphs.session import Session

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Session, "ask", fail)
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "bug")

    assert "secret detail" not in read(answer)
    assert "ZeroDivisionError" in caplog.text


async def test_questions_that_wait_are_answered_in_the_order_of_their_time(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    """The later of two follow-ups is delivered first."""
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        deliver = await slack.people.mention_late(CHANNEL, ANNA, "did the fix work?", asked.ts)
        await slack.people.mention(CHANNEL, ANNA, QUESTION, asked.ts)
        await slack.people.arrive()
        deliver()
        await slack.workspace.until(lambda: len(answers(slack, asked)) == 3)
        await slack.workspace.until(lambda: not any("Stop" in read(m) for m in answers(slack, asked)), 30)

    lines = (tmp_path / "audit.ndjson").read_text().splitlines()
    verdicts = [json.loads(line)["verdict"] for line in lines]
    assert [v for v in verdicts if v != "asked"][:2] == ["diagnosed", "not-verified"]


async def test_an_answer_that_slack_refuses_for_good_does_not_hold_up_the_thread(
    slack: LoopbackSlack, run: Run
):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        slack.workspace.messages.remove(answers(slack, asked)[0])
        await slack.people.mention(CHANNEL, ANNA, "did the fix work?", asked.ts)
        await answer_of(slack, asked, "Not recovered", 30)


async def test_while_slack_fails_an_answer_is_kept_and_posted_once(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        slack.fail("chat.update", "internal_error", times=8)
        await answer_of(slack, asked, "Diagnosed", 40)

    assert len(answers(slack, asked)) == 1
