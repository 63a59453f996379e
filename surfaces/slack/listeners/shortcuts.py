"""The message shortcut "Ask Kubewhy why": what a message says is the question, answered in its thread."""

from collections.abc import Iterator
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from surfaces.slack.desk import Desk
from surfaces.slack.listeners.commands import INVITE
from surfaces.slack.questions import Place, Question
from surfaces.slack.text import read_text

CALLBACK = "ask_why"


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the shortcut."""

    @app.shortcut(CALLBACK)
    async def hear_shortcut(ack: AsyncAck, shortcut: dict[str, Any], respond: AsyncRespond) -> None:
        message = shortcut["message"]
        channel, ts = shortcut["channel"]["id"], message["ts"]
        if not await desk.can_answer(channel):
            await ack()
            await respond(INVITE)
            return
        place = Place(shortcut["team"]["id"], channel, message.get("thread_ts") or ts)
        key = f"{place.team}:{channel}:{ts}:{shortcut['action_ts']}"
        text = read_text("\n".join(_texts(message)))
        await desk.take(Question(key, place, shortcut["user"]["id"], text, "shortcut", shortcut["action_ts"]))
        await ack()


def _texts(message: dict[str, Any]) -> Iterator[str]:
    """What a message says, also in the attachments in which bots write."""
    yield message.get("text", "")
    for attachment in message.get("attachments", ()):
        yield from (str(attachment[key]) for key in ("title", "text") if attachment.get(key))
