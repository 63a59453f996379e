"""One copy of the modules for all tests in this folder."""

import shutil
from pathlib import Path

import pytest

from tests.live.terraform.runner import ROOT, Terraform, describe_mirrors


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    if not shutil.which("terraform"):
        pytest.skip("there is no terraform in PATH: https://developer.hashicorp.com/terraform/install")
    copy = tmp_path_factory.mktemp("terraform")
    for folder in (Path("deploy"), Path("tests/live/terraform/stack")):
        shutil.copytree(ROOT / folder, copy / folder)
    return Terraform(copy, describe_mirrors(copy))
