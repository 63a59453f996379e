"""Kubewhy installed in a cluster with its chart: it starts as nobody, reads, and answers in Slack.

The image is the Dockerfile's, the cluster is real, Slack is the loopback.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.loopback.workspace import BOT_USER
from surfaces.slack.setup import SCOPES
from tests.live import imagebuild
from tests.live.archive import write_image
from tests.live.controlplane import GATEWAY, ControlPlane
from tests.live.helm import CHARTS, Helm
from tests.live.imagebuild import ImageBuilder
from tests.live.node import NAME, Node
from tests.live.objects import make
from tests.live.processes import find_ports, reaches
from tests.live.site import Site
from tests.live.test_charts import RESTRICTED
from tests.live.test_node import pod
from tests.loopback.opensearch import serve_opensearch
from tests.pipeline.records import container_line

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("site")]

CHANNEL, ANNA = "C0INCIDENTS", "U0ANNA"
IMAGE = "registry.local/kubewhy:test"
WRITE = "try: open('/opt/x', 'w')\nexcept OSError as error: print(error)"
INSTALLED = "app.kubernetes.io/component=slack"
START_SECONDS, ANSWER_SECONDS = 180, 120


@pytest.fixture(scope="module")
def image(site: Site, node: Node, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app's image, on the first node."""
    if missing := imagebuild.find_missing():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("image")
    archive = write_image(ImageBuilder().build("app"), IMAGE, folder)
    node.ctr("images", "import", str(archive))
    archive.unlink()
    return IMAGE


def let_in(plane: ControlPlane, name: str, address: str, folder: Path) -> str:
    """The address at which Pods reach a server on this machine's loopback, from now on."""
    (port,) = find_ports(1)
    command = (sys.executable, "-m", "tests.live.forward", f"{GATEWAY}:{port}", address, folder)
    plane.processes.start(name, *command, ready=lambda: reaches(GATEWAY, port))
    return f"{GATEWAY}:{port}"


@pytest.fixture
async def slack(plane: ControlPlane, tmp_path: Path) -> AsyncIterator[LoopbackSlack]:
    """A Slack that Pods reach."""
    async with serve_slack() as slack:
        address = slack.url.removeprefix("http://").removesuffix("/api/")
        slack.url = f"http://{let_in(plane, 'slack', address, tmp_path)}/api/"
        slack.workspace.members = {CHANNEL: {BOT_USER, ANNA}}
        slack.workspace.scopes = set(SCOPES)
        yield slack
        plane.processes.stop("slack")


