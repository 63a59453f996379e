import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.loopback.opensearch import LoopbackOpenSearch, serve_opensearch

pytest.register_assert_rewrite("tests.tools.logs.contract")  # asserts for others, in no module named test_*


def _workload(namespace: str) -> dict[str, list[dict[str, Any]]]:
    meta = {"namespace": namespace, "creationTimestamp": "2026-05-04T10:00:00Z"}
    labels = {"app": "basket"}
    container = {"name": "basket", "image": "registry.example/api:1"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta | {"name": "basket", "uid": f"d-{namespace}"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
        "status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1},
    }
    replicaset = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": meta
        | {
            "name": "basket-5d",
            "uid": f"r-{namespace}",
            "ownerReferences": [{"kind": "Deployment", "name": "basket", "controller": True}],
        },
        "spec": {"replicas": 1},
        "status": {"replicas": 1, "readyReplicas": 1},
    }
    running = {"running": {"startedAt": "2026-05-04T10:00:05Z"}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta
        | {
            "name": "basket-5d-x7",
            "uid": f"p-{namespace}",
            "labels": labels,
            "ownerReferences": [{"kind": "ReplicaSet", "name": "basket-5d", "controller": True}],
        },
        "spec": {"containers": [container], "nodeName": "node-a"},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "basket", "ready": True, "restartCount": 0, "state": running}],
        },
    }
    return {"deployments": [deployment], "replicasets": [replicaset], "pods": [pod]}


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    """A recording with a Deployment ``basket`` in two namespaces, both well: no words can tell them apart."""
    folder = tmp_path / "twins"
    for namespace in ("blue", "green"):
        place = folder / namespace
        place.mkdir(parents=True)
        for plural, items in _workload(namespace).items():
            (place / f"{plural}.json").write_text(json.dumps({"kind": "List", "items": items}))
    return folder


@pytest.fixture
async def opensearch() -> AsyncIterator[LoopbackOpenSearch]:
    async with serve_opensearch() as opensearch:
        yield opensearch
