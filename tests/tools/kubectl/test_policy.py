"""What the policy lets pass, beside the corpus: contexts, kinds that are credentials, kinds called Secret."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.errors import RefusedCommand
from tools.cluster.reader import Resource
from tools.cluster.recorded import RecordedCluster
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import Kubectl, KubectlCommand
from tools.kubectl.policy import check, is_readable

POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}


def make_kubectl(folder: Path, *objects: dict[str, Any], context: str = "") -> Kubectl:
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    cluster = RecordedCluster(folder, now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    return Kubectl(cluster, namespace="shop", context=context)


def custom(kind: str, plural: str) -> Resource:
    return Resource(kind=kind, plural=plural, api_version="example.com/v1")


async def test_the_context_of_the_cluster_at_hand_may_be_named(tmp_path: Path) -> None:
    kubectl = make_kubectl(tmp_path, POD, context="kind-shop")
    for line in ("get pods --context kind-shop", "kubectl --context=kind-shop get pods"):
        output = await kubectl.run(line)
        assert output.line == "kubectl get pods -n shop"
        assert "web" in output.text
    with pytest.raises(RefusedCommand, match="'kind-other' is refused.*or name 'kind-shop'"):
        await kubectl.run("get pods --context kind-other")


async def test_no_context_may_be_named_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(RefusedCommand, match="read-only identity; leave it out"):
        await make_kubectl(tmp_path, POD).run("get pods --context kind-shop")


async def test_what_a_recording_knows_is_found_whatever_context_is_named(tmp_path: Path) -> None:
    (tmp_path / "objects.yaml").write_text(yaml.safe_dump(POD))
    known = {"kubectl get pods": "as it was printed"}
    cluster = RecordedCluster(tmp_path)
    kubectl = Kubectl(cluster, context="c", recall=lambda line: known.get(line, ""))
    assert (await kubectl.run("get pods --context=c")).text == "as it was printed"


@pytest.mark.parametrize(
    ("kind", "plural", "readable"),
    [
        ("Token", "tokens", False),
        ("OAuthAccessToken", "oauthaccesstokens", False),
        ("UserCredential", "usercredentials", False),
        ("ApiKey", "apikeys", False),
        ("Vault", "secrets", False),
        ("Secret.example.com", "secrets", True),
        ("ExternalSecret", "externalsecrets", True),
        ("SealedSecret", "sealedsecrets", True),
        ("CredentialsRequest", "credentialsrequests", True),
        ("Tokenizer", "tokenizers", True),
    ],
)
def test_custom_kinds_that_are_credentials_cannot_be_read(kind: str, plural: str, readable: bool) -> None:
    assert is_readable(custom(kind, plural)) is readable


@pytest.mark.parametrize("plural", ["secrets", "vaultsecretz"])
def test_a_custom_kind_called_secret_shows_no_values_either(plural: str) -> None:
    served = [*BUILTIN_RESOURCES, custom("Secret.example.com", plural)]
    for line in (f"get {plural}.example.com -o yaml", f"get {plural}.v1.example.com -o json"):
        with pytest.raises(RefusedCommand, match="Values of Secrets are never shown"):
            check(KubectlCommand.parse(line), served)


async def test_a_custom_secret_is_described_without_its_values(tmp_path: Path) -> None:
    secret = {
        "apiVersion": "example.com/v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop"},
        "data": {"colour": "plum-orchard"},
        "spec": {"colour": "plum-orchard"},
    }
    kubectl = make_kubectl(tmp_path, secret)
    text = (await kubectl.run("describe secrets.example.com db")).text
    assert "Name:" in text
    assert "plum" not in text


def test_a_command_that_was_made_rather_than_parsed_is_checked_all_the_same() -> None:
    made = KubectlCommand(verb="get", context="elsewhere")
    with pytest.raises(RefusedCommand, match="'elsewhere' is refused"):
        check(made, BUILTIN_RESOURCES)
