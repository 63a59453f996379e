"""The ways in: each module registers its listeners with the app.

A listener only takes in and hands over, since Slack hears of it no sooner than it returns: what was taken is
on disk by then, and what failed is delivered again.
"""

from slack_bolt.async_app import AsyncApp

from surfaces.slack.alerts.watch import AlertWatch
from surfaces.slack.desk import Desk
from surfaces.slack.listeners import alerts, assistant, buttons, commands, edits, messages, shortcuts


def register_listeners(app: AsyncApp, desk: Desk, watch: AlertWatch) -> None:
    """Register every way in; alerts come before other messages, and edits before the pane."""
    alerts.register(app, watch)
    for module in (edits, assistant, messages, commands, shortcuts, buttons):
        module.register(app, desk)
