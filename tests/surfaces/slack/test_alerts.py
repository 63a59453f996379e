import asyncio
import json
import re
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.settings import ClusterSettings, Settings, SlackGrant
from domain.surface_settings import SlackLimits
from surfaces.slack.alerts import watch
from surfaces.slack.alerts.alert import Alert
from surfaces.slack.alerts.reading import read_alert, says_resolved
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import BOT
from tests.surfaces.slack.conftest import CHANNEL, Run
from tests.surfaces.slack.reading import answer_of, answers, read

POD = "cache-service-576ff7c747-s2fxd"
SPACE = "in namespace prod-apps"
GRANT = {CHANNEL: SlackGrant(incident="missing-configmap-chain", alerts=True)}
START = "2026-05-04T10:00:00Z"


def alertmanager(
    state: str = "FIRING", pod: str = POD, name: str = "KubePodNotReady", starts: str = ""
) -> dict[str, Any]:
    """As Alertmanager's default template writes, with a text of one's own."""
    labels = f"alertname={name}, container=cache, job=kube-state-metrics, namespace=prod-apps, pod={pod}"
    title = f"[{state}:1] {name} (cache kube-state-metrics prod-apps {pod})"
    told = f"*Labels*: {labels}\n" + (f"*StartsAt*: {starts}" if starts else "")
    return {"text": "", "attachments": [{"title": title, "text": told}]}


GRAFANA = {
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
}
BLOCKS = {
    "text": "Triggered",
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*node:* `node-a`\n*alertname:* `Full`"}}
    ],
}
ROBUSTA = {
    "text": "Pod is crash looping",
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": ":fire: `firing` `high` <https://x|*Crash*>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Source:* `prod-eks`"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Alert:* Pod shop/basket-0 is waiting."},
        },
    ],
    "attachments": [
        {
            "blocks": [
                {
                    "type": "section",
                    "text": {
                        "type": "mrkdwn",
                        "text": "```label | value\n--------+-----\nalertname | KubePodCrashLooping\n"
                        "namespace | shop\npod | basket-0```",
                    },
                }
            ]
        }
    ],
}
PAGERDUTY = {
    "attachments": [
        {
            "fallback": "Triggered #4711",
            "title": "Triggered #4711: [FIRING:1] KubeDeploymentReplicasMismatch (warning)",
            "text": "Deployment shop/basket has not matched the expected number of replicas.",
            "fields": [{"title": "Service", "value": "Payments", "short": True}],
        }
    ]
}
CLOUDWATCH = {
    "attachments": [
        {
            "fallback": "CloudWatch Alarm",
            "fields": [
                {"title": "Alarm Name", "value": "cache-restarts"},
                {"title": "Old State", "value": "OK"},
                {"title": "Current State", "value": "ALARM"},
                {
                    "title": "Trigger",
                    "value": "Namespace: ContainerInsights Namespace: shop PodName: basket",
                },
                {"title": "ClusterName", "value": "arn:aws:eks:eu-west-1:123456789012:cluster/prod"},
                {"title": "StateChangeTime", "value": "2026-05-04T10:00:00.123+0000"},
            ],
        }
    ]
}
DATADOG = {
    "attachments": [
        {
            "title": "Recovered: pods are failing",
            "text": "kube_cluster_name:prod kube_namespace:shop kube_deployment:basket",
        }
    ]
}


@pytest.mark.parametrize(
    ("message", "about", "name", "resolved"),
    [
        (alertmanager(), f"Pod {POD} {SPACE}", "KubePodNotReady", False),
        (alertmanager("RESOLVED"), f"Pod {POD} {SPACE}", "KubePodNotReady", True),
        (GRAFANA, "Deployment basket in namespace shop", "HighMemory", False),
        (BLOCKS, "Node node-a", "Full", False),
        (ROBUSTA, "Pod basket-0 in namespace shop", "KubePodCrashLooping", False),
        (PAGERDUTY, "Deployment basket in namespace shop", "KubeDeploymentReplicasMismatch", False),
        (CLOUDWATCH, "Pod basket in namespace shop", "cache-restarts", False),
        (DATADOG, "Deployment basket in namespace shop", "", True),
    ],
)
def test_alerts_are_read_whoever_wrote_them(message: dict[str, Any], about: str, name: str, resolved: bool):
    alert = read_alert(message)

    assert alert is not None
    assert (alert.about, alert.name, alert.resolved) == (about, name, resolved)


