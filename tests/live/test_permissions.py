"""What a real API server lets an identity see, and what the reader says about the rest."""

import json
import re
from pathlib import Path

import pytest
import yaml

from domain.errors import ClusterUnavailable
from tests.live.build import read_version
from tests.live.certificates import Authority
from tests.live.conftest import Connect
from tests.live.controlplane import ControlPlane
from tests.live.objects import Object, make
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import ServiceAccountLogin
from tools.cluster.snapshot import SURVEYED_KINDS, take_snapshot

pytestmark = pytest.mark.live

RBAC = "rbac.authorization.k8s.io/v1"
RULE = re.compile(r"a (Cluster)?Role .*?the rule \{(.*)\}, bound")


def log_in(plane: ControlPlane, namespace: str) -> Path:
    """A kubeconfig for the namespace's ServiceAccount, which may do nothing."""
    token = plane.kubectl("create", "token", "default", "-n", namespace).strip()
    return plane.authority.write_user(plane.server, f"default-{namespace}", {"token": token})


def grant(namespace: str, sentence: str) -> list[Object]:
    """The role that the sentence asks for, and its binding."""
    found = RULE.search(sentence)
    assert found, sentence
    prefix, rule = found[1] or "", yaml.safe_load(f"{{{found[2]}}}")
    home = "" if prefix else namespace
    name = f"granted-{namespace}-{'-'.join(rule['resources'] + rule['verbs'])}".replace("/", "-")
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": namespace}
    reference = {"apiGroup": RBAC.partition("/")[0], "kind": f"{prefix}Role", "name": name}
    return [
        make(f"{prefix}Role", name, home, RBAC, rules=[rule]),
        make(f"{prefix}RoleBinding", name, home, RBAC, subjects=[subject], roleRef=reference),
    ]


async def test_the_rule_that_a_refusal_names_is_the_one_that_helps(
    plane: ControlPlane, namespace: str, connect: Connect
) -> None:
    cluster = connect(log_in(plane, namespace))
    reads = (
        lambda: cluster.list("Pod", namespace),
        lambda: cluster.list("Node"),
        lambda: cluster.list("Deployment"),
        lambda: cluster.events(namespace),
        lambda: cluster.get("ConfigMap", "kube-root-ca.crt", namespace),
    )
    for read in reads:
        with pytest.raises(ClusterUnavailable, match=r"User 'system:serviceaccount:.*\(403\)") as refusal:
            await read()
        plane.apply(*grant(namespace, str(refusal.value)))
        await read()


async def test_a_survey_says_what_it_may_not_see(
    plane: ControlPlane, namespace: str, connect: Connect
) -> None:
    cluster = connect(log_in(plane, namespace))
    with pytest.raises(ClusterUnavailable) as refusal:
        await cluster.list("Pod", namespace)
    plane.apply(*grant(namespace, str(refusal.value)))
    snapshot = await take_snapshot(cluster, [namespace])
    assert set(snapshot.unseen) == {*SURVEYED_KINDS, "Event"} - {"Pod"}


async def test_a_pods_own_account_can_be_used(plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    token = plane.kubectl("create", "token", "default", "-n", namespace).strip()
    (tmp_path / "token").write_text(token)
    (tmp_path / "ca.crt").write_bytes(plane.authority.certificate.read_bytes())
    port = int(plane.server.rpartition(":")[2])
    async with LiveCluster("local", ServiceAccountLogin("127.0.0.1", port, tmp_path)) as cluster:
        assert await cluster.version() == read_version()
        with pytest.raises(ClusterUnavailable, match=f"User 'system:serviceaccount:{namespace}:default'"):
            await cluster.list("Pod", namespace)


async def test_a_credential_plugin_can_give_a_certificate(
    plane: ControlPlane, connect: Connect, tmp_path: Path
) -> None:
    certificate, key = plane.authority.issue("plugged", "system:masters")
    pair = {"clientCertificateData": certificate.read_text(), "clientKeyData": key.read_text()}
    version = "client.authentication.k8s.io/v1"
    credential = tmp_path / "credential.json"
    credential.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": pair}))
    plugin = {"apiVersion": version, "command": "cat", "args": [str(credential)]}
    cluster = connect(plane.authority.write_user(plane.server, "plugged", {"exec": plugin}))
    assert {item["metadata"]["name"] for item in await cluster.list("Namespace")} > {"default"}


async def test_a_token_that_the_server_does_not_know_is_said_to_be(
    plane: ControlPlane, connect: Connect
) -> None:
    cluster = connect(plane.authority.write_user(plane.server, "stranger", {"token": "made-up"}))
    with pytest.raises(ClusterUnavailable, match=r"does not accept our credentials \(401\)"):
        await cluster.list("Pod")


async def test_a_server_of_another_authority_is_not_trusted(
    plane: ControlPlane, connect: Connect, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "pki")
    cluster = connect(other.write_kubeconfig(plane.server, "kubewhy-admin", "system:masters"))
    with pytest.raises(ClusterUnavailable, match="certificate is not trusted"):
        await cluster.version()
