"""Alertmanager's webhooks over HTTP, into the channel and its threads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from socket import socket
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from domain.settings import Settings, SlackGrant
from domain.surface_settings import ServingSettings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message
from tests.surfaces.slack.conftest import CHANNEL, OTHER
from tests.surfaces.slack.reading import answer_of, read

GRANT = {CHANNEL: SlackGrant(incident="missing-configmap-chain", alerts=True)}
PATH = f"/alertmanager/{CHANNEL}"


def make_alert(status: str = "firing", pod: str = "cache-service-576ff7c747-s2fxd", **more: Any) -> Any:
    labels = {"alertname": "KubePodNotReady", "namespace": "prod-apps", "pod": pod, "severity": "warning"}
    annotations = {"summary": "A Pod is not ready, token=ghp_1234567890abcdefghijklmnopqrstuvwxyz <!channel>"}
    told = {"status": status, "labels": labels, "annotations": annotations, "fingerprint": "8f2a"}
    return told | {"startsAt": "2026-05-04T10:00:00.123456789Z", "endsAt": "0001-01-01T00:00:00Z"} | more


def payload(*alerts: Any) -> dict[str, Any]:
    """As Alertmanager sends it, version 4."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="KubePodNotReady"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "kubewhy",
        "groupLabels": {"alertname": "KubePodNotReady"},
        "commonLabels": {"alertname": "KubePodNotReady"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts),
    }


def find_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


Open = Callable[..., Any]


@pytest.fixture
def open_app(describe: Callable[..., Settings]) -> Open:
    @asynccontextmanager
    async def start(shown: str = "", **changes: Any) -> AsyncIterator[aiohttp.ClientSession]:
        settings = describe(**{"channels": GRANT} | changes)
        serving = ServingSettings(port=find_port(), token=SecretStr(shown))
        async with (
            run_app(settings.model_copy(update={"serving": serving})),
            aiohttp.ClientSession(f"http://127.0.0.1:{serving.port}") as client,
        ):
            yield client

    return start


def roots(slack: LoopbackSlack) -> list[Message]:
    """What the app wrote that answers nothing."""
    return [message for message in slack.workspace.by_bot() if not message.thread_ts]


async def test_an_alert_is_written_into_the_channel_and_investigated_there(
    slack: LoopbackSlack, open_app: Open
):
    async with open_app() as client:
        told = await client.post(PATH, json=payload(make_alert()))
        assert told.status == 200 and (await told.json())["investigated"] == 1
        (root,) = roots(slack)
        await answer_of(slack, root, "Diagnosed")

    shown = read(root)
    assert root.channel == CHANNEL and "KubePodNotReady: Pod cache-service-576ff7c747-s2fxd" in shown
    assert "A Pod is not ready" in shown and "ghp_" not in shown
    assert "<!channel>" not in root.text


async def test_what_is_sent_again_is_folded_and_its_end_verified(slack: LoopbackSlack, open_app: Open):
    async with open_app() as client:
        await client.post(PATH, json=payload(make_alert()))
        (root,) = roots(slack)
        await answer_of(slack, root, "Diagnosed")
        again = await client.post(PATH, json=payload(make_alert()))
        assert (await again.json())["folded"] == 1
        over = await client.post(PATH, json=payload(make_alert("resolved")))
        assert (await over.json())["verified"] == 1
        await answer_of(slack, root, "Not recovered")

    assert roots(slack) == [root]


async def test_the_pods_of_one_workload_are_one_message_and_another_one_is_another(
    slack: LoopbackSlack, open_app: Open
):
    pods = [f"cache-service-576ff7c747-{letters}" for letters in ("s2fxd", "bbbbb", "ccccc")]
    others = make_alert(pod="payment-service-546d5b6949-x5cff"), make_alert(labels={"severity": "none"})
    async with open_app() as client:
        told = await client.post(PATH, json=payload(*(make_alert(pod=pod) for pod in pods), *others))
        assert await told.json() == {"investigated": 2, "verified": 0, "folded": 0, "ignored": 1}
        for root in roots(slack):
            await answer_of(slack, root, "Diagnosed")

    assert len(roots(slack)) == 2


