"""The assistant pane, deleted questions, edits in every place, and several people at once."""

import asyncio
from pathlib import Path

import pytest

from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, DIRECT, Run
from tests.surfaces.slack.reading import answer_of, answers, read

QUESTION = "payment service cannot start"


async def test_the_pane_suggests_questions(slack: LoopbackSlack, run: Run):
    async with run():
        root = await slack.people.open_pane(DIRECT, ANNA)
        prompts = await slack.workspace.until(lambda: slack.workspace.prompts.get((DIRECT, root.ts)))

    assert "Is anything wrong?" in prompts and len(prompts) <= 4


@pytest.mark.parametrize("prompt", ["Is anything wrong?", "Which Pods keep restarting, and why?"])
async def test_what_the_pane_suggests_is_answered_there(slack: LoopbackSlack, run: Run, prompt: str):
    async with run("two-faults"):
        root = await slack.people.open_pane(DIRECT, ANNA)
        asked = await slack.people.write(DIRECT, ANNA, prompt, root.ts)
        answer = await answer_of(slack, asked, "Show evidence", 30)
        await slack.workspace.until(lambda: slack.workspace.statuses.get((DIRECT, root.ts)) == "")

    assert answer.thread_ts == root.ts and "scan-rules" in read(answer)
    assert slack.workspace.titles[DIRECT, root.ts] == prompt


async def test_the_pane_shows_that_something_is_being_done(
    slack: LoopbackSlack, run: Run, monkeypatch: pytest.MonkeyPatch
):
    from graphs.session import Session

    async def think(*_: object):
        yield {"node": "survey", "message": "thinking"}
        await asyncio.Event().wait()

    monkeypatch.setattr(Session, "ask", think)
    async with run():
        root = await slack.people.open_pane(DIRECT, ANNA)
        await slack.people.write(DIRECT, ANNA, QUESTION, root.ts)
        await slack.workspace.until(
            lambda: slack.workspace.statuses.get((DIRECT, root.ts)) == "is looking ..."
        )
        await slack.people.write(DIRECT, ANNA, "stop", root.ts)
        await slack.workspace.until(lambda: slack.workspace.statuses.get((DIRECT, root.ts)) == "")


async def test_without_the_scope_the_pane_works_all_the_same(slack: LoopbackSlack, run: Run):
    slack.workspace.scopes.remove("assistant:write")
    async with run():
        root = await slack.people.open_pane(DIRECT, ANNA)
        asked = await slack.people.write(DIRECT, ANNA, QUESTION, root.ts)
        await answer_of(slack, asked, "Show evidence", 30)


@pytest.mark.parametrize("in_pane", [False, True])
async def test_an_edit_is_heard_in_the_pane_too(slack: LoopbackSlack, run: Run, twins: Path, in_pane: bool):
    async with run(str(twins)):
        thread = (await slack.people.open_pane(DIRECT, ANNA)).ts if in_pane else ""
        asked = await slack.people.write(DIRECT, ANNA, "why is basket in blue down?", thread)
        answer = await answer_of(slack, asked, "Nothing wrong found")
        await slack.people.edit(asked, "why is basket in green down?")
        await slack.workspace.until(lambda: "green" in read(answer) and "Stop" not in read(answer), 20)


async def test_an_edited_question_is_no_answer_to_the_question_back(
    slack: LoopbackSlack, run: Run, twins: Path
):
    async with run(str(twins)):
        asked = await slack.people.write(DIRECT, ANNA, "why is basket down?")
        await answer_of(slack, asked, "Which one is meant?")
        await slack.people.edit(asked, "why is basket in green down?")
        answer = await answer_of(slack, asked, "Nothing wrong found")

    assert "green" in read(answer) and len(answers(slack, asked)) == 1


@pytest.mark.parametrize("channel", [CHANNEL, DIRECT])
async def test_a_deleted_question_is_stopped(
    slack: LoopbackSlack, run: Run, monkeypatch: pytest.MonkeyPatch, channel: str
):
    """Slack leaves a tombstone, since our sign of life is a reply to it."""
    from graphs.session import Session

    async def think(*_: object):
        yield {"node": "survey", "message": "thinking"}
        await asyncio.Event().wait()

    monkeypatch.setattr(Session, "ask", think)
    async with run():
        say = slack.people.write if channel == DIRECT else slack.people.mention
        asked = await say(channel, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        await slack.people.arrive()
        await slack.people.delete(asked)
        await answer_of(slack, asked, "Stopped.")


async def test_a_question_that_is_deleted_before_anything_was_said_is_not_answered(
    slack: LoopbackSlack, run: Run
):
    slack.limit("chat.postMessage", times=1, seconds=1)
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.people.arrive()
        await slack.people.delete(asked)
        await slack.people.arrive()
        await asyncio.sleep(2)

    told = [read(message) for message in slack.workspace.messages if message.by_bot]
    assert told in ([], ["Stopped."])


async def test_a_deleted_question_that_was_answered_keeps_its_answer(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Show evidence", 30)
        await slack.people.delete(asked)
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert "Diagnosed" in read(answer)


PASTED = """why does this happen?
```$ kubectl describe pod cart-7d9f8b6c5-x2x4z -n shop
Name:             cart-7d9f8b6c5-x2x4z
Namespace:        shop
Status:           Pending
Containers:
  cart:
    Image:          <http://registry.example|registry.example>/cart:v9
    State:          Waiting
      Reason:       ImagePullBackOff
Events:
  Type     Reason   Age   From     Message
  ----     ------   ----  ----     -------
  Warning  Failed   4m    kubelet  Failed to pull image &quot;registry.example/cart:v9&quot;: not found
```"""


async def test_what_is_pasted_in_a_code_block_is_read(slack: LoopbackSlack, run: Run):
    async with run("healthy-quiet"):
        asked = await slack.people.mention(CHANNEL, ANNA, PASTED)
        answer = await answer_of(slack, asked, "Show evidence", 30)

    assert read(answer).startswith("Diagnosed") and "registry.example/cart:v9" in read(answer)


async def test_two_people_who_ask_at_once_in_one_thread_are_answered_in_order(slack: LoopbackSlack, run: Run):
    async with run():
        root = await slack.people.write(CHANNEL, ANNA, "the shop is down, look below")
        first = await slack.people.mention(CHANNEL, ANNA, QUESTION, root.ts)
        await slack.people.mention(CHANNEL, BEN, "did the fix work?", root.ts)
        await slack.workspace.until(
            lambda: [read(m).split("  ")[0] for m in answers(slack, first)] == ["Diagnosed", "Not recovered"],
            40,
        )
