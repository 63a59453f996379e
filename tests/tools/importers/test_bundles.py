import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.errors import MalformedRecording
from tools.cluster.recorded_logs import ContainerRun
from tools.importers import files
from tools.importers.incident import write_incident
from tools.importers.registry import detect, import_recording
from tools.incidents import open_incident

POD = {
    "metadata": {"name": "web-0", "namespace": "shop", "uid": "u-1"},
    "spec": {"containers": [{"name": "app", "image": "registry.local/web:1"}]},
    "status": {"phase": "Running"},
}
EVENT = {
    "metadata": {"name": "web-0.1", "namespace": "shop"},
    "involvedObject": {"kind": "Pod", "name": "web-0", "namespace": "shop"},
    "reason": "BackOff",
    "message": "Back-off restarting failed container",
    "type": "Warning",
    "lastTimestamp": "2031-05-06T12:00:00Z",
}


def listed(kind: str, *items: Mapping[str, Any]) -> str:
    return json.dumps(
        {"kind": f"{kind}List", "apiVersion": "v1", "metadata": {}, "items": list(items) or None}
    )


BUNDLE = {
    "bundle/version.yaml": "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n",
    "bundle/cluster-info/cluster_version.json": json.dumps(
        {"info": {"gitVersion": "v1.33.1"}, "string": "v1.33.1"}
    ),
    "bundle/cluster-resources/pods/shop.json": listed("Pod", POD),
    "bundle/cluster-resources/jobs/shop.json": listed("Job"),
    "bundle/cluster-resources/events/shop.json": listed("Event", EVENT),
    "bundle/cluster-resources/configmaps/shop.json": json.dumps(
        [{"metadata": {"name": "settings", "namespace": "shop"}, "data": {"mode": "fast"}}]
    ),
    "bundle/cluster-resources/groups.json": json.dumps([{"name": "apps"}]),
    "bundle/cluster-resources/custom-resources/widgets.example.com/shop.yaml": yaml.safe_dump(
        [{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w1", "namespace": "shop"}}]
    ),
    "bundle/cluster-resources/pods/logs/shop/web-0/app.log": "hello\n",
    "bundle/cluster-resources/pods/logs/shop/web-0/app-previous.log": "fatal: no database\n",
    "bundle/all-logs/web-0/app.log": "hello\n",
    "bundle/all-logs/unknown-9/app.log": "of somebody else\n",
    "bundle/ping/result.json": json.dumps({"isConnected": False}),
    "bundle/secrets/shop/db.json": json.dumps({"name": "db", "value": "hunter2hunter2"}),
    "bundle/files/archive.bin": "\0\1\2",
}

GATHERED = {
    "must-gather/quay-io-image/version": "openshift\n",
    "must-gather/quay-io-image/cluster-scoped-resources/core/nodes/node-1.yaml": yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}
    ),
    "must-gather/quay-io-image/namespaces/shop/core/pods.yaml": yaml.safe_dump(
        {"apiVersion": "v1", "kind": "PodList", "items": [POD]}
    ),
    "must-gather/quay-io-image/namespaces/shop/core/events.yaml": yaml.safe_dump(
        {"apiVersion": "v1", "kind": "EventList", "items": [EVENT]}
    ),
    "must-gather/quay-io-image/namespaces/shop/core/secrets.yaml": yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "SecretList",
            "items": [
                {"metadata": {"name": "db", "namespace": "shop"}, "data": {"password": "aHVudGVyMg=="}}
            ],
        }
    ),
    "must-gather/quay-io-image/namespaces/shop/apps/deployments.yaml": yaml.safe_dump(
        {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": []}
    ),
    "must-gather/quay-io-image/namespaces/shop/pods/web-0/app/app/logs/current.log": (
        "2031-05-06T11:59:59.5Z hello\n"
    ),
    "must-gather/quay-io-image/namespaces/shop/pods/web-0/app/app/logs/previous.log": "fatal: no database\n",
}


def lay_out(content: Mapping[str, str], folder: Path) -> Path:
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / next(iter(content)).partition("/")[0]


def pack(
    content: Mapping[str, str], path: Path, extra: Mapping[tarfile.TarInfo, bytes] | None = None
) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
        for info, data in (extra or {}).items():
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture(params=["packed", "unpacked"])
def bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return pack(BUNDLE, tmp_path / "b.tar.gz") if request.param == "packed" else lay_out(BUNDLE, tmp_path)