@pytest.mark.parametrize(
    ("title", "about", "name"),
    [
        ("KubePodNotReady (cache kube-state-metrics prod-apps POD warning)", "prod-apps", "KubePodNotReady"),
        ("KubePodNotReady prod-apps (cache http kube-state-metrics POD w)", "prod-apps", "KubePodNotReady"),
        ("prod-apps (KubePodNotReady cache 10.0.0.1:80 kubelet POD w)", "prod-apps", "KubePodNotReady"),
        ("KubePodNotReady (cache prod-apps POD monitoring/k8s critical)", "prod-apps", "KubePodNotReady"),
        ("pod-not-ready POD", "", "pod-not-ready"),
        ("KubePodNotReady (cache kube-state-metrics prod-apps warning)", None, ""),
        ("Watchdog (none)", None, ""),
    ],
)
def test_the_default_title_of_alertmanager_tells_pods_by_their_values(
    title: str, about: str | None, name: str
):
    told = f"[FIRING:1] {title.replace('POD', POD)}"
    alert = read_alert({"text": "", "attachments": [{"title": told, "text": "", "fallback": told}]})

    if about is None:
        assert alert is None
        return
    assert alert is not None and alert.name == name
    assert alert.about == f"Pod {POD}" + (f" in namespace {about}" if about else "")


@pytest.mark.parametrize(
    ("message", "cluster"), [(ROBUSTA, "prod-eks"), (CLOUDWATCH, "prod"), (DATADOG, "prod"), (GRAFANA, "")]
)
def test_an_alert_names_its_cluster_in_many_ways(message: dict[str, Any], cluster: str):
    alert = read_alert(message)

    assert alert is not None and alert.cluster == cluster


@pytest.mark.parametrize(
    ("told", "starts"),
    [
        (START, "2026-05-04 10:00 UTC"),
        ("2026-05-04T10:00:00.123456789Z", "2026-05-04 10:00 UTC"),
        ("2026-05-04 12:00:00 +0200", "2026-05-04 10:00 UTC"),
        ("2026-05-04 10:00:00 UTC", "2026-05-04 10:00 UTC"),
        ("2026-05-04 10:00", "2026-05-04 10:00 UTC"),
        ("2026-99-04T10:00:00Z", ""),
        ("yesterday", ""),
    ],
)
def test_an_alert_says_since_when_it_fires(told: str, starts: str):
    alert = read_alert(alertmanager(starts=told))

    assert alert is not None
    assert alert.ask() == f"Why is cache-service {SPACE} in trouble? The alert KubePodNotReady fires" + (
        f" since {starts}." if starts else "."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Deployment of basket finished: OK",
        "Build 7 fired up",
        "namespace: shop, pod: basket",
        "Triggered #12 *Service:* checkout",
        "",
    ],
)
def test_what_other_bots_write_is_no_alert(text: str):
    assert read_alert({"text": text}) is None


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        (POD, "cache-service"),
        ("nightly-29012345-x7k2p", "nightly"),
        ("fluent-bit-x7k2p", "fluent-bit"),
        ("db-0", "Pod db-0"),
        ("basket", "Pod basket"),
    ],
)
def test_a_question_is_about_what_lasts_when_a_pod_is_replaced(pod: str, workload: str):
    alert = Alert(False, {"pod": pod, "namespace": "shop"})

    assert alert.workload == f"{workload} in namespace shop"


def test_firing_and_resolved_are_one_alert_and_so_are_the_pods_of_one_workload():
    def fingerprint(**told: str) -> str:
        alert = read_alert(alertmanager(**told))
        assert alert is not None
        return alert.fingerprint

    assert fingerprint() == fingerprint(state="RESOLVED")
    assert fingerprint() == fingerprint(pod="cache-service-576ff7c747-zzzzz")
    assert fingerprint() != fingerprint(pod="cart-service-576ff7c747-zzzzz")
    assert fingerprint() != fingerprint(name="KubePodCrashLooping")


