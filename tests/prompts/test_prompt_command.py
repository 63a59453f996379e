"""``kubewhy prompt``: a real case, investigated up to the question for a model."""

import re

import pytest
from typer.testing import CliRunner, Result

from domain.case import count_tokens
from domain.settings import load_settings
from surfaces.cli.app import app

INCIDENT = "missing-configmap-chain"


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["prompt", "--incident", INCIDENT, *words])


@pytest.mark.parametrize("family", ["claude", "deepseek"])
@pytest.mark.parametrize("role", ["plan", "diagnose"])
def test_the_prompt_holds_what_was_found(family: str, role: str) -> None:
    result = invoke("--family", family, "--role", role, "Payment service cannot start")

    assert result.exit_code == 0, result.stderr
    assert "<question>\nPayment service cannot start\n</question>" in result.stdout
    shown = set(re.findall(r'^<evidence id="(E[0-9a-f]{8})"', result.stdout, re.M))
    cited = set(re.findall(r"\(rests on ([^)]*)\)", result.stdout))
    assert 'configmap "cache-config" not found' in result.stdout
    assert shown
    assert shown & {id_ for line in cited for id_ in line.split(", ")}
    assert count_tokens(result.stdout) < load_settings().limits.evidence_tokens + 6000


def test_a_diagnosis_is_asked_for_after_the_commands_and_a_plan_before() -> None:
    before, after = (invoke("--role", role).stdout for role in ("plan", "diagnose"))

    assert "<commands>\n(none)\n</commands>" in before
    assert "<commands>\n- kubectl" in after


def test_the_incident_s_own_question_is_the_default() -> None:
    assert "Can somebody look at prod-apps?" in invoke().stdout


def test_the_same_question_gives_the_same_prompt() -> None:
    assert invoke().stdout == invoke().stdout


def test_an_unknown_object_ends_with_2() -> None:
    result = invoke("Why does deployment/paymnet-servcie fail?")

    assert result.exit_code == 2
    assert "payment-service" in result.stderr
