"""What the app serves over HTTP: health, metrics, and the alerts that Alertmanager sends."""

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.serving.health import Health
from surfaces.serving.server import serve
from surfaces.slack.alerts.watch import AlertWatch
from surfaces.slack.alerts.webhook import Webhook
from surfaces.slack.parts import Parts

LOCAL = ("127.0.0.1", "::1", "localhost")

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_port(
    parts: Parts, client: AsyncWebClient, watch: AlertWatch, health: Health, more: Iterable[web.RouteDef] = ()
) -> AsyncIterator[int | None]:
    """Serve all that, and ``more`` routes, until the block ends; it yields the port, if there is one.

    Raises:
        MalformedSettings: the port cannot be used.
        SlackApiError: Slack refuses the token.
    """
    settings = parts.settings
    if settings.serving.port is None:
        yield None
        return
    team = str((await client.auth_test())["team_id"])
    token = settings.serving.token.get_secret_value()
    if not token and settings.serving.host not in LOCAL:
        _log.warning("whoever reaches the port may send alerts: set [serving] token")
    webhook = Webhook(watch, parts.poster, team, token)
    health.add("database", lambda: _look_at_database(parts))
    parts.metrics.watch_queue(lambda: _count_waiting(parts))
    routes = [*health.routes(), *parts.metrics.routes(), *webhook.routes(), *more]
    async with serve(settings, routes) as port:
        yield port


async def look_at_socket(handler: AsyncSocketModeHandler) -> str:
    """What is wrong with the connection to Slack; nothing if it is open."""
    connected = await handler.client.is_connected()
    return "" if connected else "There is no connection to Slack at the moment."


async def _look_at_database(parts: Parts) -> str:
    await parts.questions.find("")
    return ""


async def _count_waiting(parts: Parts) -> int:
    return len(await parts.questions.unfinished())
