import asyncio
import time
from pathlib import Path

import pytest

from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import BOT_USER
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, DIRECT, Run
from tests.surfaces.slack.reading import answer_of, answers, read, whispers

QUESTION = "payment service cannot start"


async def test_a_mention_is_answered_in_its_thread(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")
        await slack.people.arrive()

    assert answer.thread_ts == asked.ts
    assert len(answers(slack, asked)) == 1
    shown = read(answer)
    for word in ("sure", "cluster", "Evidence", "Fix", "kubectl", "How to verify", "Answered by playbook"):
        assert word in shown, word
    assert answer.edits >= 1


async def test_a_sign_of_life_comes_within_a_second(slack: LoopbackSlack, run: Run):
    async with run():
        began = time.monotonic()
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        assert time.monotonic() - began < 1.0
        await answer_of(slack, asked, "Diagnosed")


async def test_a_direct_message_is_answered_in_its_thread(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.write(DIRECT, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")

    assert answer.thread_ts == asked.ts


async def test_why_writes_the_question_into_the_channel_and_answers_below(slack: LoopbackSlack, run: Run):
    async with run():
        await slack.people.command(CHANNEL, ANNA, QUESTION)
        root = await slack.workspace.until(lambda: next(iter(slack.workspace.messages), None))
        answer = await slack.workspace.until(
            lambda: next((m for m in slack.workspace.messages if "Diagnosed" in read(m)), None), 20
        )

    assert QUESTION in read(root) and not root.thread_ts
    assert answer.thread_ts == root.ts


@pytest.mark.parametrize(
    ("members", "told"), [({ANNA}, "invite me"), ({ANNA, BOT_USER}, "Say what is wrong")]
)
async def test_why_says_what_it_lacks(slack: LoopbackSlack, run: Run, members: set[str], told: str):
    slack.workspace.members[CHANNEL] = members
    async with run():
        await slack.people.command(CHANNEL, ANNA, QUESTION if members == {ANNA} else " ")
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert told in whispers(slack, ANNA)[0]


async def test_the_shortcut_asks_what_a_message_says(slack: LoopbackSlack, run: Run):
    async with run():
        message = await slack.people.write(CHANNEL, BEN, QUESTION)
        await slack.people.shortcut(message, ANNA, "ask_why")
        answer = await answer_of(slack, message, "Diagnosed")

    assert answer.thread_ts == message.ts


async def test_why_says_what_slack_refuses(slack: LoopbackSlack, run: Run):
    slack.fail("chat.postMessage", "restricted_action")
    async with run():
        await slack.people.command(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert "restricted_action" in whispers(slack, ANNA)[0]


@pytest.mark.parametrize("channel", [CHANNEL, "D0BETWEEN_OTHERS"])
async def test_the_shortcut_says_where_it_cannot_answer(slack: LoopbackSlack, run: Run, channel: str):
    """On any message of a workspace, also where the app is not."""
    slack.workspace.members[CHANNEL] = {ANNA, BEN}
    async with run():
        message = await slack.people.write(channel, BEN, QUESTION)
        await slack.people.shortcut(message, ANNA, "ask_why")
        await slack.workspace.until(lambda: whispers(slack, ANNA))
        await slack.people.arrive()

    assert "invite me" in whispers(slack, ANNA)[0]
    assert slack.people.deliveries[-1].result().acknowledged


async def test_more_threads_than_are_worked_on_at_once_are_all_answered(slack: LoopbackSlack, run: Run):
    async with run(at_once=2):
        asked = [await slack.people.write(DIRECT, ANNA, QUESTION) for _ in range(5)]
        for message in asked:
            await slack.workspace.until(lambda message=message: answers(slack, message), 5)
        for message in asked:
            await answer_of(slack, message, "Show evidence", 60)


async def test_people_may_talk_in_the_thread_without_being_answered(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")
        await slack.people.write(CHANNEL, BEN, "thanks, I am on it", asked.ts)
        await slack.people.arrive()
        await asyncio.sleep(0.2)

    assert len(answers(slack, asked)) == 1


async def test_follow_ups_of_several_people_are_answered_in_order(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.people.mention(CHANNEL, BEN, "did the fix work?", asked.ts)
        await slack.people.mention(CHANNEL, ANNA, QUESTION, asked.ts)
        await slack.workspace.until(lambda: len(answers(slack, asked)) == 3)
        await slack.workspace.until(lambda: not any("Stop" in read(m) for m in answers(slack, asked)), 30)

    heads = [read(message).splitlines()[0] for message in answers(slack, asked)]
    assert [head.split("  ")[0] for head in heads] == ["Diagnosed", "Not recovered", "Diagnosed"]


async def test_a_question_back_is_answered_by_a_button(slack: LoopbackSlack, run: Run, twins: Path):
    async with run(str(twins)):
        asked = await slack.people.mention(CHANNEL, ANNA, "why is basket down?")
        back = await answer_of(slack, asked, "Which one is meant?")
        await slack.people.click(back, BEN, "answer_2")
        answer = await answer_of(slack, asked, "Nothing wrong found")
        await slack.people.click(back, BEN, "answer_1")
        await slack.workspace.until(lambda: whispers(slack, BEN))

    assert "Deployment blue/basket" in read(back) and "Deployment green/basket" in read(back)
    assert "green" in read(answer)
    assert whispers(slack, BEN) == ["This was answered already."]


async def test_a_question_back_is_answered_in_words(slack: LoopbackSlack, run: Run, twins: Path):
    async with run(str(twins)):
        asked = await slack.people.mention(CHANNEL, ANNA, "why is basket down?")
        await answer_of(slack, asked, "Which one is meant?")
        await slack.people.write(CHANNEL, BEN, f"<@{ANNA}> do you know?", asked.ts)
        await slack.people.write(CHANNEL, BEN, "the one in blue", asked.ts)
        answer = await answer_of(slack, asked, "Nothing wrong found")

    assert "blue" in read(answer)
    assert len(answers(slack, asked)) == 2


async def test_stop_ends_a_question_back_and_the_next_question_begins_anew(
    slack: LoopbackSlack, run: Run, twins: Path
):
    async with run(str(twins)):
        asked = await slack.people.mention(CHANNEL, ANNA, "why is basket down?")
        back = await answer_of(slack, asked, "Which one is meant?")
        await slack.people.write(CHANNEL, ANNA, "stop", asked.ts)
        await answer_of(slack, asked, "Stopped.")
        await slack.people.mention(CHANNEL, ANNA, "why is basket in blue down?", asked.ts)
        answer = await answer_of(slack, asked, "Nothing wrong found")

    assert read(back) == "Stopped."
    assert "blue" in read(answer)


async def test_stop_drops_what_is_under_way_and_what_waits(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.people.mention(CHANNEL, BEN, "did the fix work?", asked.ts)
        await slack.workspace.until(lambda: len(answers(slack, asked)) == 2)
        await slack.people.click(answers(slack, asked)[0], BEN, "stop")
        await slack.workspace.until(lambda: all(read(m) == "Stopped." for m in answers(slack, asked)))
        await asyncio.sleep(0.3)

    assert [read(message) for message in answers(slack, asked)] == ["Stopped.", "Stopped."]


async def test_the_buttons_show_evidence_and_commands_to_whoever_clicks(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")
        await slack.people.click(answer, BEN, "show_evidence")
        await slack.workspace.until(lambda: whispers(slack, BEN))
        await slack.people.click(answer, ANNA, "show_commands")
        await slack.workspace.until(lambda: whispers(slack, ANNA))

    assert "[1]" in whispers(slack, BEN)[0] and "kubectl" in whispers(slack, BEN)[0]
    assert "Commands run" in whispers(slack, ANNA)[0] and "kubectl" in whispers(slack, ANNA)[0]


async def test_did_it_recover_asks_again_in_the_thread(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")
        await slack.people.click(answer, BEN, "did_it_recover")
        await answer_of(slack, asked, "Not recovered")


async def test_bad_input_is_one_sentence(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, "why does deployment/no-such-thing-anywhere fail?")
        answer = await slack.workspace.until(
            lambda: next((m for m in answers(slack, asked) if "Stop" not in read(m)), None), 20
        )

    assert "no-such-thing-anywhere" in read(answer)
    assert "Traceback" not in read(answer)


async def test_nothing_was_asked(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, "")
        answer = await slack.workspace.until(
            lambda: next((m for m in answers(slack, asked) if "Stop" not in read(m)), None), 20
        )

    assert answer.text


async def test_the_app_does_not_hear_itself(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed")
        told = answer.describe() | {"type": "message", "channel": CHANNEL, "channel_type": "channel"}
        slack.people.deliver_event(told | {"event_ts": answer.ts, "text": f"<@{BOT_USER}> why?"})
        await slack.people.arrive()
        await asyncio.sleep(0.2)

    assert len(answers(slack, asked)) == 1


async def test_an_edited_question_is_asked_again_in_place(slack: LoopbackSlack, run: Run, twins: Path):
    async with run(str(twins)):
        asked = await slack.people.write(DIRECT, ANNA, "why is basket in blue down?")
        answer = await answer_of(slack, asked, "Nothing wrong found")
        assert "green" not in read(answer)
        await slack.people.edit(asked, "why is basket in green down?")
        await slack.workspace.until(lambda: "green" in read(answer), 20)

    assert len(answers(slack, asked)) == 1


async def test_an_edit_stops_what_is_under_way(slack: LoopbackSlack, run: Run, twins: Path):
    async with run(str(twins)):
        asked = await slack.people.write(DIRECT, ANNA, "why is basket in blue down?")
        await slack.workspace.until(lambda: answers(slack, asked))
        await slack.people.edit(asked, "why is basket in green down?")
        answer = await answer_of(slack, asked, "Nothing wrong found")
        await slack.workspace.until(lambda: "green" in read(answer), 20)
        await asyncio.sleep(0.3)

    assert "green" in read(answer)
    assert len(answers(slack, asked)) == 1
