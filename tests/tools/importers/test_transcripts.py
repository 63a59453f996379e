import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import MalformedRecording
from tools.cluster.recorded_logs import ContainerRun
from tools.importers.incident import ImportedIncident, read_answers, read_leftovers, write_incident
from tools.importers.registry import detect, import_recording
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import canonical_line, parse_command
from tools.importers.transcript.completion import RECONSTRUCTED
from tools.importers.transcript.mapping import read_command_mapping
from tools.importers.transcript.pasted import split_terminal
from tools.incidents import open_incident

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)

DEPLOYMENTS = "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    0/1     1            0           95s\n"
DEPLOYMENT = """\
Name:                   web
Namespace:              shop
CreationTimestamp:      Tue, 06 May 2031 09:00:00 +0000
Selector:               app=web
Replicas:               1 desired | 1 updated | 1 total | 0 available | 1 unavailable
StrategyType:           RollingUpdate
Pod Template:
  Labels:  app=web
  Containers:
   app:
    Image:      registry.local/web:1
    Port:       <none>
Events:         <none>
"""
PODS = """\
NAME                   READY   STATUS             RESTARTS     AGE
web-6c9f7d5b8d-x2k4p   0/1     CrashLoopBackOff   3 (20s ago)  100s
"""


def from_mapping(texts: dict[str, str]) -> ImportedIncident:
    return assemble("test", list(read_command_mapping(texts)), NOW)


def from_terminal(text: str) -> ImportedIncident:
    return assemble("test", list(split_terminal(text)), NOW)


def named(imported: ImportedIncident, kind: str) -> dict[str, dict[str, object]]:
    return {item["metadata"]["name"]: item for item in imported.objects if item["kind"] == kind}


def test_texts_about_one_object_become_one_object() -> None:
    imported = from_mapping(
        {"kubectl get deploy -n shop": DEPLOYMENTS, "kubectl describe deploy web -n shop": DEPLOYMENT}
    )
    (found,) = imported.objects
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.local/web:1"
    assert found["status"]["unavailableReplicas"] == 1
    assert found["metadata"]["creationTimestamp"] == "2031-05-06T09:00:00Z"


def test_the_later_of_two_tables_wins() -> None:
    before = PODS.replace("CrashLoopBackOff", "Running         ").replace("0/1", "1/1")
    imported = from_mapping({"kubectl get po -n shop": before, "kubectl get pods -n shop": PODS})
    status = named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]["status"]
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "CrashLoopBackOff"}}


def test_the_present_is_told_by_what_is_both_dated_and_aged() -> None:
    imported = from_mapping(
        {
            "kubectl get pods -n shop": PODS,
            "kubectl describe deploy web -n shop": DEPLOYMENT,
            "kubectl get deploy -n shop": DEPLOYMENTS,
        }
    )
    assert imported.recorded_at == datetime(2031, 5, 6, 9, 1, 35, tzinfo=UTC)
    pod = named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]
    assert pod["metadata"]["creationTimestamp"] == "2031-05-06T08:59:55Z"


def test_each_command_has_a_moment_of_its_own() -> None:
    later = DEPLOYMENTS.replace("95s", "115s")
    pods = PODS.replace("100s", "2m  ")
    imported = from_mapping(
        {
            "kubectl describe deploy web -n shop": DEPLOYMENT,
            "kubectl get deploy -n shop": DEPLOYMENTS,
            "kubectl get deploy -n shop -o wide": later,
            "kubectl get pods -n shop": pods,
        }
    )
    assert imported.recorded_at == datetime(2031, 5, 6, 9, 1, 55, tzinfo=UTC)
    pod = named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]
    assert pod["metadata"]["creationTimestamp"] == "2031-05-06T08:59:55Z"


def test_without_any_date_the_present_is_the_given_one() -> None:
    assert from_mapping({"kubectl get pods -n shop": PODS}).recorded_at == NOW


