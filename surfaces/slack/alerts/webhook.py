"""Alertmanager's webhooks: each alert that is news is written into the channel, and investigated there."""

import logging
from collections.abc import Iterable
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_sdk.errors import SlackApiError

from domain.errors import QuestionsUnavailable
from surfaces.serving.server import require_token
from surfaces.slack.alerts.alert import Alert
from surfaces.slack.alerts.reading import keep_known, read_time
from surfaces.slack.alerts.watch import AlertWatch, Source, Verdict
from surfaces.slack.blocks.messages import Post
from surfaces.slack.blocks.parts import paragraph, span
from surfaces.slack.poster import UNREACHABLE, Poster
from surfaces.slack.questions import Place
from tools.redaction import redact

PATH = "/alertmanager/{channel}"
MOST_ALERTS = 20
"""Of one request that are looked at, one for each workload; the others are counted in the answer."""

MOST_SUMMARY = 300
_RETRY_SECONDS = "30"

_log = logging.getLogger(__name__)


class _Sent(BaseModel):
    """One alert of the payload; what else it holds is not used."""

    model_config = ConfigDict(extra="ignore")

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    starts: str = Field(default="", alias="startsAt")


class _Payload(BaseModel):
    """Version 4: prometheus.io/docs/alerting/latest/configuration/#webhook_config."""

    model_config = ConfigDict(extra="ignore")

    version: Literal["4"]
    alerts: list[_Sent]


class Webhook:
    """The endpoint ``/alertmanager/CHANNEL``, for channels whose grant has ``alerts = true``."""

    def __init__(self, watch: AlertWatch, poster: Poster, team: str, token: str) -> None:
        """Write with ``poster``, as the app of workspace ``team``; without a token, anyone may send."""
        self._watch = watch
        self._poster = poster
        self._team = team
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        """The route for Alertmanager."""
        return [web.post(PATH, require_token(self._take, self._token))]

    async def _take(self, request: web.Request) -> web.Response:
        """Answer 200 once each alert is kept; after a 503 all is sent again, and what was kept is folded."""
        channel = request.match_info["channel"]
        if not self._watch.listens(channel):
            return _refuse(404, f"The channel {channel[:20]!r} has no alerts = true in [slack.channels].")
        try:
            payload = _Payload.model_validate_json(await request.read())
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            return _refuse(400, f"This is no webhook of Alertmanager, version 4: see {where or 'the body'}.")
        try:
            return web.json_response(await self._take_all(channel, [*read_payload(payload.alerts)]))
        except (SlackApiError, QuestionsUnavailable, *UNREACHABLE) as error:
            _log.error("alerts for %s are not taken: %s", channel, error)
            return _refuse(503, "Slack or the database cannot be reached: send it again.")

    async def _take_all(self, channel: str, alerts: list[Alert]) -> dict[str, int]:
        told = dict.fromkeys(Verdict, 0)
        for alert in alerts[:MOST_ALERTS]:
            told[await self._take_one(channel, alert)] += 1
        told[Verdict.IGNORED] += len(alerts[MOST_ALERTS:])
        return {str(verdict): number for verdict, number in told.items()}

    async def _take_one(self, channel: str, alert: Alert) -> Verdict:
        async def announce() -> Place:
            ts = await self._poster.announce(channel, render_alert(alert))
            return Place(self._team, channel, ts)

        return await self._watch.take(alert, Source(self._team, channel), announce)


def read_payload(sent: Iterable[_Sent]) -> Iterable[Alert]:
    """The alerts, one for each rule and workload, firing ones first."""
    found: dict[str, Alert] = {}
    for item in sorted(sent, key=lambda item: item.status):
        summary = item.annotations.get("summary") or item.annotations.get("description", "")
        labels = keep_known(item.labels.items())
        alert = Alert(item.status == "resolved", labels, read_time(item.starts), summary)
        found.setdefault(alert.fingerprint, alert)
    return found.values()


def render_alert(alert: Alert) -> Post:
    """The message of an alert, below which it is investigated; its words stand literally."""
    head = f"{alert.name or 'Alert'}: {alert.about}"
    head += f", cluster {alert.cluster}" if alert.cluster else ""
    summary = redact(alert.summary)[:MOST_SUMMARY]
    return Post(
        f"Firing: {head}", [*paragraph(span("Firing  ", bold=True), span(head)), *paragraph(span(summary))]
    )


def _refuse(status: int, sentence: str) -> web.Response:
    headers = {"Retry-After": _RETRY_SECONDS} if status == 503 else {}
    return web.json_response({"error": sentence}, status=status, headers=headers)