WORDS = st.sampled_from(
    ["FIRING", "namespace", "pod", "=", ":", "|", " ", "\n", "`", "a-b", "A", "->", "2026-", "["]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(WORDS).map("".join),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "title", "value", "blocks", "fields", "elements"]), inner)
    ),
    max_leaves=20,
)


@given(st.fixed_dictionaries({"text": ANYTHING, "attachments": ANYTHING, "blocks": ANYTHING}))
def test_whatever_a_bot_writes_is_read_or_left_alone(message: dict[str, Any]):
    alert = read_alert(message)

    assert alert is None or all(re.fullmatch(r"[\w.-]{1,253}", value) for value in alert.labels.values())


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 50_000,
        "pod=" + " " * 50_000,
        "namespace" * 9_000,
        "FIRING" + ":" * 50_000,
        "-> " * 20_000,
        "pod:" + "-b" * 30_000,
        "*_`" * 20_000,
        "Pod a/" * 9_000,
        "cluster=" + "/:" * 30_000,
        "[FIRING:1] " + "a-" * 30_000,
        "[FIRING:1] " + "AaBb " * 15_000,
        "[FIRING:1] Aa" + "B" * 900 + "-",
    ],
)
def test_a_hostile_text_takes_no_longer_than_another(hostile: str):
    start = perf_counter()
    read_alert({"text": f"FIRING namespace=shop {hostile}"})
    says_resolved({"text": hostile})

    assert perf_counter() - start < 1.0


def read_audit(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.ndjson").read_text().splitlines()]


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
    folded = [line for line in read_audit(tmp_path) if line["verdict"] == "folded"]
    assert [(line["thread"], line["into"]) for line in folded] == [(again.ts, fired.ts)]


async def test_an_alert_that_flaps_is_told_of_once_and_not_investigated_again(
    slack: LoopbackSlack, run: Run, monkeypatch: pytest.MonkeyPatch
):
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, fired, "Diagnosed")
        await slack.people.alert(CHANNEL, **alertmanager("RESOLVED"))
        await answer_of(slack, fired, "Not recovered")
        back = await slack.people.alert(CHANNEL, **alertmanager())
        told = await answer_of(slack, back, "It flaps")
        await slack.people.alert(CHANNEL, **alertmanager("RESOLVED"))
        third = await slack.people.alert(CHANNEL, **alertmanager())
        await slack.people.arrive()
        assert len(answers(slack, fired)) == 2 and len(answers(slack, back)) == 1
        assert not answers(slack, third) and "cache-service" in read(told)

        later = watch.time() + 3601
        monkeypatch.setattr(watch, "time", lambda: later)
        fourth = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, fourth, "Diagnosed")


async def test_one_firing_is_investigated_once_however_long_it_is_repeated(
    slack: LoopbackSlack, run: Run, monkeypatch: pytest.MonkeyPatch
):
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **alertmanager(starts=START))
        await answer_of(slack, fired, "Diagnosed")
        later = watch.time() + 5 * 3600
        monkeypatch.setattr(watch, "time", lambda: later)
        again = await slack.people.alert(CHANNEL, **alertmanager(starts=START))
        await slack.people.arrive()
        anew = await slack.people.alert(CHANNEL, **alertmanager(starts="2026-05-04T15:00:00Z"))
        await answer_of(slack, anew, "Diagnosed")

    assert not answers(slack, again)


async def test_what_else_a_message_names_is_told(slack: LoopbackSlack, run: Run):
    several = alertmanager()
    others = "".join(f"\npod=basket-{n}-5d9c6f7b8-x7k2p namespace=prod-apps" for n in range(6))
    twin = "\npod=cache-service-576ff7c747-zzzzz namespace=prod-apps"
    several["attachments"][0]["text"] += twin + others
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **several)
        await answer_of(slack, fired, "Diagnosed")
        told = read(await answer_of(slack, fired, "also names"))

    assert "basket-0, basket-1" in told and "and 1 more" in told and "basket-5" not in told
    assert told.count("cache-service") == 1 and len(answers(slack, fired)) == 2