def test_an_event_that_was_printed_twice_is_one() -> None:
    event = "LAST SEEN   TYPE      REASON    OBJECT      MESSAGE\n"
    imported = from_mapping(
        {
            "kubectl get events -n shop": event + "40s         Warning   BackOff   pod/web-0   Back-off\n",
            "kubectl events -n shop": event.replace("LAST SEEN ", "LAST SEEN          ")
            + "10s (x8 over 2m)     Warning   BackOff   Pod/web-0   Back-off\n",
        }
    )
    (found,) = imported.events
    assert found["count"] == 8
    assert found["lastTimestamp"] == "2031-05-06T11:59:50Z"
    assert found["firstTimestamp"] == "2031-05-06T11:58:00Z"


def test_containers_of_a_table_get_their_names_from_the_template() -> None:
    imported = from_mapping(
        {"kubectl get pods -n shop": PODS, "kubectl describe deploy web -n shop": DEPLOYMENT}
    )
    pod = named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]
    assert pod["spec"]["containers"][0] == {"name": "app", "image": "registry.local/web:1"}
    assert pod["status"]["containerStatuses"][0]["name"] == "app"
    assert pod["metadata"]["ownerReferences"][0]["name"] == "web-6c9f7d5b8d"
    owner = named(imported, "ReplicaSet")["web-6c9f7d5b8d"]["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"]) == ("Deployment", "web")


def test_containers_of_a_table_get_their_names_from_events() -> None:
    events = "LAST SEEN   TYPE     REASON    OBJECT                     MESSAGE\n"
    events += "9s          Normal   Created   pod/web-6c9f7d5b8d-x2k4p   Created container: server\n"
    imported = from_mapping({"kubectl get pods -n shop": PODS, "kubectl get events -n shop": events})
    assert named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]["spec"]["containers"][0]["name"] == "server"


def test_names_that_nobody_generated_have_no_owner() -> None:
    text = "NAME          READY   STATUS    RESTARTS   AGE\nweb-edge      1/1     Running   0          5m\n"
    imported = from_mapping({"kubectl get pods -n shop": text})
    assert [item["kind"] for item in imported.objects] == ["Pod"]
    assert "ownerReferences" not in imported.objects[0]["metadata"]


def test_a_document_is_taken_as_it_is() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-6c9f7d5b8d-x2k4p", "namespace": "shop", "uid": "u-1"},
        "spec": {"containers": [{"name": "app", "image": "registry.local/web:1"}]},
        "status": {"phase": "Failed"},
    }
    imported = from_mapping(
        {
            "kubectl get pods -n shop": PODS,
            "kubectl get pod web-6c9f7d5b8d-x2k4p -n shop -o json": json.dumps(pod),
        }
    )
    found = named(imported, "Pod")["web-6c9f7d5b8d-x2k4p"]
    assert found["status"] == {"phase": "Failed"}
    assert found["metadata"]["uid"] == "u-1"
    assert RECONSTRUCTED not in (found["metadata"].get("annotations") or {})


MANIFEST = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec:
  resources: {requests: {storage: 10Gi}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: not-applied, namespace: shop}
"""


def test_a_manifest_is_believed_only_of_what_lives() -> None:
    claims = "NAME   STATUS    VOLUME   STORAGECLASS   AGE\ndata   Pending            fast           5m\n"
    imported = from_mapping({"kubectl get pvc -n shop": claims, "app.yaml": MANIFEST})
    (found,) = imported.objects
    assert found["spec"]["resources"] == {"requests": {"storage": "10Gi"}}
    assert [(left.origin, left.text) for left in imported.leftovers] == [("app.yaml", MANIFEST)]


def test_uids_are_the_same_each_time() -> None:
    first, second = (from_mapping({"kubectl get pods -n shop": PODS}) for _ in range(2))
    assert [o["metadata"]["uid"] for o in first.objects] == [o["metadata"]["uid"] for o in second.objects]
    assert len({o["metadata"]["uid"] for o in first.objects}) == len(first.objects)


TERMINAL = """\
me@laptop:~/work$ kubectl get pods -n shop
NAME                   READY   STATUS             RESTARTS     AGE
web-6c9f7d5b8d-x2k4p   0/1     CrashLoopBackOff   3 (20s ago)  100s
me@laptop:~/work$ kubectl logs web-6c9f7d5b8d-x2k4p \\
    -n shop --previous -c app
starting
fatal: no database
me@laptop:~/work$ uptime
 12:00 up 3 days
