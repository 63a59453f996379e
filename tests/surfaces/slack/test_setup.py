import io
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from domain.errors import MalformedSettings
from domain.settings import Settings
from surfaces.slack.demo import demonstrate
from surfaces.slack.listeners import commands, shortcuts
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.setup import SCOPES, check_setup

MANIFEST = yaml.safe_load((Path(__file__).parents[3] / "deploy/slack/manifest.yaml").read_text())


async def test_a_sound_setup_says_where_it_is_connected(describe: Callable[..., Settings]):
    installation = await check_setup(describe())

    assert installation.tell() == ["Connected to Loopback (https://loopback.slack.com/) as @kubewhy."]


async def test_a_missing_scope_is_named_with_what_it_is_for(
    slack: LoopbackSlack, describe: Callable[..., Settings]
):
    slack.workspace.scopes.discard("files:write")
    installation = await check_setup(describe())

    assert installation.missing == ("files:write",)
    assert "attach" in installation.tell()[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bot_token": ""}, "KUBEWHY_SLACK__BOT_TOKEN must be a token that begins with xoxb-"),
        ({"app_token": "xoxb-mixed-up"}, "KUBEWHY_SLACK__APP_TOKEN must be a token that begins with xapp-"),
        ({"bot_token": "xoxb-wrong"}, "Slack refuses KUBEWHY_SLACK__BOT_TOKEN: invalid_auth"),
        ({"app_token": "xapp-wrong"}, "Slack refuses KUBEWHY_SLACK__APP_TOKEN: invalid_auth"),
        ({"channels": {}, "groups": {}}, "Nobody may ask anything"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "Slack cannot be reached"),
    ],
)
async def test_what_is_missing_is_said_in_a_sentence(
    describe: Callable[..., Settings], changes: dict[str, object], told: str
):
    with pytest.raises(MalformedSettings, match=told) as raised:
        await check_setup(describe(**changes))
    assert "\n" not in str(raised.value)


def test_the_manifest_asks_for_what_the_app_uses():
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert MANIFEST["settings"]["socket_mode_enabled"] and MANIFEST["settings"]["interactivity"]["is_enabled"]
    assert [item["command"] for item in MANIFEST["features"]["slash_commands"]] == [commands.COMMAND]
    assert [item["callback_id"] for item in MANIFEST["features"]["shortcuts"]] == [shortcuts.CALLBACK]
    events = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert events == {"app_mention", "message.channels", "message.groups", "message.im"}


async def test_the_demonstration_shows_a_conversation():
    out = io.StringIO()
    await demonstrate(Console(file=out, width=100))
    shown = out.getvalue()

    for word in (
        "@Kubewhy",
        "Diagnosed",
        "Fix",
        "Show evidence",
        "Commands run",
        "only you",
        "Not recovered",
    ):
        assert word in shown, word
