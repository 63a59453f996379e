import subprocess
import sys
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from domain.errors import MalformedRecording, UnknownIncident
from tools.incidents import INCIDENTS, Incident, find_incidents, open_incident
from tools.logs.store import LogQuery

POD = '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0", "namespace": "shop"}}'


def make_incident(folder: Path, description: str) -> Path:
    (folder / "cluster" / "shop").mkdir(parents=True)
    (folder / "cluster" / "shop" / "pods.json").write_text(POD)
    (folder / "incident.yaml").write_text(description)
    return folder


def test_the_incidents_that_come_along_are_complete() -> None:
    incidents = find_incidents()
    assert len(incidents) >= 16
    assert [incident.id for incident in incidents] == sorted(
        path.parent.name for path in INCIDENTS.glob("*/incident.yaml")
    )
    for incident in incidents:
        assert incident.question, incident.id
        assert incident.provenance in ("recorded", "authored"), incident.id
        assert incident.namespaces, incident.id
        assert incident.expected is not None, incident.id
        assert {"issue_type", "object", "root_cause", "must_mention"} <= incident.expected.keys(), incident.id


@pytest.mark.parametrize("incident", find_incidents(), ids=lambda incident: incident.id)
async def test_every_incident_can_be_read(incident: Incident) -> None:
    cluster = incident.cluster()
    namespaces = {item["metadata"]["name"] for item in await cluster.list("Namespace")}
    assert set(incident.namespaces) <= namespaces
    assert await cluster.version() == incident.kubernetes
    assert await cluster.now() == incident.recorded_at
    assert await cluster.events()
    at_fault = (incident.expected or {}).get("object")
    if at_fault:
        await cluster.get(at_fault["kind"], at_fault["name"], at_fault.get("namespace") or "")
    store = await incident.logs()
    patterns = await store.patterns(LogQuery(namespaces=incident.namespaces))
    await store.close()
    assert patterns or not await cluster.list("Pod")


async def test_secrets_of_the_recordings_hold_no_values() -> None:
    for incident in find_incidents():
        for secret in await incident.cluster().list("Secret"):
            assert set((secret.get("data") or {}).values()) <= {None}
        for path in incident.folder.glob("cluster/*/secrets.json"):
            assert "last-applied" not in path.read_text()


async def test_an_incident_is_opened_by_name_or_folder(tmp_path: Path) -> None:
    by_name = open_incident("two-faults")
    assert by_name.folder == INCIDENTS / "two-faults"
    assert by_name.cluster().name == "local"
    assert by_name.cluster() is by_name.cluster()
    assert by_name.recorded_at == await by_name.cluster().now()
    assert open_incident(INCIDENTS / "two-faults") == by_name
    own = make_incident(tmp_path / "mine", "question: Why?\n")
    assert open_incident(own).id == "mine"
    assert open_incident("mine", tmp_path).question == "Why?"
    assert [incident.id for incident in find_incidents(tmp_path)] == ["mine"]


async def test_a_folder_without_a_description_opens_too(tmp_path: Path) -> None:
    folder = make_incident(tmp_path / "dump-7", "")
    (folder / "incident.yaml").unlink()
    incident = open_incident(str(folder))
    assert (incident.id, incident.question, incident.cluster().name) == ("dump-7", "", "dump-7")
    assert len(await incident.cluster().list("Pod")) == 1
    store = await incident.logs()
    assert await store.search(LogQuery(text="anything")) == []
    await store.close()


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(UnknownIncident, match="nearest are: missing-configmap-chain.*kubewhy incidents"):
        open_incident("missing-configmap")
    with pytest.raises(UnknownIncident, match="no incident or folder 'zzzz'. `kubewhy incidents` lists all"):
        open_incident("zzzz")


@pytest.mark.parametrize("name", ["", "../incidents/nothing", "two-faults/../nothing"])
def test_odd_names_are_unknown(name: str, tmp_path: Path) -> None:
    (tmp_path / "incidents").mkdir()
    with pytest.raises(UnknownIncident):
        open_incident(name, tmp_path / "incidents")


@pytest.mark.parametrize(
    ("description", "complaint"),
    [
        ("question: [\n", "incident.yaml, line 2: this is not valid YAML"),
        ("- a\n", "incident.yaml, line 1: expected one mapping"),
        ("", "incident.yaml, line 1: expected one mapping"),
        ("id: x\nnamespaces:\n- a\n- {b: c}\n", "incident.yaml, line 4: `namespaces.1`"),
        ("id: x\nquestion: q\nrecorded_at: yesterday\n", "incident.yaml, line 3: `recorded_at`"),
        (
            "id: x\nrecorded_at: '2026-11-24T10:00:00'\n",
            "line 2: `recorded_at`: Input should have timezone info",
        ),
    ],
)
def test_a_malformed_description_names_file_and_line(
    tmp_path: Path, description: str, complaint: str
) -> None:
    folder = make_incident(tmp_path / "mine", description)
    with pytest.raises(MalformedRecording) as caught:
        open_incident(folder)
    assert complaint in str(caught.value)
    with pytest.raises(MalformedRecording):
        find_incidents(tmp_path)


def test_a_folder_without_any_list_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "a/b/c/d").mkdir(parents=True)
    (tmp_path / "a/b/c/d/pods.json").write_text(POD)
    with pytest.raises(MalformedRecording, match="holds no recording"):
        open_incident(tmp_path)


async def test_fluent_bit_records_join_the_log_files(tmp_path: Path) -> None:
    folder = make_incident(tmp_path / "mine", "question: Why?\nrecorded_at: 2026-11-24T15:00:00Z\n")
    logs = folder / "logs"
    (logs / "shop" / "web-0").mkdir(parents=True)
    (logs / "shop" / "web-0" / "web.log").write_text(
        "2026-11-24T14:00:00.123456789Z connection refused by db\n"
    )
    kubernetes = '"kubernetes": {"pod_name": "web-0", "namespace_name": "shop", "container_name": "web"}'
    (logs / "node.ndjson").write_text(
        f'{{"time": "2026-11-24T14:00:00.123456789Z", "log": "connection refused by db", {kubernetes}}}\n'
        f'{{"time": "2026-11-24T14:00:01.5Z", "log": "giving up on db", {kubernetes}}}\n'
    )
    store = await open_incident(folder).logs()
    hits = await store.search(LogQuery(text="db"))
    await store.close()
    assert sorted(hit.document.message for hit in hits) == ["connection refused by db", "giving up on db"]
    with (logs / "node.ndjson").open("a") as file:
        file.write("{broken\n")
    with pytest.raises(MalformedRecording, match=r"node\.ndjson, line 3"):
        await open_incident(folder).logs()


async def test_logs_open_without_blocking_the_event_loop() -> None:
    incident = open_incident("healthy-noisy")
    with blockbuster_ctx(["tools"]):
        store = await incident.logs()
        assert await store.search(LogQuery(text="tax"))
        await store.close()


def test_listing_incidents_imports_nothing_heavy() -> None:
    code = (
        "import sys, tools.incidents; tools.incidents.find_incidents();"
        "print([m for m in ('langgraph', 'drain3', 'sqlite3', 'boto3', 'kubernetes') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
