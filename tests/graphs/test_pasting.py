"""Output of kubectl in a question counts as evidence: by itself, and over a cluster."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.diagnosis import Diagnosis
from graphs.context import Context
from graphs.session import Session
from graphs.threads import open_threads
from tools.importers.pasted import PASTED

DESCRIPTION = """\
Name:             payments-7d9c5b7f4-x2k4p
Namespace:        shop
Node:             node-b/10.0.0.2
Start Time:       Mon, 05 May 2031 10:00:00 +0000
Labels:           app=payments
Status:           Running
Controlled By:    ReplicaSet/payments-7d9c5b7f4
Containers:
  api:
    Image:          registry.example/payments:1.4
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Mon, 05 May 2031 10:10:00 +0000
      Finished:     Mon, 05 May 2031 10:10:30 +0000
    Ready:          False
    Restart Count:  7
    Limits:
      memory:  64Mi
Conditions:
  Type              Status
  Ready             False
Events:
  Type     Reason   Age                  From     Message
  ----     ------   ----                 ----     -------
  Warning  BackOff  2s (x30 over 10m)    kubelet  Back-off restarting failed container api in pod payments-7d9
"""
TABLE = """\
NAME                        READY   STATUS             RESTARTS   AGE   IP         NODE     NOMINATED NODE
checkout-6c9f7d5b8d-x2k4p   0/1     ImagePullBackOff   0          10m   10.1.0.7   node-a   <none>
cart-5d8f6c7b9-z9q8r        1/1     Running            0          3d    10.1.0.8   node-b   <none>
"""
EVENTS = """\
$ kubectl get events -n shop
LAST SEEN  TYPE     REASON             OBJECT                         MESSAGE
2m         Warning  FailedScheduling   pod/checkout-6c9f7d5b8d-x2k4p  0/3 nodes: Insufficient memory
12m        Normal   ScalingReplicaSet  deployment/checkout            Scaled up to 1
"""
LOGS = """\
```
$ kubectl logs ledger-7d9c5b7f4-x2k4p -n books --previous
2031-05-05T10:00:01Z INFO starting
2031-05-05T10:00:02Z FATAL required setting LEDGER_DB_URL is not set
```
"""
DOCUMENT = """\
apiVersion: v1
kind: Pod
metadata:
  name: mailer
  namespace: post
  uid: 0b5c
  creationTimestamp: "2031-05-05T10:00:00Z"
spec:
  nodeName: node-a
  containers:
  - name: main
    image: registry.example/mailer:2
    envFrom:
    - configMapRef:
        name: mailer-settings
status:
  phase: Pending
  containerStatuses:
  - name: main
    ready: false
    state:
      waiting:
        reason: CreateContainerConfigError
        message: configmap "mailer-settings" not found
"""
CASES: dict[str, tuple[str, str, str]] = {
    "describe": (DESCRIPTION, "Deployment shop/payments", "limit of 64Mi"),
    "get -o wide": (TABLE, "Deployment default/checkout", "ImagePullBackOff"),
    "events": (EVENTS, "Deployment shop/checkout", "Insufficient memory"),
    "logs": (LOGS, "Deployment books/ledger", "LEDGER_DB_URL"),
    "yaml": (DOCUMENT, "Pod post/mailer", "mailer-settings"),
}


async def ask(session: Session, text: str) -> Diagnosis:
    items = [item async for item in session.ask(text)]
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A recorded cluster in whose namespace ``shop`` all is well by now."""
    items: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "checkout", "namespace": "shop"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "checkout"}}},
            "status": {"replicas": 1, "readyReplicas": 1},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": "checkout-6c9f7d5b8d",
                "namespace": "shop",
                "ownerReferences": [{"kind": "Deployment", "name": "checkout", "controller": True}],
            },
            "spec": {"replicas": 1},
            "status": {"replicas": 1, "readyReplicas": 1},
        },
    ]
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "all.json").write_bytes(orjson.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    return folder


@pytest.mark.parametrize("case", CASES)
async def test_a_paste_is_an_incident_by_itself(case: str) -> None:
    paste, blamed, cause = CASES[case]
    diagnosis = await ask(Session(Context()), f"what is wrong here?\n\n{paste}\nThanks!")
    assert diagnosis.cluster == PASTED
    assert str(diagnosis.object) == blamed
    assert cause in f"{diagnosis.root_cause} {diagnosis.evidence}"


async def test_a_paste_without_a_question_is_one() -> None:
    diagnosis = await ask(Session(Context()), DESCRIPTION)
    assert str(diagnosis.object) == "Deployment shop/payments"


async def test_the_thread_remembers_what_was_pasted(tmp_path: Path) -> None:
    async with open_threads(tmp_path / "threads.db") as saver:
        await ask(Session(Context(), "t", saver), f"what is wrong?\n{LOGS}")
    async with open_threads(tmp_path / "threads.db") as saver:
        later = await ask(Session(Context(), "t", saver), "why does the ledger die, again?")
    assert (later.cluster, str(later.object)) == (PASTED, "Deployment books/ledger")
    assert "LEDGER_DB_URL" in later.root_cause


async def test_logs_are_cited_as_pasted() -> None:
    diagnosis = await ask(Session(Context()), f"what is wrong?\n{LOGS}")
    cited = [item.command for item in diagnosis.evidence if item.id in diagnosis.cited]
    assert any(command.endswith("# pasted") for command in cited)


async def test_a_pod_that_is_gone_is_known_from_the_paste(shop: Path) -> None:
    """The table names no namespace: it is found by the owner that the cluster still has."""
    diagnosis = await ask(Session(Context(str(shop))), f"why did this fail?\n{TABLE}")
    assert diagnosis.cluster != PASTED
    assert str(diagnosis.object) == "Deployment shop/checkout"
    (told,) = [line for line in diagnosis.not_seen if line.startswith("Known from the pasted text only")]
    assert "Pod shop/checkout-6c9f7d5b8d-x2k4p" in told


async def test_the_cluster_is_believed_before_the_paste(shop: Path) -> None:
    """A ConfigMap that was pasted and is not there does not exist."""
    pasted = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gone\n  namespace: shop\n  uid: u\ndata: {}\n"
    )
    context = Context(str(shop))
    await ask(Session(context), f"is checkout fine?\n{pasted}")
    snapshot = await (await context.open()).look()
    await context.close()
    assert snapshot.of_kind("ConfigMap") == []


async def test_an_old_paste_does_not_speak_against_a_fix(shop: Path) -> None:
    session = Session(Context(str(shop)))
    assert (await ask(session, f"why did this fail?\n{TABLE}")).outcome == "diagnosed"
    after = await ask(session, "did the fix work?")
    assert after.outcome != "diagnosed"
    assert not any("pasted" in line for line in after.not_seen)


async def test_prose_is_no_paste() -> None:
    diagnosis = await ask(Session(Context()), "payment service cannot start.\nWhat happened: no idea.")
    assert diagnosis.cluster != PASTED
