"""Who answers, as it is chosen on the command line; what that took, as it is told there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.settings import load_settings
from surfaces.cli.app import app
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock
from tests.loopback.threads import in_thread

ONE, UNSURE = "missing-configmap-chain", "webhook-without-backend"
V3, CLAUDE = "deepseek.v3.2", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.fixture
def bedrock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackBedrock]:
    take_dummy_keys(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    with in_thread(serve_bedrock()) as served:
        monkeypatch.setenv("KUBEWHY_MODELS__ENDPOINT_URL", served.url)
        load_settings.cache_clear()
        yield served
    load_settings.cache_clear()


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_the_report_says_who_answered_why_and_at_what_cost(bedrock: LoopbackBedrock) -> None:
    shown = invoke("ask", "--incident", ONE, "--route", f"{V3}, {CLAUDE}")
    assert shown.exit_code == 0
    told = " ".join(shown.stdout.partition("Answered by")[2].split())
    assert f"playbook, confirmed by {V3}." in told
    assert f"It goes to {V3}, then to {CLAUDE}, then to the playbook." in told
    assert f"{V3}: once, " in told and " tokens, $0.0" in told


def test_without_models_the_report_does_not_speak_of_them(bedrock: LoopbackBedrock) -> None:
    shown = invoke("ask", "--incident", ONE)
    assert "Answered by" not in shown.stdout
    assert not bedrock.asked


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--route", "gpt-9"], "Model 'gpt-9' is not known"),
        (["--reasoner", "oracle"], "'oracle' is not one of"),
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(
    words: list[str], sentence: str, bedrock: LoopbackBedrock
) -> None:
    shown = invoke("ask", "--incident", ONE, *words)
    assert shown.exit_code == 2
    assert sentence in shown.stderr and "Traceback" not in shown.stderr


def test_setups_are_compared_in_one_table(bedrock: LoopbackBedrock) -> None:
    words = ["--only", ONE, "--only", UNSURE, "--reasoner", "playbook", "--reasoner", "hybrid"]
    shown = invoke("eval", "run", *words, "--route", V3, "--domain", "none", "--domain", "finance")
    assert shown.exit_code == 0
    for told in ("playbook", f"hybrid: {V3}, none", f"hybrid: {V3}, finance", "tokens", "cost", "2 of 2"):
        assert told in shown.stdout
    assert "6 of 6 right" in shown.stdout


def test_the_result_in_json_holds_what_models_took(bedrock: LoopbackBedrock) -> None:
    shown = invoke("eval", "run", "--only", UNSURE, "--reasoner", "model", "--route", CLAUDE, "--json", "-")
    told = json.loads(shown.stdout)
    (case,) = told["cases"]
    assert case["tokens"] > 1_000 and case["cost"] > 0 and case["calls"] >= 2
    assert case["reasoner"] == CLAUDE
    assert told["by_setup"][f"model: {CLAUDE}"]["all"]["tokens"] == case["tokens"]


@pytest.mark.parametrize("role", ["plan", "diagnose", "classify", "rewrite"])
def test_a_prompt_says_what_its_domain_pack_costs(role: str, bedrock: LoopbackBedrock) -> None:
    shown = invoke("prompt", "--incident", ONE, "--domain", "healthcare", "--role", role)
    assert shown.exit_code == 0
    assert "# The field: healthcare" in shown.stdout
    assert "of the domain pack healthcare." in shown.stderr
    assert not bedrock.asked


def test_an_unknown_domain_pack_is_one_sentence(bedrock: LoopbackBedrock) -> None:
    shown = invoke("prompt", "--incident", ONE, "--domain", "fintech")
    assert shown.exit_code == 2
    assert "there are finance, healthcare" in shown.stderr
