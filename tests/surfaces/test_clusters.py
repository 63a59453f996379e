"""Several clusters from the command line."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from domain.diagnosis import Diagnosis
from domain.settings import load_settings
from surfaces.cli.app import app
from tests.tools.cluster.live.server import ApiServer
from tools.cluster.recorded import RecordedCluster

RECORDINGS = Path(__file__).parents[1] / "recordings"
SETTINGS = """
default_cluster = "production"

[clusters.production]
context = "shop"
aliases = ["prod"]
namespaces = ["web-*"]

[clusters.whole]
context = "lab"
"""


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """An API server in a thread of its own, since each command has its own event loop."""
    server = ApiServer(RecordedCluster(RECORDINGS / "oom-cross-namespace" / "cluster"))
    server.log = None
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(autouse=True)
def settings(server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a kubewhy.toml, a kubeconfig beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path, token="any")))  # noqa: S106
    (tmp_path / "kubewhy.toml").write_text(SETTINGS)
    load_settings.cache_clear()
    yield tmp_path
    load_settings.cache_clear()


def kubewhy(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "120"})


def test_the_answer_says_which_cluster_and_its_commands_reach_it() -> None:
    result = kubewhy("ask", "--cluster", "whole", "Homepage is slow")

    assert result.exit_code == 0
    assert "cluster whole\n" in result.stdout
    evidence, _, copied = result.stdout.partition("\nFix\n")
    lines = [line.strip() for line in copied.splitlines() if line.strip().startswith("kubectl ")]
    assert lines and all(line.startswith("kubectl --context lab ") for line in lines)
    assert "$ kubectl logs" in evidence and "--context" not in evidence


def test_the_default_cluster_is_asked_and_its_bounds_are_said() -> None:
    result = kubewhy("ask", "--json", "Homepage is slow")

    diagnosis = Diagnosis.model_validate_json(result.stdout)
    assert (diagnosis.cluster, diagnosis.kube_context) == ("production", "shop")
    assert any("Service feature-store in namespace recsys" in told for told in diagnosis.not_seen)
    assert result.stderr == ""


def test_kubectl_is_bounded_by_name_by_alias_and_by_default() -> None:
    for chosen in ([], ["--cluster", "production"], ["--cluster", "Prod"], ["--cluster", "shop"]):
        everywhere = kubewhy("kubectl", *chosen, "--", "get", "pods", "-A")
        assert "homepage" in everywhere.stdout and "feature-store" not in everywhere.stdout
        refused = kubewhy("kubectl", *chosen, "--", "get", "pods", "-n", "recsys")
        assert refused.exit_code == 2
        assert refused.stderr == (
            "kubewhy: Namespace 'recsys' is not read: `namespaces` of cluster production in kubewhy.toml"
            " allows web-*.\n"
        )


@pytest.mark.parametrize("words", [["ask", "x"], ["kubectl", "get", "pods"]])
def test_an_unknown_cluster_is_one_sentence_with_the_known_ones(words: list[str]) -> None:
    result = kubewhy(words[0], "--cluster", "prdo", *words[1:])

    assert result.exit_code == 2
    assert result.stderr == (
        "kubewhy: No cluster is called 'prdo': kubewhy.toml names production (also prod), whole,"
        " and no other is opened.\n"
    )


def test_a_context_that_the_kubeconfig_lacks_lists_its_contexts(settings: Path) -> None:
    (settings / "kubewhy.toml").write_text("[clusters.production]\ncontext = 'gone'\n")

    result = kubewhy("kubectl", "--", "get", "pods")

    assert result.exit_code == 2
    assert "There is no context 'gone' in " in result.stderr and "it has: shop, lab" in result.stderr


def test_two_clusters_in_the_question_are_asked_about_and_answered() -> None:
    asked = kubewhy("ask", "is the homepage as slow in whole as in prod?")

    assert asked.exit_code == 2
    assert "1) production\n  2) whole\n" in asked.stderr
    thread = asked.stderr.partition("--thread ")[2].split()[0]
    answered = kubewhy("ask", "--thread", thread, "--json", "2")
    assert json.loads(answered.stdout)["cluster"] == "whole"


def test_an_incident_is_still_an_incident() -> None:
    result = kubewhy("ask", "--incident", "missing-configmap-chain", "--json")

    diagnosis = Diagnosis.model_validate_json(result.stdout)
    assert (diagnosis.cluster, diagnosis.kube_context) == ("local", "")
