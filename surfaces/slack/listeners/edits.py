"""Questions that are edited or deleted."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp

from surfaces.slack.desk import Desk
from surfaces.slack.text import read_text

Event = dict[str, Any]
Next = Callable[[], Awaitable[Any]]


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to edits and deletions: before the assistant, which keeps those of its pane to itself."""

    @app.middleware
    async def hear_edit(body: Event, next: Next) -> Any:  # bolt asks for this name
        event = body.get("event", {})
        if event.get("type") == "message" and event.get("subtype") == "message_changed":
            _take_edit(event, body, desk)
        elif event.get("type") == "message" and event.get("subtype") == "message_deleted":
            desk.spawn(desk.retract(_name(event, body, event["deleted_ts"])))
        return await next()


def _take_edit(event: Event, body: Event, desk: Desk) -> None:
    """Take an edited question; Slack also calls a message changed when it merely shows a link's preview.

    Of a deleted message with replies, a tombstone is left.
    """
    new, old = event.get("message", {}), event.get("previous_message", {})
    if new.get("subtype") == "tombstone":
        desk.spawn(desk.retract(_name(event, body, new["ts"])))
        return
    text = read_text(new.get("text", ""))
    if "bot_id" in new or not text or text == read_text(old.get("text", "")):
        return
    edited = new.get("edited", {}).get("ts") or event["event_ts"]
    desk.spawn(desk.revise(_name(event, body, new["ts"]), text, edited))


def _name(event: Event, body: Event, ts: str) -> str:
    return f"{body.get('team_id', '')}:{event['channel']}:{ts}"
