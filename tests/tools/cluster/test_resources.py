import pytest

from tools.cluster.reader import Resource
from tools.cluster.resources import BUILTIN_RESOURCES, builtin_kind, find_resource

CERTIFICATE = Resource(
    kind="Certificate", plural="certificates", api_version="cert-manager.io/v1", short_names=("cert", "certs")
)


@pytest.mark.parametrize(
    ("word", "kind", "api_version"),
    [
        ("pods", "Pod", "v1"),
        ("PO", "Pod", "v1"),
        ("Deployment", "Deployment", "apps/v1"),
        ("deploy", "Deployment", "apps/v1"),
        ("deployments.apps", "Deployment", "apps/v1"),
        ("deployments.v1.apps", "Deployment", "apps/v1"),
        ("ing.networking", "Ingress", "networking.k8s.io/v1"),
        ("ev", "Event", "v1"),
        ("events.events.k8s.io", "Event", "events.k8s.io/v1"),
        ("pods.metrics.k8s.io", "PodMetrics", "metrics.k8s.io/v1beta1"),
        ("nodemetrics", "NodeMetrics", "metrics.k8s.io/v1beta1"),
        ("pods.v1.", "Pod", "v1"),
        ("quota", "ResourceQuota", "v1"),
        ("certs", "Certificate", "cert-manager.io/v1"),
        ("certificates.cert-manager.io", "Certificate", "cert-manager.io/v1"),
        ("hpa", "HorizontalPodAutoscaler", "autoscaling/v2"),
    ],
)
def test_a_word_names_a_type_as_in_kubectl(word: str, kind: str, api_version: str) -> None:
    found = find_resource(word, (*BUILTIN_RESOURCES, CERTIFICATE))
    assert found is not None
    assert (found.kind, found.api_version) == (kind, api_version)


@pytest.mark.parametrize("word", ["", ".", "pod s", "deployments.batch", "certificates", "all"])
def test_other_words_name_nothing(word: str) -> None:
    assert find_resource(word, BUILTIN_RESOURCES) is None


def test_names_win_over_short_names() -> None:
    shadow = Resource(kind="Shadow", plural="shadows", api_version="x.io/v1", short_names=("pods",))
    found = find_resource("pods", (shadow, *BUILTIN_RESOURCES))
    assert found is not None
    assert found.kind == "Pod"


def test_each_group_names_a_resource_once() -> None:
    names = [(resource.group, resource.plural) for resource in BUILTIN_RESOURCES]
    assert len(names) == len(set(names))
    event = builtin_kind("Event")
    assert event is not None
    assert event.api_version == "v1"