async def test_the_same_alert_of_two_bots_at_once_is_one(slack: LoopbackSlack, run: Run):
    async with run(channels=GRANT):
        both = [await slack.people.alert(CHANNEL, **alertmanager()) for _ in range(2)]
        await slack.workspace.until(lambda: any(answers(slack, one) for one in both))
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert sorted(len(answers(slack, one)) for one in both) == [0, 1]


async def test_an_alert_that_its_bot_rewrites_as_resolved_is_over(slack: LoopbackSlack, run: Run):
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, fired, "Diagnosed")
        rewritten = fired.describe() | {"bot_id": "B0ALERTS"} | alertmanager("RESOLVED")
        slack.people.deliver_event(
            {
                "type": "message",
                "subtype": "message_changed",
                "channel": CHANNEL,
                "event_ts": slack.workspace.next_ts(),
                "message": rewritten,
            }
        )
        await answer_of(slack, fired, "Not recovered")


async def test_an_end_that_is_told_in_the_thread_is_verified(slack: LoopbackSlack, run: Run):
    async with run(channels=GRANT):
        fired = await slack.people.alert(CHANNEL, **alertmanager())
        await answer_of(slack, fired, "Diagnosed")
        for text in ("Acknowledged by Anna", "Resolved by Anna", "Resolved by Anna"):
            about = {"bot_id": "B0ALERTS", "thread_ts": fired.ts, "text": text}
            event = {"type": "message", "channel": CHANNEL, "ts": slack.workspace.next_ts()}
            slack.people.deliver_event(event | about)
            await slack.people.arrive()
        await answer_of(slack, fired, "Not recovered")
        await asyncio.sleep(0.3)

    assert len(answers(slack, fired)) == 2


async def test_an_alert_that_was_refused_is_investigated_when_it_fires_again(
    slack: LoopbackSlack, run: Run, monkeypatch: pytest.MonkeyPatch
):
    async with run(channels=GRANT, limits=SlackLimits(channel_hour=1)):
        first = await slack.people.alert(CHANNEL, **alertmanager(name="Other"))
        await answer_of(slack, first, "Diagnosed")
        refused = await slack.people.alert(CHANNEL, **alertmanager(starts=START))
        await answer_of(slack, refused, "Ask again after")
    async with run(channels=GRANT):
        again = await slack.people.alert(CHANNEL, **alertmanager(starts=START))
        await answer_of(slack, again, "Diagnosed")
        third = await slack.people.alert(CHANNEL, **alertmanager(starts=START))
        await slack.people.arrive()

    assert not answers(slack, third)


async def test_its_own_messages_and_answers_in_threads_are_no_alerts(slack: LoopbackSlack, run: Run):
    async with run(channels=GRANT):
        root = await slack.people.alert(CHANNEL, text="Nightly report")
        for about in ({"bot_id": BOT}, {"bot_id": "B0OTHER", "thread_ts": root.ts}):
            event = {"type": "message", "channel": CHANNEL, "ts": slack.workspace.next_ts()}
            slack.people.deliver_event(event | alertmanager() | about)
        await slack.people.arrive()
        await asyncio.sleep(0.3)

    assert not [*slack.workspace.by_bot()]


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


async def test_an_alert_of_a_cluster_that_is_not_known_is_not_looked_for_in_another(
    slack: LoopbackSlack, describe: Any
):
    grant = SlackGrant(clusters=("production", "staging"), alerts=True)
    clusters = {"production": ClusterSettings(), "staging": ClusterSettings()}
    settings: Settings = describe(channels={CHANNEL: grant}).model_copy(update={"clusters": clusters})
    async with run_app(settings):
        fired = await slack.people.alert(CHANNEL, **ROBUSTA)
        told = await answer_of(slack, fired, "prod-eks")
        again = await slack.people.alert(CHANNEL, **ROBUSTA)
        await slack.people.arrive()

    assert "production" in read(told) and "aliases" in read(told)
    assert len(answers(slack, fired)) == 1 and not answers(slack, again)
