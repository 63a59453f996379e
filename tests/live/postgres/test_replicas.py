"""Several replicas over one PostgreSQL: they share the work, and each question gets one answer."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from domain.settings import ServingSettings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.requests import SIGNING_SECRET, Requests
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message
from tests.live.postgres.conftest import Describe
from tests.live.postgres.server import Postgres
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, DIRECT
from tests.surfaces.slack.process import run_process
from tests.surfaces.slack.reading import answer_of, answers, read
from tests.surfaces.slack.test_http import find_port

pytestmark = pytest.mark.live

QUESTION = "payment service cannot start"
THREADS = 5
"""An odd number: the follow-up in each thread is delivered to another replica than its first question."""


def list_answered(path: Path) -> list[str]:
    """The threads of which a replica's audit log says that it answered in them."""
    lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return [line["thread"] for line in lines if line["verdict"] in ("diagnosed", "not-verified")]


def list_heads(slack: LoopbackSlack, asked: Message) -> list[str]:
    return [read(message).splitlines()[0].split("  ")[0] for message in answers(slack, asked)]


async def test_two_replicas_share_the_work_and_answer_once_and_in_order(
    slack: LoopbackSlack, replica: Describe, tmp_path: Path
):
    async with run_app(replica("one")), run_app(replica("two")):
        async with asyncio.timeout(10):
            await slack.socket.until(lambda: len(slack.socket.connections) == 2)
        asked = [await slack.people.write(DIRECT, ANNA, QUESTION) for _ in range(THREADS)]
        for message in asked:
            await slack.people.write(DIRECT, ANNA, "did the fix work?", message.ts)
        wanted = [["Diagnosed", "Not recovered"]] * THREADS
        await slack.workspace.until(lambda: [list_heads(slack, message) for message in asked] == wanted, 120)
        await slack.people.arrive()
        await asyncio.sleep(0.5)

    assert [list_heads(slack, message) for message in asked] == wanted
    one, two = (list_answered(tmp_path / f"{name}.ndjson") for name in ("one", "two"))
    assert one and two, "both had a part in it"
    assert sorted(one + two) == sorted([message.ts for message in asked] * 2), "each was answered once"


async def test_a_replica_that_is_killed_mid_answer_is_taken_over_by_the_other(
    slack: LoopbackSlack, replica: Describe, tmp_path: Path
):
    async with run_process(replica("one"), tmp_path) as process, run_app(replica("two")):
        async with asyncio.timeout(10):
            await slack.socket.until(lambda: len(slack.socket.connections) == 2)
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)  # delivered to the first
        await slack.workspace.until(lambda: answers(slack, asked))
        await process.kill()
        assert not list_answered(tmp_path / "one.ndjson")
        await answer_of(slack, asked, "Diagnosed", 60)
        await asyncio.sleep(0.5)

    assert list_heads(slack, asked) == ["Diagnosed"]
    assert list_answered(tmp_path / "two.ndjson") == [asked.ts]
    assert not list_answered(tmp_path / "one.ndjson")


async def test_stop_is_heard_by_the_replica_that_investigates(
    slack: LoopbackSlack, replica: Describe, monkeypatch
):
    from surfaces.slack.investigation import Investigation

    async def think(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Investigation, "_try", think)
    async with run_app(replica("one")), run_app(replica("two")):
        async with asyncio.timeout(10):
            await slack.socket.until(lambda: len(slack.socket.connections) == 2)
        for _ in range(2):  # one of the clicks arrives where the question is not investigated
            asked = await slack.people.write(DIRECT, ANNA, QUESTION)
            await slack.workspace.until(lambda asked=asked: answers(slack, asked))
            await slack.people.arrive()
            await slack.people.write(DIRECT, ANNA, "stop", asked.ts)
            await slack.people.write(CHANNEL, BEN, "that turns the next delivery to the other one")
            await answer_of(slack, asked, "Stopped.")
            await asyncio.sleep(1.5)
            assert list_heads(slack, asked) == ["Stopped."]


async def test_while_the_database_is_down_nothing_is_lost_and_the_answer_comes_after(
    slack: LoopbackSlack, replica: Describe, postgres: Postgres
):
    async with run_app(replica("one")):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await slack.workspace.until(lambda: answers(slack, asked))
        await asyncio.to_thread(postgres.stop)
        later = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await asyncio.sleep(2)
        await asyncio.to_thread(postgres.start)
        await answer_of(slack, asked, "Diagnosed", 60)
        await answer_of(slack, later, "Diagnosed", 60)
        await asyncio.sleep(0.5)

    assert [list_heads(slack, message) for message in (asked, later)] == [["Diagnosed"], ["Diagnosed"]]


async def test_replicas_behind_one_address_share_what_slack_sends_over_http(
    slack: LoopbackSlack, replica: Describe
):
    """The second delivery of an event, and a click, reach another replica than the first."""
    addresses, replicas = [], []
    for name in ("one", "two"):
        port = find_port()
        about = {"mode": "http", "app_token": "", "signing_secret": SIGNING_SECRET}
        serving = {"serving": ServingSettings(port=port)}
        replicas.append(replica(name, **about).model_copy(update=serving))
        addresses.append(f"http://127.0.0.1:{port}/slack/events")
    slack.people.courier = Requests(*addresses)
    async with run_app(replicas[0]), run_app(replicas[1]):
        asked = await slack.people.write(DIRECT, ANNA, QUESTION)
        await slack.people.arrive()
        slack.people.deliver_again(slack.people.deliveries[0])
        answer = await answer_of(slack, asked, "Show evidence", 60)
        await slack.people.click(answer, ANNA, "did_it_recover")
        await slack.workspace.until(lambda: list_heads(slack, asked) == ["Diagnosed", "Not recovered"], 60)
        await asyncio.sleep(0.5)

    assert list_heads(slack, asked) == ["Diagnosed", "Not recovered"]


async def test_a_rolling_update_loses_and_repeats_nothing(slack: LoopbackSlack, replica: Describe):
    """A new replica starts, an old one ends, and so on, while people ask."""
    slack.socket.ack_seconds = 1.0
    asked: list[Message] = []
    old = AsyncExitStack()
    await old.enter_async_context(run_app(replica("0")))
    for number in range(1, 5):
        asked.append(await slack.people.write(DIRECT, ANNA, QUESTION))
        await slack.people.write(DIRECT, ANNA, "did the fix work?", asked[-1].ts)
        new = AsyncExitStack()
        await new.enter_async_context(run_app(replica(str(number))))
        await slack.workspace.until(lambda: answers(slack, asked[-1]), 20)
        await old.aclose()
        old = new
    async with old:
        wanted = [["Diagnosed", "Not recovered"]] * len(asked)
        await slack.workspace.until(lambda: [list_heads(slack, message) for message in asked] == wanted, 120)
        await slack.people.arrive()
        await asyncio.sleep(0.5)

    assert [list_heads(slack, message) for message in asked] == wanted
