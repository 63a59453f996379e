"""Kubeconfigs, credential plugins and ServiceAccounts."""

import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from blockbuster import blockbuster_ctx

from domain.errors import ClusterUnavailable, MalformedSettings
from domain.settings import Settings
from tests.tools.cluster.live.conftest import LIMITS
from tests.tools.cluster.live.server import ApiServer
from tools.cluster.fleet import Fleet
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin, ServiceAccountLogin


def plugin(folder: Path, body: str) -> dict[str, Any]:
    """A credential plugin that counts its runs in ``runs`` beside it."""
    path = folder / "plugin"
    path.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"command": str(path), "apiVersion": "client.authentication.k8s.io/v1", "installHint": "ask Ann"}


def counting(folder: Path, valid: timedelta | None) -> dict[str, Any]:
    expiry = (datetime.now(UTC) + valid).strftime("%Y-%m-%dT%H:%M:%SZ") if valid else None
    return plugin(
        folder,
        f"runs = pathlib.Path({str(folder / 'runs')!r})\n"
        "number = len(runs.read_text()) + 1 if runs.exists() else 1\n"
        "runs.write_text('x' * number)\n"
        f"status = {{'token': f'token-{{number}}', 'expirationTimestamp': {expiry!r}}}\n"
        "print(json.dumps({'kind': 'ExecCredential', 'apiVersion': "
        "'client.authentication.k8s.io/v1', 'status': status}))",
    )


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())


async def test_a_plugins_token_is_kept_while_it_is_valid(server: ApiServer, tmp_path: Path) -> None:
    server.accepts = "token-1"
    path = server.kubeconfig(tmp_path, exec=counting(tmp_path, timedelta(minutes=14)))
    with blockbuster_ctx(["tools"]):
        async with LiveCluster("eks", KubeconfigLogin((path,)), LIMITS) as cluster:
            assert len(await cluster.list("Node")) == 3
            await cluster.version()
    assert runs(tmp_path) == 1
    assert "token-1" not in path.read_text()


async def test_a_token_that_expires_is_renewed_before_it_does(server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path, exec=counting(tmp_path, timedelta(seconds=5)))
    async with LiveCluster("eks", KubeconfigLogin((path,)), LIMITS) as cluster:
        await cluster.version()
        server.accepts = "token-2"
        assert await cluster.version() == "v1.20.2"
    assert [r.headers["Authorization"] for r in server.seen] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_is_rejected_is_renewed_once(server: ApiServer, tmp_path: Path) -> None:
    server.accepts = "token-2"
    path = server.kubeconfig(tmp_path, exec=counting(tmp_path, None))
    async with LiveCluster("eks", KubeconfigLogin((path,)), LIMITS) as cluster:
        assert await cluster.version() == "v1.20.2"
        await cluster.version()
        assert runs(tmp_path) == 2
        server.accepts = "another"
        with pytest.raises(ClusterUnavailable, match=r"does not accept our credentials \(401\)"):
            await cluster.version()
    assert runs(tmp_path) == 3


async def test_what_aws_writes_into_a_kubeconfig_serves_a_cluster_by_its_name(
    server: ApiServer, tmp_path: Path
) -> None:
    """The form of ``aws eks update-kubeconfig``: arguments, a profile in the environment, v1beta1."""
    (tmp_path / "bin").mkdir()
    command = plugin(
        tmp_path / "bin",
        "import os\n"
        "told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "status = {'token': '-'.join([*sys.argv[1:], os.environ['AWS_PROFILE']]), "
        "'expirationTimestamp': '2099-01-01T00:00:00Z'}\n"
        "print(json.dumps({**told, 'status': status}))",
    )
    written = {
        **command,
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "args": ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "shop"],
        "env": [{"name": "AWS_PROFILE", "value": "readonly"}],
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": False,
    }
    server.accepts = "--region-eu-west-1-eks-get-token---cluster-name-shop-readonly"
    path = server.kubeconfig(tmp_path, exec=written)
    fleet = Fleet(Settings(kubeconfig=str(path), clusters={"production": {"context": "lab"}}))
    cluster = fleet.open("production")
    assert await cluster.reader.version() == "v1.20.2"
    await cluster.close()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit('the SSO session has expired')", "the SSO session has expired.*: ask Ann"),
        ("print('{}')", "missing key"),
        (
            "print(json.dumps({'kind': 'ExecCredential', 'apiVersion': "
            "'client.authentication.k8s.io/v1', 'status': {}}))",
            "neither a token nor a key pair",
        ),
    ],
)
async def test_a_plugin_that_fails_is_named(body: str, said: str, server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path, exec=plugin(tmp_path, body))
    async with LiveCluster("eks", KubeconfigLogin((path,)), LIMITS) as cluster:
        with pytest.raises(ClusterUnavailable, match=rf"credential plugin '{tmp_path}/plugin'.*{said}"):
            await cluster.version()


