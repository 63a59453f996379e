"""A folder that ``kubectl cluster-info dump -o json --output-directory`` wrote opens as it is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import MalformedRecording, NotFound
from tools.cluster.recorded import RecordedCluster
from tools.incidents import INCIDENTS, open_incident
from tools.logs.store import LogQuery

SOURCE = INCIDENTS / "service-selector-typo"
FILES = {
    "nodes": ("Node", "v1"),
    "loyalty/pods": ("Pod", "v1"),
    "loyalty/services": ("Service", "v1"),
    "loyalty/events": ("Event", "v1"),
    "loyalty/replication-controllers": ("ReplicationController", "v1"),
    "loyalty/deployments": ("Deployment", "apps/v1"),
    "loyalty/replicasets": ("ReplicaSet", "apps/v1"),
    "loyalty/daemonsets": ("DaemonSet", "apps/v1"),
}
SECTION = (
    "==== START logs for container {0} of pod {1} ====\n{2}==== END logs for container {0} of pod {1} ====\n"
)


@pytest.fixture
async def dump(tmp_path: Path) -> Path:
    """What cluster-info dump would have written of a recorded incident: typed lists, items without kind."""
    recorded = RecordedCluster(SOURCE / "cluster")
    for file, (kind, version) in FILES.items():
        items = [
            {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}
            for item in await recorded.list(kind)
        ]
        path = tmp_path / "dump" / f"{file}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"kind": f"{kind}List", "apiVersion": version, "items": items}, indent=4))
    for pod in await recorded.list("Pod"):
        name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
        text = "".join(f"{line.text}\n" for line in await recorded.logs(name, "loyalty", container))
        path = tmp_path / "dump" / "loyalty" / name / "logs.txt"
        path.parent.mkdir()
        path.write_text(SECTION.format(container, f"loyalty/{name}", text))
    return tmp_path / "dump"


async def test_a_dump_answers_like_the_cluster(dump: Path) -> None:
    live, dumped = RecordedCluster(SOURCE / "cluster"), RecordedCluster(dump)
    for kind in ("Pod", "Service", "Deployment", "ReplicaSet", "Node", "Event"):
        assert await dumped.list(kind) == await live.list(kind), kind
    assert await dumped.version() == await live.version()
    assert await dumped.list("ReplicationController") == []


async def test_a_dump_opens_as_an_incident_with_logs(dump: Path) -> None:
    incident = open_incident(dump)
    assert (incident.id, incident.question, incident.expected) == ("dump", "", None)
    store = await incident.logs()
    hits = await store.search(LogQuery(text="upstream points-api failed", limit=3))
    await store.close()
    assert "points-api" in hits[0].document.message
    assert hits[0].document.labels["app"] == "rewards-web"
    assert incident.recorded_at is None
    assert abs(hits[0].document.time - await incident.cluster().now()) < timedelta(minutes=10)


async def test_a_log_that_could_not_be_requested_is_no_log(dump: Path) -> None:
    (pod,) = [
        p for p in await RecordedCluster(dump).list("Pod") if p["metadata"]["name"].startswith("rewards")
    ]
    name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
    error = "Request log error: the node is gone\n"
    (dump / "loyalty" / name / "logs.txt").write_text(SECTION.format(container, f"loyalty/{name}", error))
    with pytest.raises(NotFound, match="the node is gone"):
        await RecordedCluster(dump).logs(name, "loyalty", container)


async def test_logs_without_sections_are_malformed(dump: Path) -> None:
    (pod, *_) = await RecordedCluster(dump).list("Pod")
    (dump / "loyalty" / pod["metadata"]["name"] / "logs.txt").write_text("\nhello\n")
    with pytest.raises(MalformedRecording, match=r"logs\.txt, line 2: expected '==== START logs"):
        await RecordedCluster(dump).logs(
            pod["metadata"]["name"], "loyalty", pod["spec"]["containers"][0]["name"]
        )
