"""The HTTP port: health that can fail, metrics as Prometheus reads them, tokens, faults that tell nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from domain.diagnosis import ModelCall
from domain.errors import MalformedSettings, QuestionsUnavailable
from domain.settings import Settings
from surfaces.serving import health
from surfaces.serving.health import Health
from surfaces.serving.metrics import Metrics
from surfaces.serving.server import Handler, require_token, serve


@asynccontextmanager
async def ask(*routes: web.RouteDef) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a server that serves these routes on a free port."""
    settings = Settings.model_validate({"serving": {"port": 0}})
    async with (
        serve(settings, routes) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_a_process_is_ready_while_no_check_has_anything_to_say():
    checks, told = Health(), {"slack": ""}

    async def look() -> str:
        return told["slack"]

    checks.add("slack", look)
    assert await checks.list_faults() == {"startup": "It is starting."}
    checks.begin()
    async with ask(*checks.routes()) as client:
        assert (await client.get("/readyz")).status == 200
        told["slack"] = "No connection."
        refused = await client.get("/readyz")
        assert refused.status == 503 and (await refused.json())["faults"] == {"slack": "No connection."}
        assert (await client.get("/healthz")).status == 200


async def test_a_check_that_hangs_or_breaks_counts_as_failed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    checks = Health()

    async def hang() -> str:
        await asyncio.sleep(30)
        return ""

    async def fall() -> str:
        raise OSError("password=hunter2")

    checks.add("database", hang)
    checks.add("disk", fall)
    faults = await checks.list_faults()

    assert "did not answer" in faults["database"]
    assert "OSError" in faults["disk"] and "hunter2" not in faults["disk"]


async def test_a_process_that_ends_is_not_ready_but_alive():
    checks = Health()
    checks.begin()
    checks.end()
    async with ask(*checks.routes()) as client:
        assert (await client.get("/readyz")).status == 503
        assert (await client.get("/healthz")).status == 200


async def test_metrics_are_what_prometheus_reads():
    metrics, waiting = Metrics(), 3

    async def count() -> int:
        return waiting

    metrics.watch_queue(count)
    metrics.add_verdict("mention", "diagnosed")
    calls = (
        ModelCall(model="m", role="plan", read=100, written=20, cost=0.25),
        ModelCall(model="m", role="plan", read=50, fault="It was no JSON."),
    )
    metrics.add_answer("diagnosed", 3.0, calls)
    async with ask(*metrics.routes()) as client:
        answer = await client.get("/metrics")
        families = [*text_string_to_metric_families(await answer.text())]

    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value for f in families for sample in f.samples
    }
    assert answer.status == 200
    assert found["kubewhy_questions_total", "diagnosed", "mention"] == 1
    assert found["kubewhy_questions_waiting",] == 3
    assert found["kubewhy_question_seconds_bucket", "5.0", "diagnosed"] == 1
    assert found["kubewhy_question_seconds_bucket", "2.0", "diagnosed"] == 0
    assert found["kubewhy_model_calls_total", "m", "plan", "used"] == 1
    assert found["kubewhy_model_calls_total", "m", "plan", "refused"] == 1
    assert found["kubewhy_model_tokens_total", "m", "read"] == 150
    assert found["kubewhy_model_cost_dollars_total", "m"] == 0.25
    assert any(name.startswith("process_cpu") for name, *_ in found)


async def test_metrics_are_served_while_the_queue_cannot_be_counted():
    metrics = Metrics()

    async def fail() -> int:
        raise QuestionsUnavailable("down")

    metrics.watch_queue(fail)
    async with ask(*metrics.routes()) as client:
        answer = await client.get("/metrics")
        assert answer.status == 200 and "kubewhy_questions_waiting NaN" in await answer.text()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer right", 200),
        ("Bearer wrong", 401),
        ("Basic right", 401),
        ("right", 401),
        ("", 401),
        ("Bearer ", 401),
    ],
)
async def test_a_token_is_asked_for_where_one_is_set(header: str, status: int):
    async with ask(web.get("/", require_token(greet, "right"))) as client:
        headers = {"Authorization": header} if header else {}
        assert (await client.get("/", headers=headers)).status == status


async def greet(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def test_without_a_token_none_is_asked_for():
    async with ask(web.get("/", require_token(greet, ""))) as client:
        assert (await client.get("/")).status == 200


async def test_a_fault_of_ours_says_nothing_of_what_it_was():
    async def break_down(_: web.Request) -> web.Response:
        raise RuntimeError("password=hunter2")

    handler: Handler = break_down
    async with ask(web.get("/", handler)) as client:
        answer = await client.get("/")
        assert answer.status == 500 and "hunter2" not in await answer.text()


async def test_without_a_port_nothing_listens():
    async with serve(Settings(), ()) as port:
        assert port is None


async def test_a_port_that_is_taken_is_one_sentence():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(MalformedSettings, match=f"Port {port} .* \\[serving\\]"):
            async with serve(Settings.model_validate({"serving": {"port": port}}), ()):
                pass
    finally:
        server.close()
        await server.wait_closed()