async def test_a_storm_is_cut_off_and_said_to_be(slack: LoopbackSlack, open_app: Open):
    many = [make_alert(pod=f"basket-{number}") for number in range(25)]
    async with open_app() as client:
        told = await (await client.post(PATH, json=payload(*many))).json()

    assert told["ignored"] == 5 and len(roots(slack)) == told["investigated"] == 20


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        (f"/alertmanager/{OTHER}", payload(), 404, "alerts = true"),
        (PATH, {"version": "3", "alerts": []}, 400, "version"),
        (PATH, {"version": "4", "alerts": [{"status": "odd", "labels": {}}]}, 400, "alerts.0.status"),
        (PATH, [1], 400, "version 4"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_reason(
    open_app: Open, path: str, body: Any, status: int, told: str
):
    async with open_app() as client:
        answer = await client.post(path, json=body)
        assert answer.status == status and told in (await answer.json())["error"]


async def test_a_body_that_is_no_json_is_refused_and_one_that_is_too_large(open_app: Open):
    async with open_app() as client:
        assert (await client.post(PATH, data=b"{")).status == 400
        assert (await client.post(PATH, data=BytesIO(b" " * (2**20 + 1)))).status == 413


async def test_a_token_is_asked_for_where_one_is_set(slack: LoopbackSlack, open_app: Open):
    async with open_app(shown="right") as client:
        assert (await client.post(PATH, json=payload(make_alert()))).status == 401
        headers = {"Authorization": "Bearer right"}
        assert (await client.post(PATH, json=payload(make_alert()), headers=headers)).status == 200
        assert (await client.get("/healthz")).status == 200

    assert len(roots(slack)) == 1


async def test_while_slack_refuses_an_alert_is_to_be_sent_again_and_then_kept(
    slack: LoopbackSlack, open_app: Open
):
    slack.fail("chat.postMessage", "internal_error")
    async with open_app() as client:
        refused = await client.post(PATH, json=payload(make_alert()))
        assert refused.status == 503 and refused.headers["Retry-After"]
        kept = await client.post(PATH, json=payload(make_alert()))
        assert (await kept.json())["investigated"] == 1

    assert len(roots(slack)) == 1


async def test_two_alertmanagers_that_send_the_same_at_once_make_one_message(
    slack: LoopbackSlack, open_app: Open
):
    async with open_app() as client:
        both = await asyncio.gather(*(client.post(PATH, json=payload(make_alert())) for _ in range(2)))
        told = [await answer.json() for answer in both]

    assert sorted(item["investigated"] for item in told) == [0, 1]
    assert len(roots(slack)) == 1


async def test_the_metrics_and_the_health_of_the_app_are_served(slack: LoopbackSlack, open_app: Open):
    async with open_app() as client:
        await client.post(PATH, json=payload(make_alert()))
        await answer_of(slack, roots(slack)[0], "Diagnosed")
        await asyncio.sleep(0.3)
        ready, metrics = await client.get("/readyz"), await (await client.get("/metrics")).text()
        await slack.socket.drop()
        assert ready.status == 200

    assert 'kubewhy_questions_total{verdict="diagnosed",way="alert"} 1.0' in metrics
    assert 'kubewhy_question_seconds_count{verdict="diagnosed"} 1.0' in metrics
    assert "kubewhy_questions_waiting 0.0" in metrics


async def test_without_a_connection_to_slack_it_is_not_ready(slack: LoopbackSlack, open_app: Open):
    async with open_app() as client:
        slack.limit("apps.connections.open", times=1000)
        await slack.socket.drop()
        for _ in range(100):
            if (answer := await client.get("/readyz")).status == 503:
                break
            await asyncio.sleep(0.05)
        assert answer.status == 503 and "slack" in (await answer.json())["faults"]
        assert (await client.get("/healthz")).status == 200
