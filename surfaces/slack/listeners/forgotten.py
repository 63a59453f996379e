"""Buttons of what was forgotten since: they stay below old messages for ever."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

FORGOTTEN = "This was asked so long ago that I do not know it any more: ask again."


def register(app: AsyncApp) -> None:
    """Listen to what no other listener takes: registered last."""

    @app.action(re.compile(".*"))
    async def own_up(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(FORGOTTEN)
