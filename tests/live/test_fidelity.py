"""The same command through Kubewhy and through the real kubectl, on a real API server."""

import asyncio
import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.live.build import build
from tests.live.controlplane import ControlPlane
from tests.live.fidelity.scene import HERE, NAMESPACE, build_scene, clear_scene
from tools.cluster.live.cluster import LiveCluster
from tools.kubectl import Kubectl

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("scene")]

COMMANDS: dict[str, list[str]] = yaml.safe_load((HERE / "commands.yaml").read_text())
TRIES = 8
"""Ages are counted in seconds, and controllers do not stand still."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@pytest.fixture(scope="module")
def scene(plane: ControlPlane) -> Iterator[None]:
    build_scene(plane)
    yield
    clear_scene(plane)


def ask_kubectl(plane: ControlPlane, line: str) -> str:
    """What kubectl prints, or says where it prints nothing."""
    words = shlex.split(line)
    home = [] if {"-n", "-A"} & set(words) else ["-n", NAMESPACE]
    command = [build() / "kubectl", "--kubeconfig", plane.kubeconfig, *words, *home]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout or done.stderr


async def ask_both(
    plane: ControlPlane, cluster: LiveCluster, line: str, read: Callable[[str], Any]
) -> tuple[Any, Any]:
    """What both print, read; asked again at the beginning of a second while it differs."""
    kubectl = Kubectl(cluster, namespace=NAMESPACE, max_characters=10**7)
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(1.01 - time.time() % 1)
        theirs = await asyncio.to_thread(ask_kubectl, plane, line)
        ours = (await kubectl.run(line)).text
        if read(ours) == read(theirs):
            break
    return read(ours), read(theirs)


def read_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def sort_lines(text: str) -> list[str]:
    return sorted(" ".join(line.split()) for line in read_lines(text))


def read_document(text: str) -> Any:
    """A document without what Kubewhy leaves out of every one: the copy that `kubectl apply` made of it."""
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    for item in document.get("items", [document]):
        annotations = item["metadata"].get("annotations") or {}
        annotations.pop(LAST_APPLIED, None)
        if not annotations:
            item["metadata"].pop("annotations", None)
    return document


def read_facts(text: str) -> list[str]:
    """The words of a description, without rulers, and without what Kubewhy means to tell otherwise.

    It never tells the size of a Secret's values, and it tells the time zone of a CronJob.
    """
    text = re.sub(r"(?m)^(\S+:) +\d+ bytes$", r"\1 <value not shown>", text)
    text = re.sub(r"(?m)^Time Zone: .*\n", "", text)
    words = [word.rstrip(":") for word in text.split()]
    return [word for word in words if word.strip("-")]


@pytest.mark.parametrize("line", COMMANDS["exact"])
async def test_prints_the_same_lines(line: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    ours, theirs = await ask_both(plane, cluster, line, read_lines)
    assert ours == theirs


@pytest.mark.parametrize("line", COMMANDS["unordered"])
async def test_prints_the_same_lines_in_some_order(
    line: str, plane: ControlPlane, cluster: LiveCluster
) -> None:
    ours, theirs = await ask_both(plane, cluster, line, sort_lines)
    assert ours == theirs


@pytest.mark.parametrize("line", COMMANDS["documents"])
async def test_prints_the_same_document(line: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    ours, theirs = await ask_both(plane, cluster, line, read_document)
    assert ours == theirs


@pytest.mark.parametrize("line", COMMANDS["descriptions"])
async def test_describes_the_same_facts(line: str, plane: ControlPlane, cluster: LiveCluster) -> None:
    ours, theirs = await ask_both(plane, cluster, line, read_facts)
    assert ours == theirs
    assert len(ours) > 5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get pod nobody", 'Error from server (NotFound): pods "nobody" not found'),
        ("describe deploy nobody", 'Error from server (NotFound): deployments.apps "nobody" not found'),
        ("get basket nobody", 'Error from server (NotFound): baskets.shop.example "nobody" not found'),
    ],
)
async def test_what_is_missing_is_missed_in_the_same_words(
    line: str, said: str, plane: ControlPlane, cluster: LiveCluster
) -> None:
    assert ask_kubectl(plane, line).strip() == said
    assert (await Kubectl(cluster, namespace=NAMESPACE).run(line)).text.startswith(said)


async def test_what_may_be_read_is_served(plane: ControlPlane, cluster: LiveCluster) -> None:
    """``api-resources`` names fewer types, and none that the server does not."""
    ours = set((await Kubectl(cluster).run("api-resources -o name")).text.split())
    theirs = set(ask_kubectl(plane, "api-resources -o name").split())
    assert {"pods", "deployments.apps", "baskets.shop.example"} < ours < theirs
    version = json.loads((await Kubectl(cluster).run("version -o json")).text)["serverVersion"]
    said = json.loads(ask_kubectl(plane, "version -o json"))["serverVersion"]
    assert version.items() <= said.items()


@pytest.mark.parametrize("kind", ["Secret", "Basket"])
async def test_no_copy_of_an_object_comes_with_its_row(
    kind: str, plane: ControlPlane, cluster: LiveCluster
) -> None:
    applied = plane.kubectl("get", "basket", "full", "-n", NAMESPACE, "-o", "json")
    assert LAST_APPLIED in applied
    table = await cluster.table(kind, NAMESPACE, whole=True)
    assert table is not None
    assert len(table.rows) > 1
    for row in table.rows:
        assert LAST_APPLIED not in (row.object["metadata"].get("annotations") or {})
        assert ("spec" in row.object) is (kind == "Basket")
        assert "data" not in row.object


def test_enough_is_compared() -> None:
    lines = [line for group in COMMANDS.values() for line in group]
    assert len(lines) > 200
    assert len(set(lines)) == len(lines)
    assert Path(HERE / "scene.yaml").read_text().count("\nkind: ") > 60
