from decimal import Decimal
from typing import Any

import pytest

from tools.cluster.placement import allocatable, fits_labels, pod_amounts, untolerated_taints, used
from tools.cluster.quantities import parse_quantity, tell_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", "0.5"),
        ("2", "2"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("128Mi", "134217728"),
        ("1Gi", "1073741824"),
        ("1G", "1000000000"),
        ("100k", "100000"),
        ("12e6", "12000000"),
        ("1E", "1e18"),
        ("250n", "0.00000025"),
    ],
)
def test_quantities(text: str, value: str) -> None:
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "Mi", "1Qi", None, "1m1"])
def test_what_is_no_quantity(text: object) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("value", "resource", "told"),
    [
        ("0.25", "cpu", "250m"),
        ("16", "cpu", "16"),
        ("100663296", "memory", "96Mi"),
        ("110", "pods", "110"),
        ("1610612736", "requests.storage", "1.5Gi"),
    ],
)
def test_quantities_are_told_as_people_write_them(value: str, resource: str, told: str) -> None:
    assert tell_quantity(Decimal(value), resource) == told


def make_node(labels: dict[str, str], taints: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {
        "kind": "Node",
        "metadata": {"name": "node-a", "labels": labels},
        "spec": {"taints": taints or []},
        "status": {"allocatable": {"cpu": "2", "memory": "4Gi"}},
    }


def affinity(*expressions: dict[str, Any]) -> dict[str, Any]:
    terms = [{"matchExpressions": [expression]} for expression in expressions]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"affinity": {"nodeAffinity": required}}


@pytest.mark.parametrize(
    ("spec", "fits"),
    [
        ({}, True),
        ({"nodeSelector": {"pool": "ml"}}, True),
        ({"nodeSelector": {"pool": "web"}}, False),
        (affinity({"key": "pool", "operator": "In", "values": ["ml", "web"]}), True),
        (affinity({"key": "pool", "operator": "NotIn", "values": ["ml"]}), False),
        (affinity({"key": "gpu", "operator": "Exists"}), False),
        (affinity({"key": "gpu", "operator": "Exists"}, {"key": "pool", "operator": "Exists"}), True),
        (affinity({"key": "gpu", "operator": "DoesNotExist"}), True),
        (affinity({"key": "cores", "operator": "Gt", "values": ["4"]}), True),
        (affinity({"key": "cores", "operator": "Lt", "values": ["4"]}), False),
        (affinity({"key": "pool", "operator": "Near", "values": ["ml"]}), False),
    ],
)
def test_labels(spec: dict[str, Any], fits: bool) -> None:
    assert fits_labels(spec, make_node({"pool": "ml", "cores": "8"})) is fits


@pytest.mark.parametrize(
    ("tolerations", "kept_off"),
    [
        ([], True),
        ([{"operator": "Exists"}], False),
        ([{"key": "dedicated", "operator": "Exists"}], False),
        ([{"key": "dedicated", "value": "ml"}], False),
        ([{"key": "dedicated", "value": "web"}], True),
        ([{"key": "dedicated", "value": "ml", "effect": "NoExecute"}], True),
    ],
)
def test_taints(tolerations: list[dict[str, str]], kept_off: bool) -> None:
    soft = {"key": "spot", "effect": "PreferNoSchedule"}
    node = make_node({}, [soft, {"key": "dedicated", "value": "ml", "effect": "NoSchedule"}])

    assert bool(untolerated_taints({"tolerations": tolerations}, node)) is kept_off


def make_pod(phase: str, *requests: str, init: str = "0") -> dict[str, Any]:
    containers = [{"name": str(i), "resources": {"requests": {"cpu": r}}} for i, r in enumerate(requests)]
    first = [{"name": "init", "resources": {"requests": {"cpu": init}}}]
    spec = {"nodeName": "node-a", "containers": containers, "initContainers": first}
    return {"kind": "Pod", "metadata": {"name": phase}, "spec": spec, "status": {"phase": phase}}


def test_requests_are_the_sum_or_the_largest_init_container() -> None:
    assert pod_amounts(make_pod("Running", "500m", "250m"), "requests")["cpu"] == Decimal("0.75")
    assert pod_amounts(make_pod("Running", "500m", init="1500m"), "requests")["cpu"] == Decimal("1.5")


def test_what_a_node_has_and_what_is_taken_of_it() -> None:
    pods = [make_pod("Running", "500m"), make_pod("Succeeded", "1"), make_pod("Pending", "250m")]

    assert allocatable(make_node({}), "cpu") == 2
    assert allocatable(make_node({}), "nvidia.com/gpu") == 0
    assert used(make_node({}), "cpu", pods) == Decimal("0.75")
