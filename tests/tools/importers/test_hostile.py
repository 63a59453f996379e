"""Texts that were made to crash or to slow the reader."""

import random
import time
from datetime import UTC, datetime

import orjson
import pytest

from tools.importers.documents import read_documents
from tools.importers.pasted import extract_pasted
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.pasted import split_terminal
from tools.importers.transcript.section import Section

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
SECONDS = 2.0
"""Far more than any of these takes, far less than what a quadratic reader would."""

COMMANDS = (
    "kubectl get pods -A -o wide",
    "kubectl get endpoints",
    "kubectl get hpa",
    "kubectl get quota",
    "kubectl describe pods",
    "kubectl describe svc web",
    "kubectl describe cm web",
    "kubectl events --for pod/web",
    "kubectl logs -l app=web",
    "kubectl get pod web -o yaml",
    None,
)
ALIASES = "a0: &a0 [1,1,1,1]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1},*a{n - 1},*a{n - 1}]\n" for n in range(1, 40)
)
TEXTS = {
    "spaces": " " * 50_000,
    "one word": "a" * 50_000,
    "brackets": "(" * 50_000,
    "words": "a " * 25_000,
    "addresses": "a:" * 25_000,
    "paths": "a/" * 25_000,
    "indentation": "".join(" " * n + "key:\n" for n in range(600)),
    "flow": "[" * 50_000,
    "aliases": ALIASES,
    "names": "Name: x\n" * 10_000,
    "headers": "NAME READY\n" * 10_000,
    "containers": "NAME READY STATUS RESTARTS AGE\n" + "p-1 99/99 Running 0 5m\n" * 1_000,
    "long selector": f"Name: p\nStrategyType: R\nSelector: {'a' * 50_000}\n",
    "long event": f"LAST SEEN   REASON   OBJECT   MESSAGE\n5s   X   pod/x   {'y' * 50_000}\n",
    "prompts": "$ kubectl get pods\n" * 3_000,
    "numbers": "NAME READY STATUS RESTARTS AGE\np 9999999999/1 Running 99999999999999999999 999999999y\n",
    "dates": "Name: p\nNode: n\nStart Time: Mon, 99 Jan 0000 99:99:99 +9999\nStatus: Running\nContainers:\n",
    "digits": "Name: ²\nReplicas: ٣ desired | ²² total\nStrategyType: x\nRestart Count: ९\n",
    "nothing": "\0\0\0\n\x0b\x1c\u2028\n",
}


@pytest.mark.parametrize("command", COMMANDS, ids=str)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_crashes_or_slows_the_reader(text: str, command: str | None) -> None:
    begun = time.process_time()
    sections = [Section(text, parse_command(command))] if command else list(split_terminal(text))
    imported = assemble("hostile", sections, NOW)
    orjson.dumps([imported.objects, imported.events, imported.answers])
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_paste_crashes_or_slows_the_reader(text: str) -> None:
    begun = time.process_time()
    extract_pasted(f"help me\n{text}", NOW)
    assert time.process_time() - begun < SECONDS


def test_aliases_that_stand_for_millions_are_not_expanded() -> None:
    assert read_documents(ALIASES) == []
    assert read_documents("a: &a [1]\nb: *a\n") == [{"a": [1], "b": [1]}]


SAMPLE = """\
Name:             web-0
Namespace:        shop
Node:             node-1/10.0.0.1
Start Time:       Tue, 06 May 2031 10:00:05 +0200
Labels:           app=web
Status:           Running
Containers:
  app:
    Image:          registry.local/web:1
    Port:           80/TCP
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Exit Code:    1
      Finished:     Tue, 06 May 2031 10:20:05 +0200
    Restart Count:  6
    Liveness:       http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment:
      A:  <set to the key 'x' in secret 'y'>  Optional: false
Conditions:
  Type    Status
  Ready   False
Volumes:          <none>
Tolerations:      a=b:NoSchedule op=Exists for 300s
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
  Warning  BackOff  3s (x25 over 9m)   kubelet  Back-off restarting failed container app
"""
JUNK = (
    "\0",
    "\t",
    "<none>",
    "—",
    "٣",
    "²",
    ":",
    "  ",
    "\n",
    "Name:",
    "9" * 30,
    "(x",
    "/",
    "=",
    ",",
    "- ",
    "{",
    "0001",
)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_description_never_crashes_the_reader(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for _ in range(25):
        text = SAMPLE
        for _ in range(chance.randint(1, 10)):
            place = chance.randrange(len(text))
            cut = place + chance.choice((0, 0, 1, 5, 40))
            text = text[:place] + chance.choice(JUNK) + text[cut:]
        for command in (parse_command("kubectl describe pod web-0 -n shop"), None):
            imported = assemble("damaged", [Section(text, command)], NOW)
            orjson.dumps([imported.objects, imported.events])
            assert imported.objects or imported.leftovers


WHOLE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "u-1",
        "labels": {"app": "web"},
        "ownerReferences": [{"kind": "Job", "name": "run"}],
    },
    "spec": {"containers": [{"name": "app"}]},
    "status": {"phase": "Running", "containerStatuses": [{"name": "app"}]},
}


@pytest.mark.parametrize("wrong", [5, "text", ["x"], {"a": 1}, [[]], None], ids=str)
@pytest.mark.parametrize(
    "path",
    [
        "metadata",
        "metadata.name",
        "metadata.namespace",
        "metadata.labels",
        "metadata.ownerReferences",
        "spec",
        "spec.containers",
        "status.containerStatuses",
        "status.phase",
    ],
)
def test_documents_of_another_shape_are_left_out_or_harmless(path: str, wrong: object) -> None:
    item = orjson.loads(orjson.dumps(WHOLE))
    *above, last = path.split(".")
    holder = item
    for step in above:
        holder = holder[step]
    holder[last] = wrong
    text = orjson.dumps({"kind": "List", "items": [item, WHOLE | {"metadata": {"name": "fine"}}]}).decode()
    imported = assemble("odd", [Section(text, parse_command("kubectl get pods -o json"))], NOW)
    assert "fine" in {found["metadata"]["name"] for found in imported.objects}
