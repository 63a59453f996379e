"""Whether a Pod is well: what counts is what it does now, not what it once did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tools.cluster.pods import is_failing, is_well, list_containers

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def ago(seconds: int) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def make_pod(
    status: dict[str, Any],
    *,
    phase: str = "Running",
    ready: str = "True",
    age: int = 600,
    policy: str = "Always",
) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "creationTimestamp": ago(age)},
        "spec": {"restartPolicy": policy, "containers": [{"name": "web"}]},
        "status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [{"name": "web", "ready": ready == "True", **status}],
        },
    }


def running(seconds: int) -> dict[str, Any]:
    return {"running": {"startedAt": ago(seconds)}}


ENDED = {"terminated": {"exitCode": 1, "reason": "Error"}}


@pytest.mark.parametrize(
    ("pod", "well"),
    [
        (make_pod({"state": running(500)}), True),
        (make_pod({"state": {"terminated": {"exitCode": 0}}}, phase="Succeeded", ready="False"), True),
        (make_pod({"state": running(500)}, ready="False"), False),
        (make_pod({"state": running(10), "restartCount": 1, "lastState": ENDED}), True),
        (make_pod({"state": running(10), "restartCount": 6, "lastState": ENDED}), False),
        (make_pod({"state": running(3000), "restartCount": 6, "lastState": ENDED}, age=3600), True),
        (make_pod({"state": running(70), "restartCount": 6, "lastState": ENDED}, age=3600), False),
        (
            make_pod({"state": {"waiting": {"reason": "ContainerCreating"}}}, phase="Pending", ready="False"),
            False,
        ),
    ],
)
def test_wellness(pod: dict[str, Any], well: bool) -> None:
    assert is_well(pod, NOW) is well


@pytest.mark.parametrize(
    ("pod", "failing"),
    [
        (
            make_pod(
                {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ENDED}, ready="False"
            ),
            True,
        ),
        (make_pod({"state": ENDED}, policy="Never", ready="False"), True),
        (make_pod({"state": {"terminated": {"exitCode": 0}}}, policy="Never", ready="False"), False),
        (make_pod({"state": {"terminated": {"exitCode": 0}}}, ready="False"), True),
        (make_pod({"state": running(20), "restartCount": 5, "lastState": ENDED}), True),
        (make_pod({"state": running(900), "restartCount": 5, "lastState": ENDED}, age=1200), False),
        (make_pod({"state": {"waiting": {"reason": "ImagePullBackOff"}}}, ready="False"), False),
    ],
)
def test_failing_containers(pod: dict[str, Any], failing: bool) -> None:
    assert is_failing(list_containers(pod)[0], pod, NOW) is failing
