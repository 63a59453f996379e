"""What module kubewhy gives the charts is what the charts take."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.settings import Settings
from tests.live.helm import Helm
from tests.live.terraform.runner import ROOT, Terraform

pytestmark = pytest.mark.live

MODULE = Path("deploy/terraform/modules/kubewhy")


@pytest.fixture(scope="module")
def values(terraform: Terraform) -> dict[str, dict[str, Any]]:
    """The values of each release that the module's own tests plan."""
    terraform.init(MODULE)
    told = map(json.loads, terraform.run(MODULE, "test", "-json", "-verbose").splitlines())
    plans = [line["test_plan"] for line in told if line["type"] == "test_plan"]
    changes = [change for plan in plans for change in plan.get("resource_changes", ())]
    planned = [change["change"]["after"] for change in changes if change["type"] == "helm_release"]
    return {release["name"]: yaml.safe_load(release["values"][0]) for release in planned}


def test_fluent_bits_chart_takes_them(values: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    objects = Helm(tmp_path).render("kubewhy-fluent-bit", values["kubewhy-fluent-bit"])
    rendered = json.dumps(objects)
    accounts = {found["metadata"]["name"] for found in objects if found["kind"] == "ServiceAccount"}
    identity = (ROOT / "deploy/terraform/modules/identity/variables.tf").read_text()
    assert accounts and all(f'"{account}"' in identity for account in accounts), "roles go by these names"
    for told in ("kubewhy-logs", "eu-west-1", "production"):
        assert told in rendered


def test_kubewhys_chart_takes_them(values: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    objects = Helm(tmp_path).render("kubewhy", values["kubewhy"])
    (account,) = (found for found in objects if found["kind"] == "ServiceAccount")
    assert account["metadata"]["name"] == "kubewhy"
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith(":role/kubewhy")
    (written,) = (found["data"] for found in objects if found["kind"] == "ConfigMap")
    settings = Settings.model_validate(tomllib.loads(written["kubewhy.toml"]))
    assert settings.opensearch.url == "https://search.example"
    assert settings.clusters["production"].in_cluster
