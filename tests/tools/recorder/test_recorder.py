"""Recording a cluster: what is written, what is left out, and what could not be read."""

import builtins
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from domain.errors import ClusterUnavailable, MalformedRecording, NotFound, UnknownObject
from domain.objects import KubeObject, ObjectRef
from tools.cluster.reader import LogLine
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot
from tools.incidents import open_incident
from tools.recorder import RecordLimits, record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPELLED = "hunter2-and-more"
KEY = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "-----END PRIVATE KEY-----"]


def make(kind: str, name: str, namespace: str = "", version: str = "v1", **parts: Any) -> KubeObject:
    meta = {"name": name, **({"namespace": namespace} if namespace else {}), **parts.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **parts}


POD = make(
    "Pod",
    "web",
    "shop",
    metadata={"managedFields": [{"manager": "kubectl"}], "creationTimestamp": "2026-03-01T10:00:00Z"},
    spec={"containers": [{"name": "main", "env": [{"name": "DB_PASSWORD", "value": SPELLED}]}]},
    status={
        "phase": "Running",
        "containerStatuses": [
            {
                "name": "main",
                "restartCount": 1,
                "state": {"running": {"startedAt": "2026-03-01T11:30:00Z"}},
                "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-03-01T11:29:00Z"}},
            }
        ],
    },
)
RBAC = "rbac.authorization.k8s.io/v1"
ACCOUNT = {"kind": "ServiceAccount", "name": "web", "namespace": "shop"}
STRANGER = {"kind": "ServiceAccount", "name": "web", "namespace": "bank"}
OBJECTS = [
    POD,
    make("Pod", "vault", "bank", spec={"containers": [{"name": "main"}]}),
    make("ConfigMap", "settings", "shop", data={"url": f"postgres://app:{SPELLED}@db/shop", "size": "3"}),
    make("Secret", "db", "shop", data={"password": "aHVudGVyMi1hbmQtbW9yZQ=="}),
    make("Namespace", "shop"),
    make("Namespace", "bank"),
    make("Node", "node-a"),
    make("Widget", "first", "shop", "example.com/v1", spec={"size": 3}),
    make("ClusterRole", "reader", version=RBAC, rules=[]),
    make("ClusterRole", "stranger", version=RBAC, rules=[]),
    make("ClusterRoleBinding", "ours", version=RBAC, roleRef={"name": "reader"}, subjects=[ACCOUNT]),
    make("ClusterRoleBinding", "theirs", version=RBAC, roleRef={"name": "stranger"}, subjects=[STRANGER]),
    make("Event", "shop.1", "shop", involvedObject={"kind": "Pod", "name": "web", "namespace": "shop"}),
    make("Event", "bank.1", "bank", involvedObject={"kind": "Pod", "name": "vault", "namespace": "bank"}),
    make("Event", "node-a.1", "default", involvedObject={"kind": "Node", "name": "node-a"}),
    make("Event", "other.1", "default", involvedObject={"kind": "Pod", "name": "x", "namespace": "default"}),
    make("PodMetrics", "web", "shop", "metrics.k8s.io/v1beta1", containers=[{"name": "main"}]),
]


class Guarded(RecordedCluster):
    """A cluster that does not let us read some kinds, and breaks down when asked for others."""

    hidden: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    silent = False

    async def logs(
        self, pod: str, namespace: str, container: str, *, previous: bool = False, **limits: Any
    ) -> builtins.list[LogLine]:
        if self.silent and not previous:
            raise ClusterUnavailable("the kubelet does not answer\n(500)")
        return await super().logs(pod, namespace, container, previous=previous, **limits)

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        if kind in self.broken:
            raise RuntimeError("a bug")
        if kind in self.hidden:
            raise ClusterUnavailable(f"User 'eve' may not list {kind} in namespace {namespace} (403).")
        return await super().list(kind, namespace, labels=labels, fields=fields)


@pytest.fixture
def cluster(tmp_path: Path) -> Guarded:
    folder = tmp_path / "source" / "cluster"
    folder.mkdir(parents=True)
    (folder / "all.json").write_bytes(orjson.dumps({"kind": "List", "apiVersion": "v1", "items": OBJECTS}))
    return Guarded(folder, "prod", NOW)


