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
from surfaces.slack.events import check_http, make_app_routes
from surfaces.slack.listeners import register_listeners
from surfaces.slack.parts import Parts
from surfaces.slack.port import look_at_socket, open_port
from surfaces.slack.poster import Poster, make_client, open_session
from surfaces.slack.quota import Quota
from surfaces.slack.retention import tidy_up
from surfaces.slack.storage.storage import open_storage
from tools.redaction import prepare
from tools.traces import open_tracer

LOGGER = logging.getLogger("kubewhy.slack")


@asynccontextmanager
async def run_app(settings: Settings) -> AsyncIterator[Desk]:
    """Answer over Socket Mode or HTTP until the block ends; what is unfinished then, the next one answers.

    Raises:
        CorruptThreads: a database cannot be used.
        MalformedSettings: a grant or the database cannot be used.
        QuestionsUnavailable: the database of several replicas cannot be reached.
        SlackApiError: Slack refuses the tokens.
    """
    slack = settings.slack
    if slack.mode == "http":
        check_http(settings)
    token = slack.bot_token.get_secret_value()
    await prepare()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        client = make_client(token, slack.api_url, session)
        hasty = make_client(token, slack.api_url, session, patient=False)
        health, metrics = Health(), Metrics()
        index = await stack.enter_async_context(open_audit_index(settings))
        stack.enter_context(trace_with(await stack.enter_async_context(open_tracer(settings.traces))))
        storage = await stack.enter_async_context(open_storage(settings))
        parts = Parts(
            settings,
            storage,
            Poster(client, hasty, slack.progress_seconds),
            Access(settings, client),
            AuditLog(slack.audit, metrics, index),
            metrics,
            Quota(slack.limits, storage.questions),
        )
        desk = Desk(parts)
        watch = AlertWatch(parts, desk)
        app = AsyncApp(
            client=client,
            logger=LOGGER,
            process_before_response=True,
            signing_secret=slack.signing_secret.get_secret_value() or None,
        )
        register_listeners(app, parts, desk, watch)
        over_http = slack.mode == "http"
        routes = make_app_routes(app) if over_http else []
        await stack.enter_async_context(open_port(parts, client, watch, health, routes))
        await stack.enter_async_context(tidy_up(parts))
        stack.push_async_callback(desk.close)
        await desk.open()
        if not over_http:
            await stack.enter_async_context(_connect(app, slack.app_token.get_secret_value(), health))
        health.begin()
        stack.callback(health.end)
        yield desk


@asynccontextmanager
async def _connect(app: AsyncApp, token: str, health: Health) -> AsyncIterator[None]:
    """Hold a connection of Socket Mode until the block ends."""
    handler = AsyncSocketModeHandler(app, token, logger=LOGGER)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]
        health.add("slack", lambda: look_at_socket(handler))
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