async def test_a_plugin_that_is_not_installed_is_named(server: ApiServer, tmp_path: Path) -> None:
    command = {"command": str(tmp_path / "aws"), "apiVersion": "client.authentication.k8s.io/v1"}
    path = server.kubeconfig(tmp_path, exec=command)
    async with LiveCluster("eks", KubeconfigLogin((path,)), LIMITS) as cluster:
        with pytest.raises(ClusterUnavailable, match="aws' gave no credentials.*No such file"):
            await cluster.version()


async def test_a_context_is_chosen_from_several_files(server: ApiServer, tmp_path: Path) -> None:
    first = server.kubeconfig(tmp_path, **{"token": "static"})
    second = tmp_path / "second"
    second.write_text(
        yaml.safe_dump(
            {
                "contexts": [{"name": "far", "context": {"cluster": "c", "user": "v"}}],
                "users": [{"name": "v", "user": {"tokenFile": "token"}}],
            }
        )
    )
    (tmp_path / "token").write_text("from-a-file")
    server.accepts = "from-a-file"
    async with LiveCluster("far", KubeconfigLogin((first, second), "far"), LIMITS) as cluster:
        assert await cluster.version() == "v1.20.2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("contexts: [", "is no kubeconfig"),
        ("just text", "is no kubeconfig"),
        ("{}", "has no current context; name one of its own: none"),
        ("contexts: [{name: shop, context: {cluster: c}}]\ncurrent-context: shop", "cannot be used"),
        ("contexts: [{name: lab, context: {}}]", "no current context; name one of its own: lab"),
    ],
)
async def test_a_kubeconfig_that_cannot_be_used_says_why(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    async with LiveCluster("x", KubeconfigLogin((path,)), LIMITS) as cluster:
        with pytest.raises(MalformedSettings, match=said):
            await cluster.version()


async def test_a_context_or_file_that_does_not_exist_is_said_to(server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path)
    for login, said in (
        (KubeconfigLogin((path,), "prod"), "no context 'prod' in .*, it has: shop, lab"),
        (KubeconfigLogin((tmp_path / "none",)), "no kubeconfig at .*/none"),
    ):
        async with LiveCluster("x", login, LIMITS) as cluster:
            with pytest.raises(MalformedSettings, match=said):
                await cluster.version()


async def test_a_service_account_is_read_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("mounted")
    (tmp_path / "ca.crt").write_text("a certificate")
    credentials = await ServiceAccountLogin("10.0.0.1", 6443, tmp_path).load()
    assert credentials.configuration.host == "https://10.0.0.1:6443"
    assert credentials.configuration.api_key["BearerToken"].lower() == "bearer mounted"
    assert credentials.expires is not None
    with pytest.raises(MalformedSettings, match="run Kubewhy in a Pod that has one"):
        await ServiceAccountLogin(folder=tmp_path / "none").load()


async def test_a_kubeconfig_is_never_written(server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path, exec=counting(tmp_path, None))
    before = path.read_bytes()
    await KubeconfigLogin((path,)).load()
    assert path.read_bytes() == before
    assert json.loads(before)["users"][0]["user"]["exec"]