me@laptop:~/work$ k describe deploy/web -n shop
"""


@pytest.mark.parametrize(
    "prompt", ["me@laptop:~/work$ ", "[root@node ~]# ", "➜  ~ ", "$ ", "PS C:\\Users\\me> ", "+ "]
)
def test_a_terminal_is_split_at_its_prompts(prompt: str) -> None:
    text = TERMINAL.replace("me@laptop:~/work$ kubectl", prompt + "kubectl").replace(
        "me@laptop:~/work$ k ", prompt + "k "
    )
    imported = from_terminal(text + DEPLOYMENT + prompt)
    assert named(imported, "Deployment")["web"]["spec"]["replicas"] == 1
    run = ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app", previous=True)
    assert imported.logs[run] == "starting\nfatal: no database\n"
    assert [left.text.splitlines()[-1] for left in imported.leftovers] == [" 12:00 up 3 days"]


def test_bare_commands_in_a_document_are_read_too() -> None:
    imported = from_terminal(f"Some notes first.\n\nkubectl get pods -n shop\n```\n{PODS}```\n")
    assert "web-6c9f7d5b8d-x2k4p" in named(imported, "Pod")
    assert [left.text.strip() for left in imported.leftovers] == ["Some notes first."]


def test_output_without_a_namespace_belongs_where_its_descriptions_say() -> None:
    imported = from_mapping({"kubectl get pods": PODS, "kubectl describe deploy web": DEPLOYMENT})
    assert {item["metadata"]["namespace"] for item in imported.objects} == {"shop"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kubectl logs deploy/web -n shop", ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app")),
        ("kubectl logs -l app=web -n shop", ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app")),
        ("kubectl logs web-6c9f7d5b8d-x2k4p -n shop", ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app")),
        ("kubectl logs pod/elsewhere -n shop -c x", ContainerRun("shop", "elsewhere", "x")),
        ("kubectl logs -p pods/elsewhere x -n shop", ContainerRun("shop", "elsewhere", "x", previous=True)),
    ],
)
def test_a_log_finds_its_container(command: str, expected: ContainerRun) -> None:
    pods = PODS.replace("AGE", "AGE    LABELS").replace("100s", "100s   app=web")
    imported = from_mapping(
        {
            "kubectl get pods -n shop --show-labels": pods,
            "kubectl describe deploy web -n shop": DEPLOYMENT,
            command: "hello\n",
        }
    )
    assert imported.logs == {expected: "hello\n"}


def test_the_container_that_kubectl_chose_is_told_by_its_first_line() -> None:
    text = 'Defaulted container "app" out of: app, side\nhello\n'
    imported = from_mapping({"kubectl logs web -n shop": text})
    assert imported.logs == {ContainerRun("shop", "web", "app"): "hello\n"}


@pytest.mark.parametrize(
    "text",
    [
        'Error from server (BadRequest): container "app" in pod "web" is waiting to start: PodInitializing\n',
        'error: error from server (NotFound): pods "web" not found in namespace "shop"\n',
    ],
)
def test_an_error_is_no_log(text: str) -> None:
    imported = from_mapping({"kubectl logs web -n shop": text})
    assert imported.logs == {}
    assert [left.text for left in imported.leftovers] == [text]


def test_what_cannot_be_parsed_is_kept() -> None:
    imported = from_mapping(
        {
            "kubectl get widgets -n shop": "NAME   SIZE\nw1     3\n",
            "kubectl rollout history deploy/web -n shop": "REVISION  CHANGE-CAUSE\n1         <none>\n",
        }
    )
    assert imported.objects == []
    assert {left.origin for left in imported.leftovers} == {
        "kubectl get widgets -n shop",
        "kubectl rollout history deploy/web -n shop",
    }


def test_recorded_commands_are_answered_however_their_types_are_spelled() -> None:
    imported = from_mapping({"kubectl get po -n shop": PODS})
    assert imported.answers[canonical_line("kubectl get pods --namespace=shop")] == PODS
    assert canonical_line("kubectl get pods -n other") not in imported.answers


def test_an_earlier_answer_to_the_same_command_is_kept_as_text() -> None:
    before = PODS.replace("CrashLoopBackOff", "Running         ")
    imported = from_terminal(f"$ kubectl get po -n shop\n{before}$ kubectl get po -n shop\n{PODS}")
    assert imported.answers[canonical_line("kubectl get po -n shop")] == PODS
    assert [left.text for left in imported.leftovers] == [before]


def test_lists_that_were_seen_whole_are_told() -> None:
    imported = from_mapping(
        {
            "kubectl get pods -n shop": PODS,
            "kubectl get secrets -n shop": "No resources found in shop namespace.\n",
            "kubectl get jobs -n shop": "",
            "kubectl get svc web -n shop": 'Error from server (NotFound): services "web" not found\n',
            "kubectl get cm -n shop -l app=web": "No resources found in shop namespace.\n",
            "kubectl get nodes | head -1": "node-1   Ready   <none>   9d   v1.33.1\n",
        }
    )
    assert imported.listed == {("Pod", "shop"), ("Secret", "shop"), ("Job", "shop")}


CREDENTIALS = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  uid: u-2
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"password":"aHVudGVyMg=="}}'
data:
  password: aHVudGVyMg==
"""


