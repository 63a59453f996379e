"""The shipped roles on a real API server: what they allow is what they say, and nothing that writes."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.live.controlplane import ControlPlane

pytestmark = pytest.mark.live

MANIFESTS = Path(__file__).parents[2] / "deploy" / "kubernetes"
READS = {"get", "list", "watch"}
DANGEROUS = {"exec", "attach", "portforward", "proxy", "ephemeralcontainers", "token"}

Permission = tuple[str, str, str]
"""API group, resource and verb."""


@pytest.fixture
async def admin(plane: ControlPlane) -> AsyncIterator[httpx.AsyncClient]:
    context = ssl.create_default_context(cafile=str(plane.authority.certificate))
    context.load_cert_chain(*plane.authority.issue("rbac-tests", "system:masters"))
    async with httpx.AsyncClient(base_url=plane.server, verify=context) as client:
        yield client


async def list_permissions(admin: httpx.AsyncClient) -> list[Permission]:
    """Every permission there is to give."""
    groups = (await admin.get("/apis")).json()["groups"]
    versions = ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]
    found = []
    for version in versions:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for entry in (await admin.get(path)).json()["resources"]:
            group = version.rpartition("/")[0]
            for verb in {*entry["verbs"], *READS, "create", "update", "patch", "delete", "impersonate"}:
                found.append((group, entry["name"], verb))
    return found


async def list_allowed(admin: httpx.AsyncClient, user: str, namespace: str) -> set[Permission]:
    """What the API server's authorizer allows a user in a namespace, or (empty) everywhere."""
    slots = asyncio.Semaphore(8)

    async def ask(permission: Permission) -> bool:
        group, name, verb = permission
        resource, _, subresource = name.partition("/")
        attributes = {"group": group, "resource": resource, "subresource": subresource, "verb": verb}
        spec = {"user": user, "groups": [], "resourceAttributes": {**attributes, "namespace": namespace}}
        async with slots:
            answer = await admin.post(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews", json={"spec": spec}, timeout=30
            )
        return bool(answer.json()["status"]["allowed"])

    asked = await list_permissions(admin)
    assert len(asked) > 500
    allowed = await asyncio.gather(*map(ask, asked))
    return {permission for permission, yes in zip(asked, allowed, strict=True) if yes}


def read_rules(path: Path) -> set[Permission]:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(path.read_text()))
    return {
        (group, resource, verb)
        for document in documents
        for rule in document.get("rules") or []
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def assert_only_reads(allowed: set[Permission]) -> None:
    assert {verb for _, _, verb in allowed} <= READS
    assert not [name for group, name, _ in allowed if (group, name.partition("/")[0]) == ("", "secrets")]
    assert not [name for _, name, _ in allowed if name.partition("/")[2] in DANGEROUS]


async def test_the_role_of_the_whole_cluster_allows_what_it_says(
    plane: ControlPlane, admin: httpx.AsyncClient
) -> None:
    manifest = MANIFESTS / "rbac.yaml"
    plane.kubectl("apply", "-f", str(manifest))
    allowed = await list_allowed(admin, "system:serviceaccount:kubewhy:kubewhy", "")
    served = set(await list_permissions(admin))
    assert allowed == read_rules(manifest) & served
    assert len(allowed) > 100
    assert_only_reads(allowed)


async def test_the_role_of_one_namespace_allows_nothing_outside(
    plane: ControlPlane, namespace: str, admin: httpx.AsyncClient
) -> None:
    manifest = MANIFESTS / "rbac-namespaced.yaml"
    plane.kubectl("apply", "-n", namespace, "-f", str(manifest))
    user = f"system:serviceaccount:{namespace}:kubewhy"
    served = set(await list_permissions(admin))
    allowed = await list_allowed(admin, user, namespace)
    assert allowed == read_rules(manifest) & served
    assert_only_reads(allowed)
    assert await list_allowed(admin, user, "default") == await list_allowed(admin, user, "") == set()


def test_kubectl_agrees(plane: ControlPlane) -> None:
    plane.kubectl("apply", "-f", str(MANIFESTS / "rbac.yaml"))
    user = "--as=system:serviceaccount:kubewhy:kubewhy"
    rules = plane.kubectl("auth", "can-i", "--list", user)
    assert "pods/log" in rules
    assert "secrets" not in rules
    assert json.loads(plane.kubectl("get", "pods", "-A", "-o", "json", user))["kind"] == "List"
