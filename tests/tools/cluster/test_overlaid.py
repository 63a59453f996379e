"""A cluster with pasted objects laid over it."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import ObjectRef
from tools.cluster.coverage import Coverage
from tools.cluster.overlaid import OverlaidCluster
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot

HERE = {("Pod", "shop"), ("ConfigMap", "shop"), ("Event", "shop")}


def make(kind: str, name: str, **parts: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **parts}


def event(name: str, pod: str, message: str, count: int = 1) -> dict[str, Any]:
    about = {"kind": "Pod", "name": pod, "namespace": "shop"}
    told = {"reason": "BackOff", "message": message, "count": count, "lastTimestamp": "2026-01-01T00:00:00Z"}
    return make("Event", name, involvedObject=about, type="Warning", **told)


def cluster(folder: Path, name: str, *items: dict[str, Any], log: str = "") -> RecordedCluster:
    home = folder / name / "cluster"
    home.mkdir(parents=True)
    (home / "all.json").write_bytes(orjson.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    if log:
        logs = folder / name / "logs" / "shop" / "gone"
        logs.mkdir(parents=True)
        (logs / "main.log").write_text(f"{log}\n")
    return RecordedCluster(home, name, coverage=Coverage.of(HERE, {}, ()))


@pytest.fixture
def overlaid(tmp_path: Path) -> OverlaidCluster:
    live = cluster(
        tmp_path, "prod", make("Pod", "web", spec={"nodeName": "a"}), event("e.1", "web", "same", 9)
    )
    gone = make("Pod", "gone", spec={"containers": [{"name": "main"}]})
    pasted = (
        *(make("Pod", "web", spec={"nodeName": "old"}), gone, make("ConfigMap", "settings")),
        *(make("Service", "web"), event("e.2", "web", "same"), event("e.3", "gone", "crashed")),
    )
    return OverlaidCluster(live, cluster(tmp_path, "pasted", *pasted, log="cannot open /etc/app.conf"))


async def test_the_cluster_is_believed_first(overlaid: OverlaidCluster) -> None:
    pods = await overlaid.list("Pod", "shop")
    assert [(ObjectRef.of(pod).name, pod["spec"].get("nodeName")) for pod in pods] == [
        ("web", "a"),
        ("gone", None),
    ]
    assert (await overlaid.get("Pod", "web", "shop"))["spec"]["nodeName"] == "a"


async def test_only_what_comes_and_goes_is_known_from_a_paste(overlaid: OverlaidCluster) -> None:
    assert await overlaid.list("ConfigMap", "shop") == []
    with pytest.raises(NotFound):
        await overlaid.get("ConfigMap", "settings", "shop")
    assert (await overlaid.get("Pod", "gone", "shop"))["metadata"]["name"] == "gone"
    assert {ref.name for ref in overlaid.added} == {"gone"}


async def test_a_paste_stands_in_for_what_cannot_be_read(overlaid: OverlaidCluster) -> None:
    assert [ObjectRef.of(item).name for item in await overlaid.list("Service", "shop")] == ["web"]
    with pytest.raises(ClusterUnavailable):
        await overlaid.list("Secret", "shop")


async def test_an_event_is_not_told_twice(overlaid: OverlaidCluster) -> None:
    told = [(item["message"], item["count"]) for item in await overlaid.events("shop")]
    assert sorted(told) == [("crashed", 1), ("same", 9)]


async def test_the_log_of_a_pod_that_is_gone(overlaid: OverlaidCluster) -> None:
    (line,) = await overlaid.logs("gone", "shop", "main")
    assert line.text == "cannot open /etc/app.conf"
    with pytest.raises(NotFound):
        await overlaid.logs("other", "shop", "main")


async def test_a_survey_knows_what_neither_holds(overlaid: OverlaidCluster) -> None:
    snapshot = await take_snapshot(overlaid)
    assert snapshot.find(ObjectRef(kind="Pod", name="gone", namespace="shop"))
    assert {"Secret", "Node"} <= snapshot.unseen.keys()
    assert {"Pod", "ConfigMap", "Event"}.isdisjoint(snapshot.unseen)
