"""The buttons below progress, questions back and answers."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from surfaces.slack.blocks.answer import DID_IT_RECOVER, SHOW_COMMANDS, SHOW_EVIDENCE
from surfaces.slack.blocks.steps import ANSWER, STOP
from surfaces.slack.desk import RECOVERED, Desk
from surfaces.slack.questions import Question

Body = dict[str, Any]

SETTLED = "This was answered already."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the buttons."""

    @app.action(re.compile(f"^({SHOW_EVIDENCE}|{SHOW_COMMANDS})$"))
    async def show(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        desk.spawn(desk.show(action["value"], action["action_id"], body["user"]["id"]))

    @app.action(STOP)
    async def stop(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        if question := await desk.find(action["value"]):
            desk.spawn(desk.stop(question.place, body["user"]["id"]))

    @app.action(DID_IT_RECOVER)
    async def verify(ack: AsyncAck, body: Body, action: Body) -> None:
        if question := await desk.find(action["value"]):
            await desk.take(_ask_on(question, body, action, RECOVERED))
        await ack()

    @app.action(re.compile(f"^{ANSWER}\\d+$"))
    async def answer(ack: AsyncAck, body: Body, action: Body) -> None:
        question = await desk.find(action["value"])
        if question and await desk.is_open(question):
            chosen = action["action_id"].removeprefix(ANSWER)
            await desk.take(_ask_on(question, body, action, chosen))
        elif question:
            desk.spawn(desk.whisper(question.place, body["user"]["id"], SETTLED))
        await ack()


def _ask_on(question: Question, body: Body, action: Body, text: str) -> Question:
    """A further question in the thread of an earlier one; a click is one, however often it is delivered."""
    key, ts = f"{question.key}:{action['action_id']}:{action['action_ts']}", action["action_ts"]
    return Question(key, question.place, body["user"]["id"], text, "button", ts)
