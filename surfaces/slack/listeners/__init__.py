"""The ways in: each module registers its listeners with the app.

A listener only takes in and hands over, since Slack hears of it no sooner than it returns: what was taken is
on disk by then, and what failed is delivered again.
"""

from slack_bolt.async_app import AsyncApp

from surfaces.slack.desk import Desk
from surfaces.slack.listeners import buttons, commands, messages, shortcuts


def register_listeners(app: AsyncApp, desk: Desk) -> None:
    """Register every way in."""
    for module in (messages, commands, shortcuts, buttons):
        module.register(app, desk)
