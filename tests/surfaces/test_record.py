"""The command line around recordings: what is refused, and questions from stdin."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.settings import load_settings
from surfaces.cli.app import app
from tests.graphs.test_pasting import LOGS


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBEWHY_THREADS", str(tmp_path / "threads.sqlite"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_a_question_with_a_paste_is_read_from_stdin() -> None:
    result = CliRunner().invoke(app, ["ask", "-", "--json"], input=f"why does it die?\n{LOGS}")
    assert result.exit_code == 0
    assert "LEDGER_DB_URL" in result.stdout


def test_a_paste_is_not_told_to_be_about_the_default_recording() -> None:
    result = CliRunner().invoke(app, ["ask", "-"], input=LOGS)
    assert "cluster pasted" in result.stdout
    assert "No --cluster was named" not in result.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["-n", "shop", "--since", "soon"], "'soon' is no period"),
        (["-n", "shop"], "No cluster is named"),
        (["--cluster", "prod"], "Missing option '--namespace'"),
    ],
)
def test_what_cannot_be_recorded_is_said(options: list[str], complaint: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["record", *options, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert complaint in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