def write_log(cluster: Guarded, lines: list[tuple[datetime, str]], ending: str = ".log") -> None:
    path = cluster.folder.parent / "logs" / "shop" / "web" / f"main{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{time:%Y-%m-%dT%H:%M:%S.%fZ} {text}\n" for time, text in lines))


async def take(cluster: Guarded, folder: Path, limits: RecordLimits | None = None) -> RecordedCluster:
    steps: list[tuple[str, int, int]] = []
    await record(
        cluster,
        ("shop",),
        HOUR,
        folder,
        progress=lambda stage, done, total: steps.append((stage, done, total)),
        question=f"is {SPELLED} wrong?",
        limits=limits or RecordLimits(),
    )
    last = {stage: (done, total) for stage, done, total in steps}
    assert list(last) == ["objects", "logs", "writing"]
    assert all(done == total > 0 for done, total in last.values())
    return open_incident(folder).cluster()


def contents(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def names(items: list[KubeObject]) -> list[str]:
    return [ObjectRef.of(item).name for item in items]


async def test_what_is_in_the_namespace_and_what_it_needs_is_recorded(
    cluster: Guarded, tmp_path: Path
) -> None:
    write_log(cluster, [(NOW - HOUR / 2, "ready")])
    recorded = await take(cluster, tmp_path / "out")
    kinds = ("Pod", "ConfigMap", "Secret", "Widget", "Node", "Namespace", "ClusterRole", "ClusterRoleBinding")
    found = {kind: names(await recorded.list(kind)) for kind in kinds}
    assert found == {
        "Pod": ["web"],
        "ConfigMap": ["settings"],
        "Secret": ["db"],
        "Widget": ["first"],
        "Node": ["node-a"],
        "Namespace": ["bank", "shop"],
        "ClusterRole": ["reader"],
        "ClusterRoleBinding": ["ours"],
    }
    assert sorted(names(await recorded.events())) == ["node-a.1", "shop.1"]
    assert names(await recorded.top("Pod", "shop")) == ["web"]
    assert await recorded.now() == NOW
    assert "managedFields" not in (await recorded.get("Pod", "web", "shop"))["metadata"]
    described = yaml.safe_load((tmp_path / "out" / "incident.yaml").read_text())
    assert described["provenance"] == "recorded"
    assert (described["cluster"], described["namespaces"]) == ("prod", ["shop"])


async def test_no_secret_is_written_and_the_same_one_has_the_same_number(
    cluster: Guarded, tmp_path: Path
) -> None:
    started = NOW - HOUR / 2
    lines = ["starting", *KEY, f"login with {SPELLED} failed", "giving up"]
    write_log(cluster, [(started + timedelta(seconds=n), text) for n, text in enumerate(lines)])
    recorded = await take(cluster, tmp_path / "out")
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    for secret in (SPELLED, "aHVudGVyMi1hbmQtbW9yZQ", KEY[1]):
        assert secret.encode() not in written
    env = (await recorded.get("Pod", "web", "shop"))["spec"]["containers"][0]["env"][0]["value"]
    assert env in (await recorded.get("ConfigMap", "settings", "shop"))["data"]["url"]
    log = await recorded.logs("web", "shop", "main")
    assert (log[0].text, log[0].time) == ("starting", started)
    assert (log[-1].text, log[-1].time) == ("giving up", started + timedelta(seconds=len(lines) - 1))
    assert log[-2].text == f"login with {env} failed"
    assert open_incident(tmp_path / "out").question == f"is {env} wrong?"


async def test_logs_go_as_far_back_as_was_asked_for_but_keep_their_last_lines(
    cluster: Guarded, tmp_path: Path
) -> None:
    write_log(cluster, [(NOW - timedelta(minutes=n), f"{n} minutes ago") for n in range(300, 0, -10)])
    write_log(cluster, [(NOW - timedelta(hours=9), f"line {n}") for n in range(40)], ".previous.log")
    recorded = await take(cluster, tmp_path / "out", RecordLimits(last_lines=3))
    texts = [line.text for line in await recorded.logs("web", "shop", "main")]
    assert (texts[0], texts[-1]) == ("60 minutes ago", "10 minutes ago")
    previous = await recorded.logs("web", "shop", "main", previous=True)
    assert [line.text for line in previous] == ["line 37", "line 38", "line 39"]


async def test_of_long_logs_the_end_is_kept(cluster: Guarded, tmp_path: Path) -> None:
    write_log(cluster, [(NOW - HOUR / 2, f"{n:04}" + "x" * 96) for n in range(100)])
    recorded = await take(cluster, tmp_path / "out", RecordLimits(run_characters=1000))
    texts = [line.text[:4] for line in await recorded.logs("web", "shop", "main")]
    assert texts == [f"{n:04}" for n in range(90, 100)]


async def test_a_log_that_could_not_be_read_is_not_taken_for_empty(cluster: Guarded, tmp_path: Path) -> None:
    write_log(cluster, [(NOW - HOUR / 2, "gives up")], ".previous.log")
    cluster.silent = True
    recorded = await take(cluster, tmp_path / "out")
    with pytest.raises(NotFound, match="was not readable: the kubelet does not answer"):
        await recorded.logs("web", "shop", "main")
    previous = await recorded.logs("web", "shop", "main", previous=True)
    assert [line.text for line in previous] == ["gives up"]


async def test_what_could_not_be_read_is_not_taken_for_absent(cluster: Guarded, tmp_path: Path) -> None:
    cluster.hidden = frozenset(("Secret", "Service", "StorageClass"))
    recorded = await take(cluster, tmp_path / "out")
    assert await recorded.list("Ingress") == []
    with pytest.raises(ClusterUnavailable, match="User 'eve' may not list Secret in namespace shop"):
        await recorded.get("Secret", "db", "shop")
    snapshot = await take_snapshot(recorded)
    assert snapshot.unseen.keys() == cluster.hidden
    assert "may not list Service" in snapshot.unseen["Service"]


async def test_other_namespaces_are_known_to_be_left_out(cluster: Guarded, tmp_path: Path) -> None:
    recorded = await take(cluster, tmp_path / "out")
    with pytest.raises(ClusterUnavailable, match="Namespace bank was not recorded"):
        await recorded.list("Pod", "bank")
    snapshot = await take_snapshot(recorded)
    assert (snapshot.bounds.allow("shop"), snapshot.bounds.allow("bank")) == (True, False)
    assert snapshot.bounds.outside == {"bank"}


async def test_a_folder_with_something_in_it_is_left_alone(cluster: Guarded, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    with pytest.raises(MalformedRecording, match="is not empty"):
        await record(cluster, ("shop",), HOUR, out, progress=lambda stage, done, total: None)
    assert contents(out) == ["letter.txt"]


@pytest.mark.parametrize("broken", ["Pod", "Node"])
async def test_nothing_is_left_behind_when_it_fails(cluster: Guarded, tmp_path: Path, broken: str) -> None:
    cluster.broken = frozenset((broken,))
    with pytest.raises(RuntimeError):
        await take(cluster, tmp_path / "out")
    assert contents(tmp_path) == ["source"]


async def test_a_namespace_that_does_not_exist(cluster: Guarded, tmp_path: Path) -> None:
    with pytest.raises(UnknownObject, match="no namespace 'shp'.*bank, shop"):
        await record(cluster, ("shp",), HOUR, tmp_path / "out", progress=lambda stage, done, total: None)


async def test_a_cluster_of_which_nothing_may_be_read(cluster: Guarded, tmp_path: Path) -> None:
    cluster.hidden = frozenset(resource.kind for resource in await cluster.resources())
    cluster.events = lambda *_: cluster.list("Pod")  # type: ignore[method-assign, assignment]
    cluster.top = lambda *_: cluster.list("Pod")  # type: ignore[method-assign, assignment]
    with pytest.raises(ClusterUnavailable, match="cannot be recorded: User 'eve' may not"):
        await record(cluster, ("shop",), HOUR, tmp_path / "out", progress=lambda stage, done, total: None)
    assert not (tmp_path / "out").exists()
