"""The Slack app: its parts opened, its listeners registered, its connection held."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from domain.settings import Settings
from graphs.tracing import trace_with
from surfaces.serving.health import Health
from surfaces.serving.metrics import Metrics
from surfaces.slack.access import Access
from surfaces.slack.alerts.watch import AlertWatch
from surfaces.slack.audit import AuditLog
from surfaces.slack.audit_index import open_audit_index
from surfaces.slack.desk import Desk
from surfaces.slack.listeners import register_listeners
from surfaces.slack.parts import Parts
from surfaces.slack.port import look_at_socket, open_port
from surfaces.slack.poster import Poster, make_client
from surfaces.slack.quota import Quota
from surfaces.slack.storage.storage import open_storage
from tools.redaction import prepare
from tools.traces import open_tracer

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
        health, metrics = Health(), Metrics()
        index = await stack.enter_async_context(open_audit_index(settings))
        stack.enter_context(trace_with(await stack.enter_async_context(open_tracer(settings.traces))))
        storage = await stack.enter_async_context(open_storage(settings))
        parts = Parts(
            settings,
            storage,
            Poster(client, make_client(token, slack.api_url, patient=False), slack.progress_seconds),
            Access(settings, client),
            AuditLog(slack.audit, metrics, index),
            metrics,
            Quota(slack.limits, storage.questions),
        )
        desk = Desk(parts)
        watch = AlertWatch(parts, desk)
        await stack.enter_async_context(open_port(parts, client, watch, health))
        stack.push_async_callback(desk.close)
        app = AsyncApp(client=client, logger=LOGGER, process_before_response=True)
        register_listeners(app, desk, watch)
        await desk.open()
        handler = AsyncSocketModeHandler(app, slack.app_token.get_secret_value(), logger=LOGGER)
        stack.push_async_callback(handler.close_async)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        health.add("slack", lambda: look_at_socket(handler))
        stack.callback(health.end)
        yield desk
