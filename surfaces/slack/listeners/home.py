"""The App Home, when somebody opens it."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from surfaces.slack.desk import Desk
from surfaces.slack.home import HomePublisher

Event = dict[str, Any]


def register(app: AsyncApp, desk: Desk, home: HomePublisher) -> None:
    """Listen to the opening of the App Home; its other tab holds the messages."""

    @app.event("app_home_opened")
    async def open_home(event: Event, body: Event) -> None:
        if event.get("tab") == "home":
            desk.spawn(home.publish(body["team_id"], event["user"]))
