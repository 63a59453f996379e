"""A recording of a broken workload that has every kind of secret in its objects, events and logs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.tools.redaction.planted import Planted

NOW = "2026-05-04T12:00:00Z"
META = {"namespace": "shop", "creationTimestamp": "2026-05-04T11:50:00Z"}
LABELS = {"app": "basket"}
POD = "basket-5d-x7"


def write_recording(folder: Path, planted: Sequence[Planted], password: str) -> Path:
    """A Deployment that crashes: its env, args, annotations, ConfigMap, events and logs hold secrets."""
    place = folder / "shop"
    place.mkdir(parents=True)
    container = {
        "name": "basket",
        "image": "registry.example/basket:1",
        "command": ["sh", "-c", f"mysql -uroot -p{password} && exec basket"],
        "args": ["--db-password", password],
        "env": [{"name": "ADMIN_PASSWORD", "value": password}]
        + [{"name": f"SETTING_{number}", "value": item.text} for number, item in enumerate(planted)],
    }
    notes = {f"example.com/note-{number}": item.text for number, item in enumerate(planted)}
    for plural, items in {
        "deployments": [_deployment(container, notes)],
        "replicasets": [_replicaset()],
        "pods": [_pod(container, notes, planted[0].text)],
        "configmaps": [_configmap(planted)],
        "events": [_event(number, item.text) for number, item in enumerate(planted)],
    }.items():
        (place / f"{plural}.json").write_text(json.dumps({"kind": "List", "items": items}))
    logs = place / POD
    logs.mkdir()
    text = "\n".join(f"ERROR cannot connect: {item.text}" for item in planted)
    text = f"{text}\nFATAL login as app with {password} failed, giving up"
    edge = f"logs for container basket of pod shop/{POD} ===="
    (logs / "logs.txt").write_text(f"==== START {edge}\n{text}\n==== END {edge}\n")
    return folder


def _deployment(container: dict[str, Any], notes: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": META | {"name": "basket", "uid": "d", "annotations": notes},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}},
        },
        "status": {"replicas": 1, "unavailableReplicas": 1},
    }


def _replicaset() -> dict[str, Any]:
    owner = [{"kind": "Deployment", "name": "basket", "controller": True}]
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": META | {"name": "basket-5d", "uid": "r", "ownerReferences": owner},
        "spec": {"replicas": 1},
        "status": {"replicas": 1},
    }


def _pod(container: dict[str, Any], notes: dict[str, str], last_words: str) -> dict[str, Any]:
    ended = {"exitCode": 1, "reason": "Error", "message": last_words, "finishedAt": "2026-05-04T11:59:00Z"}
    state = {
        "name": "basket",
        "ready": False,
        "restartCount": 5,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off restarting"}},
        "lastState": {"terminated": ended},
    }
    owner = [{"kind": "ReplicaSet", "name": "basket-5d", "controller": True}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": META
        | {"name": POD, "uid": "p", "labels": LABELS, "ownerReferences": owner, "annotations": notes},
        "spec": {"containers": [container], "nodeName": "node-a"},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False"}],
            "containerStatuses": [state],
        },
    }


def _configmap(planted: Sequence[Planted]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": META | {"name": "basket-config"},
        "data": {f"file-{number}": item.text for number, item in enumerate(planted)},
    }


def _event(number: int, text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": META | {"name": f"basket.{number}"},
        "involvedObject": {"kind": "Pod", "name": POD, "namespace": "shop", "apiVersion": "v1"},
        "type": "Warning",
        "reason": "Failed",
        "message": f"Error: {text}",
        "count": 1,
        "firstTimestamp": "2026-05-04T11:58:00Z",
        "lastTimestamp": NOW,
    }
