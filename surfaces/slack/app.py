"""The Slack app: its parts opened, its listeners registered, its connection held."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from domain.settings import Settings
from surfaces.slack.access import Access
from surfaces.slack.audit import AuditLog
from surfaces.slack.desk import Desk
from surfaces.slack.listeners import register_listeners
from surfaces.slack.parts import Parts
from surfaces.slack.poster import Poster, make_client
from surfaces.slack.storage.storage import open_storage
from tools.redaction import prepare

LOGGER = logging.getLogger("kubewhy.slack")


@asynccontextmanager
async def run_app(settings: Settings) -> AsyncIterator[Desk]:
    """Answer over Socket Mode until the block ends; what is unfinished then, the next process answers.

    Raises:
        CorruptThreads: a database cannot be used.
        MalformedSettings: a grant or the database cannot be used.
        QuestionsUnavailable: the database of several replicas cannot be reached.
        SlackApiError: Slack refuses the tokens.
    """
    slack = settings.slack
    token = slack.bot_token.get_secret_value()
    client = make_client(token, slack.api_url)
    await prepare()
    async with AsyncExitStack() as stack:
        parts = Parts(
            settings,
            await stack.enter_async_context(open_storage(settings)),
            Poster(client, make_client(token, slack.api_url, patient=False), slack.progress_seconds),
            Access(settings, client),
            AuditLog(slack.audit),
        )
        desk = Desk(parts)
        stack.push_async_callback(desk.close)
        app = AsyncApp(client=client, logger=LOGGER, process_before_response=True)
        register_listeners(app, desk)
        await desk.open()
        handler = AsyncSocketModeHandler(app, slack.app_token.get_secret_value(), logger=LOGGER)
        stack.push_async_callback(handler.close_async)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        yield desk
