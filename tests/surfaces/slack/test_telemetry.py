"""What is told of the app from outside: metrics of every verdict, traces of every question."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from domain.settings import Settings
from domain.surface_settings import ServingSettings, TraceSettings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.loopback.otlp import read_attributes, serve_collector
from tests.surfaces.slack.conftest import ANNA, CHANNEL, EVE, OTHER
from tests.surfaces.slack.reading import answer_of, whispers
from tests.surfaces.slack.test_webhook import find_port

QUESTION = "payment service cannot start"
Describe = Callable[..., Settings]


async def ask(slack: LoopbackSlack, text: str = QUESTION) -> Any:
    asked = await slack.people.mention(CHANNEL, ANNA, text)
    return await answer_of(slack, asked, "Diagnosed")


async def test_a_question_in_slack_is_a_trace_that_is_sent_before_the_app_ends(
    slack: LoopbackSlack, describe: Describe
):
    async with serve_collector() as collector:
        traces = TraceSettings(endpoint=collector.url)
        async with run_app(describe().model_copy(update={"traces": traces})):
            await ask(slack)
            await ask(slack, "why does the cache not start?")

    outcomes = [
        read_attributes(span)["kubewhy.outcome"] for span in collector.spans if span.name == "question"
    ]
    assert outcomes == ["diagnosed", "diagnosed"]
    assert not any(word in raw for raw in collector.raw for word in (b"payment", ANNA.encode(), b"cache-"))


async def test_every_verdict_is_counted_by_the_way_it_came(slack: LoopbackSlack, describe: Describe):
    serving = ServingSettings(port=find_port())
    async with (
        run_app(describe().model_copy(update={"serving": serving})),
        aiohttp.ClientSession(f"http://127.0.0.1:{serving.port}") as client,
    ):
        await ask(slack)
        await slack.people.mention(OTHER, EVE, QUESTION)
        await slack.people.command(OTHER, EVE, QUESTION)
        await slack.workspace.until(lambda: len(whispers(slack, EVE)) == 2)
        await slack.people.arrive()
        told = await (await client.get("/metrics")).text()

    for way, verdict in (("mention", "asked"), ("mention", "refused"), ("command", "refused")):
        assert f'kubewhy_questions_total{{verdict="{verdict}",way="{way}"}} 1.0' in told
    assert 'kubewhy_question_seconds_count{verdict="refused"}' not in told
    assert EVE not in told and CHANNEL not in told


async def test_while_it_ends_it_is_alive_and_not_ready_until_the_answer_is_there(
    slack: LoopbackSlack, describe: Describe
):
    serving = ServingSettings(port=find_port())
    settings = describe(drain_seconds=20).model_copy(update={"serving": serving})
    app = run_app(settings)
    await app.__aenter__()
    asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
    await slack.workspace.until(lambda: [*slack.workspace.by_bot()])
    slack.limit("chat.update", times=2, seconds=1)
    closing = asyncio.create_task(app.__aexit__(None, None, None))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{serving.port}") as client:
        ready = await until(lambda: client.get("/readyz"), 503)
        assert (await client.get("/healthz")).status == 200
    await closing

    assert "shutdown" in (await ready.json())["faults"]
    assert await answer_of(slack, asked, "Diagnosed")


async def until(ask: Callable[[], Any], status: int) -> aiohttp.ClientResponse:
    """The first answer with that status."""
    async with asyncio.timeout(10):
        while True:
            answer: aiohttp.ClientResponse = await ask()
            if answer.status == status:
                await answer.read()
                return answer
            await asyncio.sleep(0.02)
