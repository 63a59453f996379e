"""The loopback refuses what Slack refuses: else the other tests would prove nothing."""

import asyncio

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.slack.loopback.limits import find_message_fault, list_block_faults
from surfaces.slack.loopback.server import BOT_TOKEN, LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, CHANNEL, OTHER

DIVIDER = {"type": "divider"}


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def buttons(**changes: object) -> dict[str, object]:
    button = {"type": "button", "action_id": "a", "value": "v", "text": {"type": "plain_text", "text": "t"}}
    return {"type": "actions", "elements": [button | changes]}


def rich(text: str, kind: str = "rich_text_section") -> dict[str, object]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": [{"type": "text", "text": text}]}]}


@pytest.mark.parametrize(
    "blocks",
    [
        [DIVIDER] * 50,
        [section("x" * 3000)],
        [buttons(value="x" * 2000)],
        [rich("x" * 3000)],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
    ],
)
def test_what_is_within_the_limits_is_taken(blocks: list[object]):
    assert not list_block_faults(blocks)


@pytest.mark.parametrize(
    "blocks",
    [
        [DIVIDER] * 51,
        [section("x" * 3001)],
        [section("")],
        [buttons(value="x" * 2001)],
        [buttons(text={"type": "plain_text", "text": "x" * 76})],
        [buttons(action_id="x" * 256)],
        [buttons() | {"elements": []}],
        [{"type": "actions", "elements": [*buttons()["elements"], *buttons()["elements"]]}],
        [rich("x" * 3001)],
        [rich("")],
        [rich("x", "rich_text_poem")],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "context", "elements": []}],
        [{"type": "poem"}],
        [DIVIDER | {"block_id": "a"}, DIVIDER | {"block_id": "a"}],
        "no list",
    ],
)
def test_what_exceeds_them_is_refused(blocks: list[object]):
    assert list_block_faults(blocks)
    assert find_message_fault({"text": "x", "blocks": blocks}) == "invalid_blocks"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 9000}}},
            "metadata_too_large",
        ),
    ],
)
def test_messages_have_limits_too(arguments: dict[str, object], error: str):
    assert find_message_fault(arguments) == error


async def refused(slack: LoopbackSlack, method: str, token: str = BOT_TOKEN, **given: object) -> str:
    with pytest.raises(SlackApiError) as raised:
        await AsyncWebClient(token, slack.url).api_call(method, json=given)
    return str(raised.value.response["error"])


async def test_calls_are_refused_as_slack_does(slack: LoopbackSlack):
    slack.workspace.members[OTHER] = {ANNA}
    slack.workspace.scopes.discard("files:write")

    assert await refused(slack, "auth.test", "xoxb-wrong") == "invalid_auth"
    assert await refused(slack, "chat.postMessage", channel="C0NONE", text="x") == "channel_not_found"
    assert await refused(slack, "chat.postMessage", channel=OTHER, text="x") == "not_in_channel"
    assert await refused(slack, "chat.postMessage", channel=CHANNEL, blocks=[section("")]) == "invalid_blocks"
    assert (
        await refused(slack, "chat.postEphemeral", channel=CHANNEL, user="U9", text="x")
        == "user_not_in_channel"
    )
    assert await refused(slack, "files.getUploadURLExternal", filename="a", length=1) == "missing_scope"
    assert await refused(slack, "chat.update", channel=CHANNEL, ts="1", text="x") == "message_not_found"
    assert await refused(slack, "no.such", channel=CHANNEL) == "unknown_method"


async def test_a_rate_limit_says_when_to_come_back(slack: LoopbackSlack):
    slack.limit("auth.test", seconds=7)
    client = AsyncWebClient(BOT_TOKEN, slack.url)
    with pytest.raises(SlackApiError) as raised:
        await client.auth_test()

    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "7"
    assert (await client.auth_test())["ok"]


async def test_files_arrive_in_their_thread(slack: LoopbackSlack):
    client = AsyncWebClient(BOT_TOKEN, slack.url)
    root = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    await client.files_upload_v2(channel=CHANNEL, thread_ts=root, filename="fix.yaml", content="a: b")

    message = slack.workspace.thread(CHANNEL, root)[-1]
    assert [slack.workspace.files[id_] for id_ in message.files] == [("fix.yaml", b"a: b")]


async def test_a_listener_that_never_comes_is_waited_for(slack: LoopbackSlack):
    message = await slack.people.write(CHANNEL, ANNA, "hello?")
    await asyncio.sleep(0.1)

    assert slack.people.deliveries[0].done() is False
    assert message.text == "hello?"
