"""The ways in: each module registers its listeners with the app.

A listener only takes in and hands over, since Slack hears of it no sooner than it returns: what was taken is
on disk by then, and what failed is delivered again.
"""

from slack_bolt.async_app import AsyncApp

from surfaces.slack.alerts.watch import AlertWatch
from surfaces.slack.desk import Desk
from surfaces.slack.exhibits import Exhibits
from surfaces.slack.feedback import Feedback
from surfaces.slack.home import HomePublisher
from surfaces.slack.listeners import (
    alerts,
    assistant,
    buttons,
    commands,
    edits,
    forgotten,
    home,
    messages,
    ratings,
    shortcuts,
)
from surfaces.slack.parts import Parts


def register_listeners(app: AsyncApp, parts: Parts, desk: Desk, watch: AlertWatch) -> None:
    """Register every way in; alerts come before other messages, and edits before the pane."""
    alerts.register(app, watch)
    for module in (edits, assistant, messages, commands, shortcuts):
        module.register(app, desk)
    exhibits = Exhibits(parts)
    home.register(app, desk, HomePublisher(parts, app.client))
    buttons.register(app, desk, exhibits)
    ratings.register(app, desk, exhibits, Feedback(parts, exhibits))
    forgotten.register(app)
