"""What the scheduler looks at: whether a node fits a Pod by labels, taints and resources."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from domain.objects import KubeObject
from tools.cluster.expressions import match_expression
from tools.cluster.pods import template_containers
from tools.cluster.quantities import parse_quantity

ZERO = Decimal(0)
Amounts = dict[str, Decimal]


def required_terms(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The node selector terms of a Pod spec's required node affinity."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return list(required.get("nodeSelectorTerms") or [])


def fits_labels(spec: dict[str, Any], node: KubeObject) -> bool:
    """Whether a node has the labels that nodeSelector and required node affinity want."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != str(value) for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    terms = required_terms(spec)
    return not terms or any(_fits_term(term, node, labels) for term in terms)


def _fits_term(term: dict[str, Any], node: KubeObject, labels: dict[str, str]) -> bool:
    fields = {"metadata.name": node["metadata"].get("name", "")}
    return all(match_expression(e, labels) for e in term.get("matchExpressions") or []) and all(
        match_expression(e, fields) for e in term.get("matchFields") or []
    )


def untolerated_taints(spec: dict[str, Any], node: KubeObject) -> list[dict[str, Any]]:
    """The taints that keep a Pod off a node (PreferNoSchedule keeps nobody off)."""
    taints = (node.get("spec") or {}).get("taints") or []
    return [
        taint
        for taint in taints
        if taint.get("effect") in ("NoSchedule", "NoExecute")
        and not any(_tolerates(toleration, taint) for toleration in spec.get("tolerations") or [])
    ]


def _tolerates(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (
        taint.get("value") or ""
    )


@lru_cache(maxsize=512)
def _quantity(text: str) -> Decimal:
    return parse_quantity(text) or ZERO


def read_amounts(resources: Mapping[str, Any] | None) -> Amounts:
    """A map of resource names to quantities, in base units."""
    return {name: _quantity(str(text)) for name, text in (resources or {}).items()}


def add_amounts(amounts: Iterable[Amounts]) -> Amounts:
    """The sum of several maps of amounts."""
    total: Amounts = {}
    for each in amounts:
        for name, value in each.items():
            total[name] = total.get(name, ZERO) + value
    return total


def pod_amounts(pod: KubeObject, kind: str) -> Amounts:
    """The ``requests`` or ``limits`` of a Pod as the scheduler counts them.

    Containers and sidecars add up; an init container counts where it alone, beside the sidecars before
    it, wants more; overhead is added (to limits only where there is one).
    See https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    spec = pod.get("spec") or {}
    running: Amounts = {}
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in template_containers(spec):
        own = read_amounts((container.spec.get("resources") or {}).get(kind))
        if not container.init:
            running = add_amounts([running, own])
            continue
        own = add_amounts([sidecars, own])
        sidecars = own if container.sidecar else sidecars
        peak = {name: max(peak.get(name, ZERO), own.get(name, ZERO)) for name in peak | own}
    total = add_amounts([running, sidecars])
    total = {name: max(total.get(name, ZERO), peak.get(name, ZERO)) for name in total | peak}
    overhead = read_amounts(spec.get("overhead"))
    return add_amounts([total, {n: v for n, v in overhead.items() if kind == "requests" or total.get(n)}])


def allocatable(node: KubeObject, resource: str) -> Decimal:
    """How much of a resource a node offers to Pods."""
    return _quantity(str(((node.get("status") or {}).get("allocatable") or {}).get(resource, "0")))


def used(node: KubeObject, resource: str, pods: Iterable[KubeObject]) -> Decimal:
    """How much of a resource the Pods on a node reserve; finished ones do not count."""
    name = node["metadata"].get("name")
    return sum(
        (
            pod_amounts(pod, "requests").get(resource, ZERO)
            for pod in pods
            if (pod.get("spec") or {}).get("nodeName") == name
            and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ),
        ZERO,
    )
