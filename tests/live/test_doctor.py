"""``kubewhy doctor`` on a real API server: what an identity lacks is told, the shipped role lacks nothing."""

from pathlib import Path

import pytest
import yaml

from domain.settings import Settings
from surfaces.doctor.clusters import check_clusters
from surfaces.doctor.finding import Verdict
from tests.live.controlplane import ControlPlane
from tests.live.objects import make
from tests.live.test_rbac import MANIFESTS

pytestmark = pytest.mark.live

RBAC = "rbac.authorization.k8s.io/v1"


def log_in(plane: ControlPlane, account: str, namespace: str) -> Settings:
    """Settings of one cluster, whose login is a ServiceAccount."""
    token = plane.kubectl("create", "token", account, "-n", namespace).strip()
    path = plane.authority.write_user(plane.server, f"{account}-{namespace}", {"token": token})
    return Settings(kubeconfig=str(path), clusters={"live": {"context": read_context(path)}})


def read_context(path: Path) -> str:
    return str(yaml.safe_load(path.read_text())["current-context"])


async def test_the_shipped_role_lacks_nothing(plane: ControlPlane) -> None:
    plane.kubectl("apply", "-f", str(MANIFESTS / "rbac.yaml"))
    findings = await check_clusters(log_in(plane, "kubewhy", "kubewhy"))
    assert {str(finding.verdict) for finding in findings} == {"ok"}, findings
    assert {finding.part for finding in findings} == {"cluster live", "clock live", "rights live"}


async def test_an_account_without_a_role_is_told_every_rule(plane: ControlPlane, namespace: str) -> None:
    findings = await check_clusters(log_in(plane, "default", namespace))
    rights = next(finding for finding in findings if finding.part.startswith("rights"))
    assert rights.verdict is Verdict.FAILED
    assert "resources: [pods/log], verbs: [get]" in rights.fix
    assert 'apiGroups: ["apps"]' in rights.fix


async def test_one_rule_that_is_missing_is_the_one_that_is_named(plane: ControlPlane, namespace: str) -> None:
    plane.kubectl("apply", "-n", namespace, "-f", str(MANIFESTS / "rbac-namespaced.yaml"))
    plane.kubectl("delete", "role", "kubewhy-reader", "-n", namespace)
    role = yaml_role(MANIFESTS / "rbac-namespaced.yaml")
    rules = [rule for rule in role["rules"] if rule["resources"] != ["pods/log"]]
    plane.apply(make("Role", "kubewhy-reader", namespace, RBAC, rules=rules))
    settings = log_in(plane, "kubewhy", namespace)
    settings.clusters["live"].namespaces = (namespace,)
    findings = [f for f in await check_clusters(settings) if f.part.startswith("rights")]
    assert [(f.verdict, f.says) for f in findings][0] == (
        Verdict.FAILED,
        f"may not get pods/log in namespace {namespace}",
    )
    assert findings[1].verdict is Verdict.LIMITED and "nodes" in findings[1].says


def yaml_role(path: Path) -> dict[str, list[dict[str, list[str]]]]:
    return next(found for found in yaml.safe_load_all(path.read_text()) if found["kind"] == "Role")