@pytest.fixture(params=["packed", "unpacked"])
def gathered(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return pack(GATHERED, tmp_path / "g.tgz") if request.param == "packed" else lay_out(GATHERED, tmp_path)


async def test_a_support_bundle_becomes_an_incident_that_can_be_explored(
    bundle: Path, tmp_path: Path
) -> None:
    importer = detect(bundle)
    assert importer is not None and "bundle" in importer.name
    incident = open_incident(write_incident(import_recording(bundle), tmp_path / "out"))
    cluster = incident.cluster()
    assert [pod["metadata"]["name"] for pod in await cluster.list("Pod", "shop")] == ["web-0"]
    assert [item["metadata"]["name"] for item in await cluster.list("ConfigMap")] == ["settings"]
    assert [item["metadata"]["name"] for item in await cluster.list("Widget")] == ["w1"]
    assert [event["reason"] for event in await cluster.events("shop")] == ["BackOff"]
    assert [line.text for line in await cluster.logs("web-0", "shop", "app")] == ["hello"]
    lines = await cluster.logs("web-0", "shop", "app", previous=True)
    assert [line.text for line in lines] == ["fatal: no database"]
    assert await cluster.version() == "v1.33.1"


def test_the_rest_of_a_bundle_is_kept_as_text(bundle: Path) -> None:
    left = {"/".join(Path(o.origin).parts[-2:]): o.text for o in import_recording(bundle).leftovers}
    assert left.keys() == {
        "bundle/version.yaml" if bundle.is_file() else "version.yaml",
        "unknown-9/app.log",
        "ping/result.json",
        "shop/db.json",
        "files/archive.bin",
    }
    assert json.loads(left["ping/result.json"]) == {"isConnected": False}
    assert "hunter2" not in str(left)
    assert "not text" in left["files/archive.bin"]


async def test_a_must_gather_becomes_an_incident_that_can_be_explored(gathered: Path, tmp_path: Path) -> None:
    importer = detect(gathered)
    assert importer is not None and "must-gather" in importer.name
    folder = write_incident(import_recording(gathered), tmp_path / "out")
    cluster = open_incident(folder).cluster()
    assert [item["metadata"]["name"] for item in await cluster.list("Node")] == ["node-1"]
    assert [item["metadata"]["name"] for item in await cluster.list("Pod", "shop")] == ["web-0"]
    assert (await cluster.get("Secret", "db", "shop"))["data"] == {"password": None}
    assert [event["reason"] for event in await cluster.events("shop")] == ["BackOff"]
    (line,) = await cluster.logs("web-0", "shop", "app")
    assert line.text == "hello" and line.time is not None
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"aHVudGVyMg" not in written


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def test_nothing_in_an_archive_leads_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "private.log").write_text("mine\n")
    logs = "bundle/cluster-resources/pods/logs/shop"
    extra = {
        member("../escaped.json", size=2): b"{}",
        member("/tmp/escaped.json", size=2): b"{}",  # noqa: S108
        member(f"{logs}/web-0/side.log", tarfile.SYMTYPE, str(tmp_path / "private.log")): b"",
        member(f"{logs}/web-0/hard.log", tarfile.LNKTYPE, "../../private.log"): b"",
        member(f"{logs}/web-0/fifo.log", tarfile.FIFOTYPE): b"",
    }
    path = pack(BUNDLE, tmp_path / "b.tar.gz", extra)
    imported = import_recording(path)
    assert imported.logs.keys() == {
        ContainerRun("shop", "web-0", "app"),
        ContainerRun("shop", "web-0", "app", previous=True),
    }
    assert "escaped" not in str(imported.leftovers)
    assert {entry.name for entry in tmp_path.iterdir()} == {"b.tar.gz", "private.log"}


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "private.json").write_text(
        listed("Pod", POD | {"metadata": {"name": "mine", "namespace": "shop"}})
    )
    root = lay_out(BUNDLE, tmp_path)
    (root / "cluster-resources" / "pods" / "other.json").symlink_to(tmp_path / "private.json")
    names = {item["metadata"]["name"] for item in import_recording(root).objects}
    assert "mine" not in names


@pytest.mark.parametrize("name", ["..", "../../up", "a/b", "", "x" * 300])
def test_names_in_objects_do_not_become_paths(name: str, tmp_path: Path) -> None:
    evil = {"metadata": {"name": "web-0", "namespace": name}, "spec": {}, "status": {}}
    content = BUNDLE | {"bundle/cluster-resources/pods/evil.json": listed("Pod", evil)}
    write_incident(import_recording(pack(content, tmp_path / "b.tar.gz")), tmp_path / "a" / "b" / "out")
    inside = tmp_path / "a" / "b" / "out"
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and inside not in p.parents]
    assert [path.name for path in outside] == ["b.tar.gz"]


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 2**20)
    path = pack(BUNDLE | {f"bundle/{n}.txt": "0" * 200_000 for n in range(10)}, tmp_path / "b.tar.gz")
    assert path.stat().st_size < 20_000
    with pytest.raises(MalformedRecording, match="import a part"):
        import_recording(path)


def test_a_file_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100_000)
    imported = import_recording(pack(BUNDLE | {"bundle/big.txt": "0" * 100_001}, tmp_path / "b.tar.gz"))
    assert [o.text for o in imported.leftovers if o.origin == "bundle/big.txt"] == [
        "(not text, or too large to be read)"
    ]


@pytest.mark.parametrize("content", [b"no archive", gzip.compress(b"no archive"), b""])
def test_what_is_no_archive_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(content)
    with pytest.raises(MalformedRecording) as caught:
        import_recording(path)
    assert "\n" not in str(caught.value)


def test_a_cut_off_archive_is_refused(tmp_path: Path) -> None:
    path = pack(BUNDLE, tmp_path / "b.tar.gz")
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(MalformedRecording, match="no readable tar archive"):
        import_recording(path)


def test_a_bundle_without_objects_is_refused(tmp_path: Path) -> None:
    content = {
        "bundle/cluster-resources/pods/shop.json": "{}",
        "bundle/version.yaml": "kind: SupportBundle\n",
    }
    with pytest.raises(MalformedRecording, match="no Kubernetes object"):
        import_recording(pack(content, tmp_path / "b.tar.gz"))
