"""The slash command ``/why``: the question is written into the channel, and answered in its thread."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError

from domain.errors import RefusedQuestion
from surfaces.slack.desk import Desk
from surfaces.slack.poster import UNREACHABLE
from surfaces.slack.questions import Place, Question
from surfaces.slack.text import read_text

COMMAND = "/why"
USAGE = "Say what is wrong, in your words: /why cannot the payment service start?"
NOT_TAKEN = "Slack did not let me write the question into the channel: ask again."
INVITE = "I am not in this channel: invite me, then ask again."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the command."""

    @app.command(COMMAND)
    async def hear_command(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        text = read_text(command.get("text", ""))
        place = Place(command["team_id"], command["channel_id"], "")
        await ack()
        if not text:
            await respond(USAGE)
            return
        key = f"command:{command['trigger_id']}"
        desk.spawn(_begin(desk, Question(key, place, command["user_id"], text, "command", ""), respond))


async def _begin(desk: Desk, question: Question, respond: AsyncRespond) -> None:
    """Begin a thread with the question, or tell whoever asked why not."""
    try:
        await desk.begin(question)
    except RefusedQuestion as refusal:
        await respond(str(refusal))
    except SlackApiError as error:
        is_stranger = error.response["error"] in ("not_in_channel", "channel_not_found")
        await respond(INVITE if is_stranger else f"{NOT_TAKEN} ({error.response['error']})")
    except UNREACHABLE:
        await respond(NOT_TAKEN)
