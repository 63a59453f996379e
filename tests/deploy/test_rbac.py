"""The roles: they look at all that a diagnosis reads, and do nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.cluster.resources import BUILTIN_RESOURCES

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
FILES = ("rbac.yaml", "rbac-namespaced.yaml")
WRITE_ONLY = {"bindings"} | {r.plural for r in BUILTIN_RESOURCES if r.kind.endswith("Review")}
"""Types that the API server serves for ``create`` alone."""


def load(name: str) -> dict[str, dict[str, Any]]:
    documents = list(yaml.safe_load_all((FOLDER / name).read_text()))
    return {document["kind"]: document for document in documents}


def find_role(name: str) -> dict[str, Any]:
    objects = load(name)
    return objects.get("ClusterRole") or objects["Role"]


def allowed(name: str) -> dict[tuple[str, str], set[str]]:
    return {
        (group, resource): set(rule["verbs"])
        for rule in find_role(name)["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize("name", FILES)
def test_a_role_only_looks(name: str) -> None:
    for rule in find_role(name)["rules"]:
        assert set(rule) == {"apiGroups", "resources", "verbs"}
        assert set(rule["verbs"]) <= {"get", "list", "watch"}
        assert "*" not in rule["apiGroups"] + rule["resources"] + rule["verbs"]


@pytest.mark.parametrize("name", FILES)
def test_no_role_names_secrets_or_a_subresource_that_acts(name: str) -> None:
    resources = {resource for _, resource in allowed(name)}

    assert "secrets" not in resources
    assert {resource for resource in resources if "/" in resource} == {"pods/log"}


@pytest.mark.parametrize("name", FILES)
def test_a_role_covers_every_built_in_resource(name: str) -> None:
    rules = allowed(name)
    expected = {
        (resource.group, resource.plural)
        for resource in BUILTIN_RESOURCES
        if resource.plural not in WRITE_ONLY | {"secrets"} and (resource.namespaced or name == "rbac.yaml")
    }

    assert set(rules) == expected | {("", "pods/log")}
    assert all({"get", "list"} <= verbs for (_, plural), verbs in rules.items() if plural != "pods/log")


@pytest.mark.parametrize("name", FILES)
def test_the_binding_joins_the_account_to_the_role(name: str) -> None:
    objects = load(name)
    binding = objects.get("ClusterRoleBinding") or objects["RoleBinding"]
    account = objects["ServiceAccount"]["metadata"]

    assert binding["roleRef"]["name"] == find_role(name)["metadata"]["name"]
    assert binding["roleRef"]["kind"] == find_role(name)["kind"]
    assert [(s["kind"], s["name"], s.get("namespace")) for s in binding["subjects"]] == [
        ("ServiceAccount", account["name"], account.get("namespace"))
    ]
