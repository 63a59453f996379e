import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from domain.settings import SlackGrant
from surfaces.slack.alerts import read_alert
from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import CHANNEL, Run
from tests.surfaces.slack.reading import answer_of, answers

POD = "cache-service-576ff7c747-s2fxd"
GRANT = {CHANNEL: SlackGrant(incident="missing-configmap-chain", alerts=True)}


def alertmanager(state: str = "FIRING", pod: str = POD, name: str = "KubePodNotReady") -> dict[str, Any]:
    """As Alertmanager's default template writes."""
    labels = f"alertname={name}, container=cache, job=kube-state-metrics, namespace=prod-apps, pod={pod}"
    title = f"[{state}:1] {name} (cache kube-state-metrics prod-apps {pod})"
    return {
        "text": "",
        "attachments": [{"title": title, "text": f"*Labels*: {labels}\n*StartsAt*: 2026-05-04T10:00:00Z"}],
    }


@pytest.mark.parametrize(
    ("message", "about", "name", "resolved"),
    [
        (alertmanager(), f"Pod {POD} in namespace prod-apps", "KubePodNotReady", False),
        (alertmanager("RESOLVED"), f"Pod {POD} in namespace prod-apps", "KubePodNotReady", True),
        (
            {
                "attachments": [
                    {
                        "pretext": "Prometheus alert firing",
                        "fields": [
                            {"title": "Alertname", "value": "HighMemory", "short": True},
                            {"title": "Namespace", "value": "shop", "short": True},
                            {"title": "Deployment", "value": "basket", "short": True},
                        ],
                    }
                ]
            },
            "Deployment basket in namespace shop",
            "HighMemory",
            False,
        ),
        (
            {
                "text": "Triggered",
                "blocks": [
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": "*node:* `node-a`\n*alertname:* `Full`"},
                    }
                ],
            },
            "Node node-a",
            "Full",
            False,
        ),
    ],
)
def test_alerts_are_read_whoever_wrote_them(message: dict[str, Any], about: str, name: str, resolved: bool):
    alert = read_alert(message)

    assert alert is not None
    assert (alert.about, alert.labels["alertname"], alert.resolved) == (about, name, resolved)
    assert about in alert.question


@pytest.mark.parametrize(
    "text", ["Deployment of basket finished: OK", "Build 7 fired up", "namespace: shop, pod: basket", ""]
)
def test_what_other_bots_write_is_no_alert(text: str):
    assert read_alert({"text": text}) is None


def test_firing_and_resolved_are_one_alert_and_another_pod_is_another():
    prints = [read_alert(given).fingerprint for given in (alertmanager(), alertmanager("RESOLVED"))]  # type: ignore[union-attr]
    other = read_alert(alertmanager(pod="cache-service-576ff7c747-zzzzz"))

    assert prints[0] == prints[1]
    assert other is not None and other.fingerprint != prints[0]


async def test_an_alert_is_investigated_in_its_thread_and_its_end_verified_there(
    slack: LoopbackSlack, run: Run, tmp_path: Path
):
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, fired, "Diagnosed")
        again = await slack.people.alert(CHANNEL, **alertmanager())
        await slack.people.arrive()
        over = await slack.people.alert(CHANNEL, **alertmanager("RESOLVED"))
        await answer_of(slack, fired, "Not recovered")
        await slack.people.arrive()

    assert not answers(slack, again) and not answers(slack, over)
    lines = [json.loads(line) for line in (tmp_path / "audit.ndjson").read_text().splitlines()]
    folded = [line for line in lines if line["verdict"] == "folded"]
    assert [(line["thread"], line["into"]) for line in folded] == [(again.ts, fired.ts)]


async def test_alerts_are_left_alone_where_the_grant_does_not_say_so(slack: LoopbackSlack, run: Run):
    async with run():
        fired = await slack.people.alert(CHANNEL, **alertmanager())
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert not answers(slack, fired)


async def test_an_end_without_a_beginning_is_no_question(slack: LoopbackSlack, run: Run):
    async with run(channels=GRANT):
        over = await slack.people.alert(CHANNEL, **alertmanager("RESOLVED"))
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert not answers(slack, over)
