"""What Kubewhy needs is down: the answer says so, in one message, and says what it can."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from domain.settings import Settings, SlackGrant, load_settings
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message
from tests.surfaces.slack.conftest import ANNA, CHANNEL
from tests.surfaces.slack.reading import answers, read
from tests.tools.cluster.live.server import ApiServer
from tools.cluster.recorded import RecordedCluster

RECORDING = Path(__file__).parents[2] / "recordings" / "missing-configmap-chain" / "cluster"
QUESTION = "payment service cannot start"

Describe = Callable[..., Settings]


@pytest.fixture
async def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[web.AppRunner]:
    """A cluster whose API server can be stopped; kubewhy.toml in the working directory names it."""
    server = ApiServer(RecordedCluster(RECORDING))
    runner = await server.start()
    server.log = None
    config = {
        "clusters": [{"name": "prod", "cluster": {"server": server.url}}],
        "users": [{"name": "u", "user": {"token": "any"}}],
        "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "u"}}],
    }
    (tmp_path / "config").write_text(json.dumps(config))
    (tmp_path / "kubewhy.toml").write_text("[clusters.production]\ncontext = 'prod'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    load_settings.cache_clear()
    yield runner
    load_settings.cache_clear()
    await runner.cleanup()


@pytest.fixture
async def ask(
    slack: LoopbackSlack, describe: Describe, production: web.AppRunner
) -> AsyncIterator[Callable[[], object]]:
    """Asks about production in the channel; the one answer."""
    async with AsyncExitStack() as stack:

        async def ask() -> Message:
            grant = SlackGrant(clusters=("production",))
            await stack.enter_async_context(run_app(describe(channels={CHANNEL: grant})))
            asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
            await slack.workspace.until(lambda: answers(slack, asked))
            await slack.workspace.until(lambda: not any("Stop" in read(m) for m in answers(slack, asked)), 60)
            (answer,) = answers(slack, asked)
            return answer

        yield ask


async def test_a_live_cluster_is_diagnosed(ask):
    answer = read(await ask())
    assert answer.startswith("Diagnosed") and "cluster production" in answer
    assert "kubectl --context prod create configmap cache-config" in answer


async def test_an_incident_of_a_live_cluster_is_exported_within_what_may_be_read(ask, slack: LoopbackSlack):
    answer = await ask()
    await slack.people.click(answer, ANNA, "export_incident")
    await slack.workspace.until(lambda: slack.workspace.files and any(slack.workspace.files.values()), 30)
    await slack.workspace.until(lambda: any(m.files for m in slack.workspace.messages), 30)
    ((_, content),) = slack.workspace.files.values()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        described = yaml.safe_load(archive.read("incident.yaml"))

    assert described["namespaces"] == ["prod-apps"] and described["provenance"] == "recorded"
    assert any(name.startswith("cluster/prod-apps/") for name in names)


async def test_with_the_api_server_down_the_answer_says_so(ask, production: web.AppRunner):
    await production.cleanup()
    answer = read(await ask())
    assert answer.startswith("No cause found")
    assert "The cluster cannot be read" in answer.split("Not seen")[1]
    assert "Traceback" not in answer


async def test_with_the_api_server_gone_half_way_the_answer_tells_what_was_seen(
    ask, production: web.AppRunner, monkeypatch: pytest.MonkeyPatch
):
    from graphs import troubleshoot
    from graphs.nodes.select_model import select_model

    async def pull_the_plug(state, runtime):
        await production.cleanup()
        return await select_model(state, runtime)

    pull_the_plug.__name__ = "select_model"
    nodes = tuple(pull_the_plug if node is select_model else node for node in troubleshoot.NODES)
    monkeypatch.setattr(troubleshoot, "NODES", nodes)
    monkeypatch.setattr(troubleshoot, "builder", troubleshoot.build())
    answer = read(await ask())

    assert answer.startswith("Diagnosed") and "cache-config" in answer
    assert "kubectl" in answer.split("Not seen")[1]


async def test_with_opensearch_down_the_answer_says_so(ask, tmp_path: Path):
    with (tmp_path / "kubewhy.toml").open("a") as file:
        file.write("[opensearch]\nurl = 'http://127.0.0.1:1'\ntimeout_seconds = 1\n")
    load_settings.cache_clear()
    answer = read(await ask())

    assert answer.startswith("Diagnosed") and "cache-config" in answer
    assert "OpenSearch" in answer.split("Not seen")[1]


async def test_with_everything_down_there_still_is_an_answer(ask, production: web.AppRunner, tmp_path: Path):
    with (tmp_path / "kubewhy.toml").open("a") as file:
        file.write("[opensearch]\nurl = 'http://127.0.0.1:1'\ntimeout_seconds = 1\n")
    load_settings.cache_clear()
    await production.cleanup()
    answer = read(await asyncio.wait_for(ask(), 60))

    assert answer.startswith("No cause found") and "Not seen" in answer