def describe(settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Values of a small installation."""
    repository, _, tag = IMAGE.rpartition(":")
    image = {"repository": repository, "tag": tag, "pullPolicy": "Never"}
    return {"image": image, "settings": settings, "nodeSelector": {"kubernetes.io/hostname": NAME}} | more


def use(slack: LoopbackSlack) -> dict[str, Any]:
    """Settings of an app in that Slack, for the cluster that it runs in."""
    channels = {CHANNEL: {"clusters": ["here"]}}
    clusters = {"here": {"in_cluster": True}}
    return {"clusters": clusters, "slack": {"api_url": slack.url, "channels": channels}}


def install(plane: ControlPlane, helm: Helm, namespace: str, values: dict[str, Any]) -> None:
    labelled = {"metadata": {"name": namespace, "labels": RESTRICTED}}
    tokens = {"bot-token": BOT_TOKEN, "app-token": APP_TOKEN}
    plane.apply(make("Namespace", namespace) | labelled)
    plane.apply(make("Secret", "kubewhy-slack", namespace, stringData=tokens))
    where = ("--namespace", namespace, "--kubeconfig", str(plane.kubeconfig))
    waits = ("--wait", "--timeout", f"{START_SECONDS}s")
    helm.run("upgrade", "--install", "kubewhy", str(CHARTS["kubewhy"]), *where, *waits, values=values)


def told(slack: LoopbackSlack, text: str) -> bool:
    return any(text in json.dumps([m.text, m.blocks]) for m in slack.workspace.by_bot())


async def test_it_starts_in_a_restricted_namespace_and_answers(
    plane: ControlPlane, slack: LoopbackSlack, image: str, namespace: str, tmp_path: Path
) -> None:
    ledger = pod("ledger", "default", "true", envFrom=[{"configMapRef": {"name": "ledger-settings"}}])
    plane.apply(ledger)
    try:
        await asyncio.to_thread(install, plane, Helm(tmp_path), namespace, describe(use(slack)))
        await slack.people.mention(CHANNEL, ANNA, "ledger does not start")
        await slack.workspace.until(lambda: told(slack, "ledger-settings"), ANSWER_SECONDS)

        async def look(*arguments: str) -> str:
            return await asyncio.to_thread(plane.kubectl, "--namespace", namespace, *arguments)

        item = json.loads(await look("get", "pods", "-l", INSTALLED, "-o", "json"))["items"][0]
        name = item["metadata"]["name"]
        path = f"/api/v1/namespaces/{namespace}/pods/{name}:8080/proxy/metrics"
        metrics = await asyncio.to_thread(plane.kubectl, "get", "--raw", path)
        assert 'kubewhy_questions_total{verdict="diagnosed",way="mention"} 1.0' in metrics
        memory = re.search(r"^process_resident_memory_bytes (\S+)", metrics, re.MULTILINE)
        assert memory and float(memory[1]) < 320 * 2**20, "what the chart requests"
        python = ("exec", name, "--", "/opt/kubewhy/bin/python", "-c")
        assert await look(*python, "import os; print(os.getuid(), os.getgid())") == "10001 10001\n"
        assert "Read-only" in await look(*python, WRITE)
        findings = json.loads(await look("exec", name, "--", "kubewhy", "doctor", "--json"))
        verdicts = {finding["part"]: finding["verdict"] for finding in findings}
        assert set(verdicts.values()) <= {"ok", "unset"}, findings
        assert verdicts["rights here"] == "ok"

    finally:
        plane.kubectl("delete", "pod", "ledger", "-n", "default", "--wait=false")


async def test_it_is_not_ready_without_slack_and_is_not_killed_for_it(
    plane: ControlPlane, slack: LoopbackSlack, image: str, namespace: str, tmp_path: Path
) -> None:
    await asyncio.to_thread(install, plane, Helm(tmp_path), namespace, describe(use(slack)))
    plane.processes.stop("slack")
    where = ("-l", INSTALLED, "--namespace", namespace)
    gone = ("wait", "--for=condition=Ready=false", "pod", *where, "--timeout=90s")
    await asyncio.to_thread(plane.kubectl, *gone)
    (item,) = json.loads(plane.kubectl("get", "pods", *where, "-o", "json"))["items"]
    assert [status["restartCount"] for status in item["status"]["containerStatuses"]] == [0]


async def test_the_pipeline_takes_what_fluent_bit_forwards(
    plane: ControlPlane, image: str, namespace: str, tmp_path: Path
) -> None:
    async with serve_opensearch() as opensearch:
        address = let_in(plane, "search", opensearch.url.removeprefix("http://"), tmp_path)
        ingest = {"enabled": True, "replicas": 1}
        settings = {"opensearch": {"url": f"http://{address}"}}
        values = describe(settings, slack={"enabled": False}, ingest=ingest)
        await asyncio.to_thread(install, plane, Helm(tmp_path), namespace, values)
        where = ("-n", namespace, "-o", "jsonpath={.items[0].status.podIP}")
        host = await asyncio.to_thread(plane.kubectl, "get", "pods", *where)
        entries = msgpack.packb([[1795529124, {}], container_line("ERROR cannot open /etc/app.conf")])
        reader, writer = await asyncio.open_connection(host, 24224)
        writer.write(msgpack.packb(["kube.web", entries, {"chunk": "c1", "size": 1, "fluent_signal": 0}]))
        assert await asyncio.wait_for(reader.read(100), 30) == msgpack.packb({"ack": "c1"})
        writer.close()
        assert [line["message"] for line in opensearch.lines()] == ["ERROR cannot open /etc/app.conf"]
        plane.processes.stop("search")
