"""What other bots write, or change in what they wrote: alerts, in channels that say so."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from surfaces.slack.alerts.reading import read_alert, says_resolved
from surfaces.slack.alerts.watch import AlertWatch, Source
from surfaces.slack.questions import Place

Event = dict[str, Any]

_CHANGED = "message_changed"


def register(app: AsyncApp, watch: AlertWatch) -> None:
    """Listen to the messages of bots. Bolt stops at the first listener that takes an event."""

    async def is_of_bot(event: Event, context: dict[str, Any]) -> bool:
        others = _unwrap(event).get("bot_id") not in (None, context["bot_id"])
        return others and watch.listens(event.get("channel", ""))

    @app.event("message", matchers=[is_of_bot])
    async def hear_alert(event: Event, body: Event) -> None:
        message = _unwrap(event)
        changed, root = message is not event, message.get("thread_ts") or message["ts"]
        place = Place(body.get("team_id") or event.get("team", ""), event["channel"], root)
        ts = event["event_ts"] if changed else message["ts"]
        if root != message["ts"]:
            if says_resolved(message):
                await watch.end_thread(place, ts)
            return
        alert = read_alert(message)
        if alert is None or (changed and not alert.resolved):
            return

        async def locate() -> Place:
            return place

        await watch.take(alert, Source(place.team, place.channel, ts), locate)


def _unwrap(event: Event) -> Event:
    """The message that an event tells of: PagerDuty writes the end of an alert into its first message."""
    message: Event = event.get("message", {}) if event.get("subtype") == _CHANGED else event
    return message
