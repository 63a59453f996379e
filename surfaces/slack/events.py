"""Slack over HTTP: the Events API, commands and clicks, each signed by Slack, for several replicas."""

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from domain.errors import MalformedSettings
from domain.settings import Settings

PATH = "/slack/events"
"""Where Slack is told to send everything: events, interactivity and the slash command."""


def make_app_routes(app: AsyncApp) -> list[web.RouteDef]:
    """The route to which Slack sends; what does not bear its signature, or is old, is refused with 401."""

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return [web.post(PATH, answer)]


def check_http(settings: Settings) -> None:
    """Let pass settings with which Slack can reach us over HTTP.

    Raises:
        MalformedSettings: there is no signing secret, or no port.
    """
    if not settings.slack.signing_secret.get_secret_value():
        raise MalformedSettings(
            "KUBEWHY_SLACK__SIGNING_SECRET must be set where Slack comes over HTTP: see Basic Information,"
            " App Credentials of your app on https://api.slack.com/apps."
        )
    if settings.serving.port is None:
        raise MalformedSettings(
            f"[serving] port must be set where Slack comes over HTTP: it sends to {PATH} there."
        )
