"""Recordings that say what they hold whole."""

from pathlib import Path

import orjson
import pytest

from domain.errors import ClusterUnavailable, NotFound
from tools.cluster.coverage import Coverage
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
COVERAGE = Coverage.of(
    {("Pod", "shop"), ("ConfigMap", "shop"), ("Node", "")},
    {"Secret": "Secrets may not be read (403)."},
    ("shop",),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "all.json").write_bytes(orjson.dumps({"kind": "List", "apiVersion": "v1", "items": [POD]}))
    return tmp_path


def test_it_is_described_and_read_back() -> None:
    assert Coverage.model_validate(COVERAGE.describe()) == COVERAGE


async def test_absent_and_not_recorded_differ(folder: Path) -> None:
    cluster = RecordedCluster(folder, coverage=COVERAGE)
    assert await cluster.list("ConfigMap", "shop") == []
    assert await cluster.list("Node") == []
    with pytest.raises(NotFound):
        await cluster.get("ConfigMap", "settings", "shop")
    for kind, why in {"Secret": r"\(403\)", "Service": "Service objects were not recorded"}.items():
        with pytest.raises(ClusterUnavailable, match=why):
            await cluster.list(kind, "shop")
        with pytest.raises(ClusterUnavailable, match=why):
            await cluster.get(kind, "web", "shop")
    with pytest.raises(ClusterUnavailable, match="Namespace bank was not recorded"):
        await cluster.list("Pod", "bank")
    with pytest.raises(ClusterUnavailable, match="Event objects were not recorded"):
        await cluster.events("shop")


async def test_a_survey_says_what_was_not_recorded_in_one_sentence(folder: Path) -> None:
    snapshot = await take_snapshot(RecordedCluster(folder, coverage=COVERAGE))
    assert {"Pod", "ConfigMap", "Node"}.isdisjoint(snapshot.unseen)
    told = "Secret objects could not be read: Secrets may not be read (403)."
    assert snapshot.unseen["Secret"] == told
    assert snapshot.unseen["Service"] == snapshot.unseen["Event"]
    told = "more kinds of objects could not be read: they were not recorded."
    assert snapshot.unseen["Service"].endswith(told)
    assert not snapshot.bounds.allow("bank")


async def test_without_it_what_is_not_there_is_absent(folder: Path) -> None:
    cluster = RecordedCluster(folder)
    assert await cluster.list("Secret", "shop") == []
    snapshot = await take_snapshot(cluster)
    assert snapshot.unseen == {}
    assert snapshot.bounds.is_open