@pytest.mark.parametrize(
    "texts",
    [
        {"kubectl get secret db -n shop -o yaml": CREDENTIALS},
        {"kubectl get secret/db -n shop -o jsonpath={.data.password}": "aHVudGVyMg=="},
        {"kubectl get all,secrets -n shop -o yaml": CREDENTIALS},
        {"kubectl get secret db -n shop -o yaml": CREDENTIALS + "  broken: [\n"},
        {"kubectl get pods -n shop": PODS, "cat secret.yaml": CREDENTIALS.replace("  uid: u-2\n", "")},
    ],
)
def test_the_data_of_a_secret_goes_nowhere(texts: dict[str, str], tmp_path: Path) -> None:
    folder = write_incident(from_mapping(texts), tmp_path / "out")
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"aHVudGVyMg" not in written


def test_the_keys_of_a_secret_stay() -> None:
    (found,) = from_mapping({"kubectl get secret db -n shop -o yaml": CREDENTIALS}).objects
    assert found["data"] == {"password": None}


MAPPING = {
    "kubectl get pods -n shop": PODS,
    "kubectl describe deploy web -n shop": DEPLOYMENT,
    "kubectl logs web-6c9f7d5b8d-x2k4p -n shop -c app": "fatal: no database\n",
    "kubectl get widgets -n shop": "NAME   SIZE\nw1     3\n",
    "kubectl version": "Client Version: v1.30.0\nServer Version: v1.33.1\n",
}


async def test_a_mapping_on_disk_becomes_an_incident_that_can_be_explored(tmp_path: Path) -> None:
    source = tmp_path / "states.json"
    source.write_text(json.dumps(MAPPING))
    importer = detect(source)
    assert importer is not None
    folder = write_incident(import_recording(source), tmp_path / "incident")
    incident = open_incident(folder)
    assert incident.provenance == "imported"
    assert incident.namespaces == ("shop",)
    cluster = incident.cluster()
    assert await cluster.version() == "v1.33.1"
    assert [pod["metadata"]["name"] for pod in await cluster.list("Pod", "shop")] == ["web-6c9f7d5b8d-x2k4p"]
    lines = await cluster.logs("web-6c9f7d5b8d-x2k4p", "shop", "app")
    assert [line.text for line in lines] == ["fatal: no database"]
    assert [left.origin for left in read_leftovers(folder)] == ["kubectl get widgets -n shop"]
    assert read_answers(folder)[canonical_line("kubectl get pods -n shop")] == PODS


def test_a_pasted_file_is_a_transcript(tmp_path: Path) -> None:
    source = tmp_path / "notes.txt"
    source.write_text(TERMINAL + DEPLOYMENT)
    assert named(import_recording(source), "Deployment").keys() == {"web"}


