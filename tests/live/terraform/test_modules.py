"""What Terraform and its providers make of the modules: form, schema, plans, and what is refused."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.live import linters
from tests.live.terraform.runner import ROOT, Terraform

pytestmark = pytest.mark.live

FOLDER = Path("deploy/terraform")
FOLDERS = sorted(path.parent.relative_to(ROOT) for path in (ROOT / FOLDER).rglob("variables.tf"))
TESTED = [folder for folder in FOLDERS if (ROOT / folder / "tests").is_dir()]


def test_the_files_are_formatted(terraform: Terraform) -> None:
    assert terraform.run(FOLDER, "fmt", "-check", "-recursive") == ""
    assert terraform.run(Path("tests/live/terraform/stack"), "fmt", "-check") == ""


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_the_providers_know_every_resource_and_argument(terraform: Terraform, folder: Path) -> None:
    terraform.init(folder)
    assert "The configuration is valid" in terraform.run(folder, "validate")


@pytest.mark.parametrize("folder", TESTED, ids=str)
def test_plans_are_what_they_should_be(terraform: Terraform, folder: Path) -> None:
    terraform.init(folder)
    assert ", 0 failed" in terraform.run(folder, "test")


def test_every_folder_has_tests_of_its_own() -> None:
    assert FOLDERS == TESTED


def test_checkov_finds_nothing_that_is_not_explained() -> None:
    words = [
        "--directory",
        str(FOLDER),
        "--framework",
        "terraform",
        "--compact",
        "--quiet",
        "--skip-download",
    ]
    run = subprocess.run(
        [linters.install() / "checkov", *words],
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout
    assert "Failed checks: 0" in run.stdout


def test_every_exception_from_checkov_has_a_reason() -> None:
    skips = re.findall(
        r"#\s*checkov:skip=(.*)", "".join(p.read_text() for p in (ROOT / FOLDER).rglob("*.tf"))
    )
    assert skips
    assert all(len(skip.partition(":")[2].split()) >= 5 for skip in skips), skips
