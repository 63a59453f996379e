"""Clusters by name: found, told apart, mentioned in a question."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.errors import MalformedSettings, UnknownCluster
from domain.settings import Settings
from tools.cluster.bounds import EVERYWHERE, BoundedCluster
from tools.cluster.fleet import Fleet

CLUSTERS: dict[str, Any] = {
    "production": {"context": "prod-eks", "aliases": ["prod", "Live EU"], "namespaces": ["shop", "pay-*"]},
    "staging": {"context": "arn:aws:eks:eu-west-1:1:cluster/stage", "aliases": ["stage"]},
    "tools": {"in_cluster": True},
    "lab": {},
}


def fleet(**settings: Any) -> Fleet:
    return Fleet(Settings(**settings))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("production", "production"),
        ("PROD", "production"),
        ("live eu", "production"),
        ("prod-eks", "production"),
        ("arn:aws:eks:eu-west-1:1:cluster/stage", "staging"),
        ("lab", "lab"),
    ],
)
def test_a_cluster_goes_by_its_name_its_aliases_and_its_context(word: str, name: str) -> None:
    assert fleet(clusters=CLUSTERS).find(word) == name


@pytest.mark.parametrize("word", ["prd", "other-context", "prod-eks2", ""])
def test_where_clusters_are_configured_no_other_is_opened(word: str) -> None:
    known = r"names production \(also prod, Live EU\), staging \(also stage\), tools, lab, and no other"
    with pytest.raises(UnknownCluster, match=known):
        fleet(clusters=CLUSTERS).open(word)


def test_a_context_that_two_clusters_share_passes_by_neither_ones_bounds() -> None:
    shared = {"shop": {"context": "eks", "namespaces": ["shop"]}, "pay": {"context": "eks"}}
    with pytest.raises(UnknownCluster, match="Context 'eks' is that of several clusters.*shop, pay"):
        fleet(clusters=shared).open("eks")


async def test_without_configured_clusters_a_name_is_a_context(tmp_path: Path) -> None:
    config = {
        "contexts": [{"name": n, "context": {}} for n in ("kind", "minikube")],
        "current-context": "kind",
    }
    (tmp_path / "config").write_text(json.dumps(config))
    contexts = fleet(kubeconfig=str(tmp_path / "config"))
    opened = contexts.open("far-away")
    assert (opened.reader.name, opened.kube_context, opened.bounds) == ("far-away", "far-away", EVERYWHERE)
    with pytest.raises(MalformedSettings, match="no context 'far-away' in .*, it has: kind, minikube"):
        await opened.reader.version()
    await opened.close()
    assert contexts.names == ()
    assert contexts.default() == ""


def test_the_default_is_named_or_the_only_one() -> None:
    assert fleet(clusters=CLUSTERS, default_cluster="stage").default() == "staging"
    assert fleet(clusters={"lab": {}}).default() == "lab"
    with pytest.raises(
        UnknownCluster, match=r"has several \(production .*: name one with --cluster.*default_cl"
    ):
        fleet(clusters=CLUSTERS).default()


async def test_each_is_opened_apart_with_its_own_bounds() -> None:
    clusters = fleet(clusters=CLUSTERS)
    production, again, staging = (clusters.open(word) for word in ("prod", "production", "staging"))
    assert isinstance(production.reader, BoundedCluster)
    assert (production.reader.name, production.kube_context) == ("production", "prod-eks")
    assert [n for n in ("shop", "pay-eu", "pay", "shop2") if production.bounds.allow(n)] == ["shop", "pay-eu"]
    assert production.reader is not again.reader
    assert (staging.bounds, staging.kube_context) == (EVERYWHERE, CLUSTERS["staging"]["context"])
    for opened in (production, again, staging):
        await opened.close()


async def test_in_a_cluster_it_is_its_service_account() -> None:
    inside = fleet(clusters=CLUSTERS).open("tools")
    assert inside.kube_context == ""
    with pytest.raises(
        MalformedSettings, match=r"no ServiceAccount in /var/run/secrets/.*run Kubewhy in a Pod"
    ):
        await inside.reader.version()
    await inside.close()


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("payment cannot start in prod", ["production"]),
        ("Prod: payment cannot start", ["production"]),
        ("is it (live eu)?", ["production"]),
        ("payment in prod is fine, in staging it is not.", ["production", "staging"]),
        ("why is production, that is prod, slow?", ["production"]),
        ("payment cannot start in prod-apps", []),
        ("dial tcp: lookup db.prod.svc: no such host", []),
        ("the product is slow on eu-prod, see prod/web", []),
        ("payment in namespace prod cannot start", []),
        ("the prod namespace of staging", ["staging"]),
        ("kubectl get pods -n prod", []),
        ("payment cannot start", []),
    ],
)
def test_a_question_names_a_cluster_by_a_word_of_its_own(question: str, names: list[str]) -> None:
    assert list(fleet(clusters=CLUSTERS).mentioned(question)) == names