def test_a_folder_of_texts_is_read_with_the_logs_and_notes_beside_them(tmp_path: Path) -> None:
    commands = {line: text for line, text in MAPPING.items() if " logs " not in line}
    (tmp_path / "states.json").write_text(json.dumps(commands))
    (tmp_path / "logs.json").write_text(json.dumps({"web": ["one", "two"], "other": ["three"], "idle": []}))
    (tmp_path / "alerts.json").write_text(json.dumps({"fired": ["HighLatency"], "again": PODS}))
    (tmp_path / "metadata.json").write_text(
        json.dumps({"query": "Why?", "namespace": "shop", "result": "because"})
    )
    (tmp_path / "metrics.csv").write_text("time,value\n1,2\n")
    imported = import_recording(tmp_path)
    assert imported.logs == {ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app"): "one\ntwo"}
    assert (imported.question, imported.namespaces) == ("Why?", ("shop",))
    left = {leftover.origin: leftover.text for leftover in imported.leftovers}
    assert left.keys() == {
        "kubectl get widgets -n shop",
        "logs.json: other",
        "alerts.json: fired",
        "metrics.csv",
    }
    assert "because" not in str(left)


def test_recorded_calls_of_tools_are_commands(tmp_path: Path) -> None:
    about = {"kind": "deployment", "name": "web", "namespace": "shop"}
    pod = {"pod_name": "web-6c9f7d5b8d-x2k4p", "namespace": "shop"}
    calls = [
        {"tool": "kubectl_describe", "params": about, "text": f"stdout:\n{DEPLOYMENT}\nstderr:\n"},
        {"invocation": "kubectl get pods -n shop", "text": PODS},
        {"tool": "fetch_previous_logs", "params": pod, "text": "gone\n"},
        {"tool": "ping", "params": {}, "text": "pong"},
    ]
    (tmp_path / "outputs").mkdir()
    for number, call in enumerate(calls):
        (tmp_path / "outputs" / f"{number}.json").write_text(json.dumps(call))
    imported = import_recording(tmp_path)
    assert {item["kind"] for item in imported.objects} == {"Deployment", "ReplicaSet", "Pod"}
    assert imported.logs == {ContainerRun("shop", "web-6c9f7d5b8d-x2k4p", "app", previous=True): "gone\n"}
    assert [(left.origin, left.text) for left in imported.leftovers] == [("ping", "pong")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", "nothing to see here\n"),
        ("odd.json", '{"a": 1}'),
        ("broken.json", "{"),
        ("image.png", "x"),
    ],
)
def test_other_files_are_refused_in_one_sentence(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(MalformedRecording, match="expected") as caught:
        import_recording(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedRecording, match="cannot be imported"):
        import_recording(tmp_path / "absent.json")


def test_an_incident_of_our_own_needs_no_importer(tmp_path: Path) -> None:
    folder = write_incident(from_mapping(MAPPING), tmp_path / "incident")
    assert detect(folder) is None


def test_an_incident_is_not_written_over_another(tmp_path: Path) -> None:
    imported = from_mapping(MAPPING)
    write_incident(imported, tmp_path / "incident")
    with pytest.raises(MalformedRecording, match="not empty"):
        write_incident(imported, tmp_path / "incident")


@pytest.mark.parametrize(
    ("line", "kind", "names", "namespace", "filtered"),
    [
        ("kubectl get po -n shop", "Pod", [], "shop", False),
        ("kubectl -n shop get po web", "Pod", ["web"], "shop", False),
        (
            "kubectl --context prod get deploy/web deploy/api -nshop",
            "Deployment",
            ["web", "api"],
            "shop",
            False,
        ),
        ("kubectl get po --namespace=shop -o wide | grep web", "Pod", [], "shop", True),
        ("kubectl get po,svc", "", [], "", False),
        ("kubectl get events -A --sort-by='.lastTimestamp' 2>&1 | tail -n 5", "Event", [], "", True),
    ],
)
def test_commands_are_understood(
    line: str, kind: str, names: list[str], namespace: str, filtered: bool
) -> None:
    command = parse_command(line)
    assert command is not None
    assert (command.kind, command.names, command.namespace, command.filtered) == (
        kind,
        names,
        namespace,
        filtered,
    )


@pytest.mark.parametrize("line", ["", "ls -la", "kubectl", "echo kubectl get pods", "kubectx prod"])
def test_other_commands_are_not(line: str) -> None:
    assert parse_command(line) is None
