"""``kubewhy eval run``: tables for people, JSON for programs, exit codes for both."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.settings import load_settings
from surfaces.cli.app import app
from tools.incidents import INCIDENTS

ONE = "missing-configmap-chain"


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["eval", "run", *words])


def test_tables_show_each_incident_and_each_issue_type() -> None:
    result = invoke("--only", ONE, "--only", "healthy-noisy")

    assert result.exit_code == 0
    for word in (ONE, "healthy-noisy", "By issue type", "configuration", "none", "2 of 2 right"):
        assert word in result.stdout
    assert "wrong" not in result.stdout


def test_json_to_stdout_comes_alone() -> None:
    result = invoke("--only", ONE, "--json", "-")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["total"] == {
        "cases": 1,
        "right": 1,
        "by_score": dict.fromkeys(("object", "top-3", "type", "facts", "blame", "outcome", "citations"), 1),
        "tokens": 0,
        "cost": 0.0,
    }
    assert told["by_issue_type"]["configuration"]["right"] == 1
    assert [(case["id"], case["right"]) for case in told["cases"]] == [(ONE, True)]
    assert 0 < told["cases"][0]["seconds"] < 30


def test_json_into_a_file(tmp_path: Path) -> None:
    target = tmp_path / "result.json"

    result = invoke("--only", ONE, "--json", str(target))

    assert result.exit_code == 0
    assert json.loads(target.read_text())["cases"][0]["id"] == ONE
    assert "1 of 1 right" in result.stdout


def test_a_wrong_answer_is_shown_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ONE
    shutil.copytree(INCIDENTS / ONE, folder)
    path = folder / "incident.yaml"
    path.write_text(path.read_text().replace("name: cache-service", "name: another-service"))
    monkeypatch.setenv("KUBEWHY_INCIDENTS", str(tmp_path))
    load_settings.cache_clear()
    try:
        result = invoke()
    finally:
        load_settings.cache_clear()

    assert result.exit_code == 1
    assert "wrong" in result.stdout
    assert "0 of 1 right" in result.stdout


def test_an_unknown_incident_ends_with_2_and_one_sentence() -> None:
    result = invoke("--only", "no-such-incident")

    assert result.exit_code == 2
    assert "no-such-incident" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_a_file_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    result = invoke("--only", ONE, "--json", str(tmp_path / "no" / "folder.json"))

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
