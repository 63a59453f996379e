"""Slack over HTTP: signed requests instead of a socket."""

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import time

import aiohttp
import pytest

from domain.errors import MalformedSettings
from domain.settings import ServingSettings, Settings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.requests import SIGNING_SECRET, Requests, sign
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.setup import check_setup
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL
from tests.surfaces.slack.reading import answer_of, answers, read, whispers

QUESTION = "payment service cannot start"
Over = Callable[..., Settings]


def find_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def over_http(describe: Callable[..., Settings]) -> Over:
    def make(**changes: object) -> Settings:
        about = {"mode": "http", "app_token": "", "signing_secret": SIGNING_SECRET}
        settings = describe(**about | changes)
        return settings.model_copy(update={"serving": ServingSettings(port=find_port())})

    return make


@pytest.fixture
async def address(slack: LoopbackSlack, over_http: Over) -> AsyncIterator[str]:
    """The app over HTTP, which the people of the loopback Slack reach at the address."""
    settings = over_http()
    address = f"http://127.0.0.1:{settings.serving.port}/slack/events"
    slack.people.courier = Requests(address)
    async with run_app(settings):
        yield address


async def test_a_mention_is_answered_in_its_thread(slack: LoopbackSlack, address: str):
    asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
    answer = await answer_of(slack, asked, "Show evidence", 30)
    await slack.people.arrive()

    assert answer.thread_ts == asked.ts and len(answers(slack, asked)) == 1
    assert slack.socket.connected == 0
    assert all(task.result().acknowledged for task in slack.people.deliveries)


async def test_commands_and_clicks_arrive_too(slack: LoopbackSlack, address: str):
    await slack.people.command(CHANNEL, ANNA, QUESTION)
    answer = await slack.workspace.until(
        lambda: next((m for m in slack.workspace.messages if "Show evidence" in read(m)), None), 30
    )
    await slack.people.click(answer, BEN, "show_evidence")
    await slack.workspace.until(lambda: whispers(slack, BEN))
    await slack.people.click(answer, BEN, "thumbs_down")
    await slack.workspace.until(lambda: slack.workspace.modals.get(BEN))

    assert "[1]" in whispers(slack, BEN)[0]


async def test_slack_finds_out_that_it_is_us(address: str):
    body = '{"type": "url_verification", "challenge": "say this"}'
    headers = sign(body) | {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers=headers) as answer,
    ):
        assert answer.status == 200 and "say this" in await answer.text()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign("{}", "another"),
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=0"},
    ],
    ids=["unsigned", "signed by somebody else", "made up"],
)
async def test_what_slack_did_not_sign_is_refused(
    slack: LoopbackSlack, address: str, headers: dict[str, str]
):
    about = headers | {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(address, data="{}", headers=about) as answer:
        assert answer.status == 401
    assert not slack.workspace.messages


async def test_what_was_signed_long_ago_is_refused(slack: LoopbackSlack, address: str):
    body = '{"type": "url_verification", "challenge": "say this"}'
    headers = sign(body, moment=time() - 600) | {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, headers=headers) as answer,
    ):
        assert answer.status == 401


async def test_what_is_asked_while_nobody_listens_is_delivered_again(slack: LoopbackSlack, over_http: Over):
    settings = over_http()
    slack.people.courier = Requests(f"http://127.0.0.1:{settings.serving.port}/slack/events")
    asked = await slack.people.write("D0ANNA", ANNA, QUESTION)
    async with run_app(settings):
        await slack.people.arrive()
        if not slack.people.deliveries[0].result().acknowledged:
            slack.people.deliver_again(slack.people.deliveries[0])
        await answer_of(slack, asked, "Show evidence", 30)

    assert len(answers(slack, asked)) == 1


async def test_setup_says_what_http_lacks(slack: LoopbackSlack, over_http: Over, tmp_path: Path):
    assert not (await check_setup(over_http())).missing
    with pytest.raises(MalformedSettings, match="KUBEWHY_SLACK__SIGNING_SECRET"):
        await check_setup(over_http(signing_secret=""))
    without = over_http().model_copy(update={"serving": ServingSettings()})
    with pytest.raises(MalformedSettings, match="port must be set"):
        await check_setup(without)
