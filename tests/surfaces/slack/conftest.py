"""The app over a loopback Slack, with a recorded incident in the channel's grant."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from domain.settings import Settings, SlackGrant, SlackSettings
from surfaces.slack.app import run_app
from surfaces.slack.desk import Desk
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.loopback.workspace import BOT_USER
from surfaces.slack.setup import SCOPES

CHANNEL, OTHER, DIRECT = "C0INCIDENTS", "C0OTHER", "D0ANNA"
ANNA, BEN, EVE = "U0ANNA", "U0BEN", "U0EVE"

Run = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
async def slack() -> AsyncIterator[LoopbackSlack]:
    async with serve_slack() as slack:
        slack.workspace.members = {
            CHANNEL: {BOT_USER, ANNA, BEN},
            OTHER: {BOT_USER, ANNA, EVE},
            DIRECT: {BOT_USER, ANNA},
        }
        slack.workspace.scopes = set(SCOPES)
        slack.workspace.groups = {"S0ONCALL": [ANNA]}
        yield slack


@pytest.fixture
def describe(slack: LoopbackSlack, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for the app; grants may be exchanged."""

    def make(incident: str = "missing-configmap-chain", **changes: Any) -> Settings:
        grant = SlackGrant(incident=incident)
        given: dict[str, Any] = {
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "api_url": slack.url,
            "channels": {CHANNEL: grant},
            "groups": {"S0ONCALL": grant},
            "contact": "the platform team",
            "progress_seconds": 0.1,
            "drain_seconds": 0,
            "questions": tmp_path / "slack.sqlite",
            "audit": tmp_path / "audit.ndjson",
        }
        return Settings(slack=SlackSettings(**given | changes), threads=tmp_path / "threads.sqlite")

    return make


@pytest.fixture
def run(describe: Callable[..., Settings]) -> Run:
    return lambda *incident, **changes: run_app(describe(*incident, **changes))
