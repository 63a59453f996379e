"""The README shows what really happens."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.playbook import Playbook
from surfaces.cli.app import app

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def find_block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)
    assert found, f"the README has no {language or 'plain'} block"
    return found[1]


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    shown = [line for line in find_block("").splitlines()[1:] if line.strip() not in ("", "[...]")]

    result = CliRunner().invoke(
        app, ["ask", "--incident", "missing-configmap-chain", "Payment service cannot start"]
    )

    printed = iter(result.stdout.splitlines())
    missing = [line for line in shown[:-1] if line not in printed]
    assert not missing, "make the block again from the output of `make demo`"
    assert re.fullmatch(r'kubewhy ask --thread \w+ "did the fix work\?"', shown[-1])


def test_the_rule_of_the_readme_is_a_rule(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(find_block("yaml"))

    assert "unposted-entries" in {rule.id for rule in Playbook.load(tmp_path).rules}


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")

    for target in set(re.findall(r"\bmake ([a-z]+)\b", README)):
        assert re.search(rf"^{target}:", makefile, re.M), f"there is no `make {target}`"
