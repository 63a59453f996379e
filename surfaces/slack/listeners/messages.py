"""Mentions, direct messages, and answers in threads that are ours."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from surfaces.slack.desk import Desk
from surfaces.slack.questions import DEEPER, Place, Question
from surfaces.slack.text import find_addressee, read_text

Event = dict[str, Any]

STOP_WORDS = {"stop", "cancel", "abort"}
DEEPER_WORDS = {"dig deeper", "deeper", "what else", "what else could it be"}

_OF_PEOPLE = {None, "file_share", "thread_broadcast"}
"""The subtypes of messages that people write; others tell of joining, editing, deleting, or are a bot's."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to mentions and messages."""

    @app.event("app_mention")
    async def hear_mention(event: Event, body: Event) -> None:
        if is_of_people(event):
            await take_message(event, body, desk, "mention")

    @app.event("message")
    async def hear_message(event: Event, body: Event, context: dict[str, Any]) -> None:
        if not is_of_people(event):
            return
        if event.get("channel_type") == "im":
            await take_message(event, body, desk, "message")
        elif await _is_for_us(event, body, desk, context["bot_user_id"]):
            await take_message(event, body, desk, "reply")


def is_of_people(event: Event) -> bool:
    """Whether a person wrote a message: no bot, and nobody who joins, edits or deletes."""
    return event.get("subtype") in _OF_PEOPLE and "bot_id" not in event and bool(event.get("user"))


async def _is_for_us(event: Event, body: Event, desk: Desk, own: str) -> bool:
    """Whether a message without a mention answers a question of ours, or says to stop.

    Other talk in a thread is between people; whoever means us mentions us.
    """
    if "thread_ts" not in event or find_addressee(event.get("text", "")) not in ("", own):
        return False
    place = _locate(event, body)
    if read_text(event.get("text", "")).casefold() in STOP_WORDS:
        return await desk.is_ours(place)
    return await desk.awaits_answer(place)


def _locate(event: Event, body: Event) -> Place:
    team = body.get("team_id") or event.get("team", "")
    return Place(team, event["channel"], event.get("thread_ts") or event["ts"])


async def take_message(event: Event, body: Event, desk: Desk, way: str) -> None:
    """Take the message as a question. A mention comes as two events, with the same ``ts``."""
    place, text = _locate(event, body), read_text(event.get("text", ""))
    if text.casefold() in STOP_WORDS:
        desk.spawn(desk.stop(place, event["user"]))
        return
    if text.casefold().rstrip("?!. ") in DEEPER_WORDS:
        way = DEEPER
    key = f"{place.team}:{place.channel}:{event['ts']}"
    await desk.take(Question(key, place, event["user"], text, way, event["ts"]))
