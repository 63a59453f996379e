import io
from collections.abc import Callable

import pytest
from rich.console import Console

from domain.errors import MalformedSettings
from domain.settings import Settings, SlackGrant
from surfaces.slack.demo import demonstrate
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import BOT_USER
from surfaces.slack.setup import check_setup
from tests.surfaces.slack.conftest import CHANNEL, OTHER


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


async def test_channels_that_it_is_not_in_are_named(slack: LoopbackSlack, describe: Callable[..., Settings]):
    slack.workspace.members[CHANNEL].discard(BOT_USER)
    grant = SlackGrant(incident="missing-configmap-chain")
    installation = await check_setup(describe(channels=dict.fromkeys((CHANNEL, OTHER, "C0HIDDEN"), grant)))

    assert installation.absent == (CHANNEL, "C0HIDDEN")
    assert installation.tell()[1] == f"Not in channel {CHANNEL}: say /invite @kubewhy there."


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
