"""The buttons below progress, questions back and answers."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from surfaces.slack.blocks.answer import (
    DID_IT_RECOVER,
    DIG_DEEPER,
    EXPORT_INCIDENT,
    SHOW_COMMANDS,
    SHOW_EVIDENCE,
)
from surfaces.slack.blocks.steps import ANSWER, STOP
from surfaces.slack.desk import RECOVERED, Desk
from surfaces.slack.exhibits import Exhibits
from surfaces.slack.questions import DEEPER, Question

Body = dict[str, Any]

SETTLED = "This was answered already."
ANOTHER_CAUSE = "What else could be the cause?"


def register(app: AsyncApp, desk: Desk, exhibits: Exhibits) -> None:
    """Listen to the buttons."""
    _register_exhibits(app, desk, exhibits)

    @app.action(STOP, matchers=[knows(desk)])
    async def stop(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        if question := await desk.find(action["value"]):
            desk.spawn(desk.stop(question.place, body["user"]["id"]))

    @app.action(re.compile(f"^({DID_IT_RECOVER}|{DIG_DEEPER})$"), matchers=[knows(desk)])
    async def ask_on(ack: AsyncAck, body: Body, action: Body) -> None:
        if question := await desk.find(action["value"]):
            digs = action["action_id"] == DIG_DEEPER
            text, way = (ANOTHER_CAUSE, DEEPER) if digs else (RECOVERED, "button")
            await desk.take(_ask_on(question, body, action, text, way))
        await ack()

    @app.action(re.compile(f"^{ANSWER}\\d+$"), matchers=[knows(desk)])
    async def answer(ack: AsyncAck, body: Body, action: Body) -> None:
        question = await desk.find(action["value"])
        if question and await desk.is_open(question):
            chosen = action["action_id"].removeprefix(ANSWER)
            await desk.take(_ask_on(question, body, action, chosen))
        elif question:
            desk.spawn(desk.whisper(question.place, body["user"]["id"], SETTLED))
        await ack()


def knows(desk: Desk) -> Callable[..., Awaitable[bool]]:
    """Matches a click on a button of a question that is still known."""

    async def is_known(action: Body) -> bool:
        return await desk.find(action["value"]) is not None

    return is_known


def _register_exhibits(app: AsyncApp, desk: Desk, exhibits: Exhibits) -> None:
    """Listen to the buttons that show, and change nothing in the conversation."""
    shown = {
        SHOW_EVIDENCE: exhibits.show_evidence,
        SHOW_COMMANDS: exhibits.show_commands,
        EXPORT_INCIDENT: exhibits.export,
    }

    @app.action(re.compile(f"^({'|'.join(shown)})$"), matchers=[knows(desk)])
    async def show(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        desk.spawn(shown[action["action_id"]](action["value"], body["user"]["id"]))


def _ask_on(question: Question, body: Body, action: Body, text: str, way: str = "button") -> Question:
    """A further question in the thread of an earlier one; a click is one, however often it is delivered."""
    key, ts = f"{question.key}:{action['action_id']}:{action['action_ts']}", action["action_ts"]
    return Question(key, question.place, body["user"]["id"], text, way, ts)
