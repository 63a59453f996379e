"""Whether NetworkPolicies let one Pod talk to another.

Semantics: https://kubernetes.io/docs/concepts/services-networking/network-policies/ . A Pod that a
policy selects for a direction is closed in that direction but for what some policy allows.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.objects import KubeObject, ObjectRef
from tools.cluster.expressions import match_selector
from tools.cluster.pods import list_containers
from tools.cluster.snapshot import Snapshot

DNS_PORT = 53
NAME_LABEL = "kubernetes.io/metadata.name"
"""The label with its own name that every namespace has."""

_DNS_POD: KubeObject = {
    "kind": "Pod",
    "metadata": {"name": "dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
}
"""The cluster's DNS where its Pods were not seen: so every distribution labels them."""


def find_blocking_policies(
    source: KubeObject, target: KubeObject, snapshot: Snapshot, port: int | None = None
) -> Iterator[tuple[ObjectRef, str]]:
    """The policies that close a direction in which no policy lets ``source`` reach ``target``.

    ``port`` is the number that the target's container listens on; None: any port will do.
    """
    for direction, closed, other in (("Ingress", target, source), ("Egress", source, target)):
        selecting = _selecting(closed, direction, snapshot)
        if selecting and not any(
            _lets_through(p, direction, other, snapshot, target, port) for p in selecting
        ):
            yield ObjectRef.of(selecting[0]), direction


def find_closed_egress(source: KubeObject, namespace: str, snapshot: Snapshot) -> ObjectRef | None:
    """The policy that lets a Pod reach nothing in another namespace, whatever is there; None if one might."""
    selecting = _selecting(source, "Egress", snapshot)
    rules = [rule for policy in selecting for rule in (policy.get("spec") or {}).get("egress") or []]
    if any(not rule.get("to") or any(_may_lead_to(peer, namespace) for peer in rule["to"]) for rule in rules):
        return None
    return ObjectRef.of(selecting[0]) if selecting else None


def _may_lead_to(peer: dict[str, Any], namespace: str) -> bool:
    """Whether a peer may lie in a namespace of which only the name is known."""
    selector = peer.get("namespaceSelector")
    if peer.get("ipBlock") or selector is None:
        return bool(peer.get("ipBlock"))
    keys = {*(selector.get("matchLabels") or {})}
    keys |= {expression.get("key") for expression in selector.get("matchExpressions") or []}
    return keys != {NAME_LABEL} or match_selector(selector, {NAME_LABEL: namespace})


def find_dns_block(source: KubeObject, snapshot: Snapshot) -> ObjectRef | None:
    """The policy that keeps a Pod from asking the cluster's DNS, if one does."""
    named = [pod for pod in snapshot.of_kind("Pod") if _labels(pod).get("k8s-app") == "kube-dns"]
    dns = next(iter(named), _DNS_POD)
    selecting = _selecting(source, "Egress", snapshot)
    if any(_lets_through(p, "Egress", dns, snapshot, dns, DNS_PORT) for p in selecting):
        return None
    return ObjectRef.of(selecting[0]) if selecting else None


def _selecting(pod: KubeObject, direction: str, snapshot: Snapshot) -> list[KubeObject]:
    return [
        policy
        for policy in snapshot.of_kind("NetworkPolicy", ObjectRef.of(pod).namespace)
        if direction in _directions(policy)
        and match_selector((policy.get("spec") or {}).get("podSelector") or {}, _labels(pod))
    ]


def _labels(item: KubeObject) -> dict[str, str]:
    return (item.get("metadata") or {}).get("labels") or {}


def _directions(policy: KubeObject) -> Sequence[str]:
    spec = policy.get("spec") or {}
    return spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _lets_through(
    policy: KubeObject,
    direction: str,
    other: KubeObject,
    snapshot: Snapshot,
    target: KubeObject,
    port: int | None,
) -> bool:
    rules, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    return any(
        _opens_port(rule.get("ports") or [], target, port)
        and (not rule.get(peers) or any(_is_peer(peer, other, policy, snapshot) for peer in rule[peers]))
        for rule in (policy.get("spec") or {}).get(rules) or []
    )


def _opens_port(ports: Sequence[dict[str, Any]], target: KubeObject, port: int | None) -> bool:
    if not ports or port is None:
        return True
    named = {p.get("name"): p.get("containerPort") for c in list_containers(target) for p in c.ports()}
    for entry in ports:
        first = entry.get("port")
        number = named.get(first, first)
        if first is None or number == port:
            return True
        if isinstance(number, int) and number <= port <= int(entry.get("endPort") or number):
            return True
    return False


def _is_peer(peer: dict[str, Any], other: KubeObject, policy: KubeObject, snapshot: Snapshot) -> bool:
    if peer.get("ipBlock"):
        return True  # Pod addresses may lie in it: not for us to say that it blocks
    ref = ObjectRef.of(other)
    if "namespaceSelector" in peer:
        space = snapshot.find(ObjectRef(kind="Namespace", name=ref.namespace)) or {}
        labels = dict((space.get("metadata") or {}).get("labels") or {})
        labels.setdefault(NAME_LABEL, ref.namespace)
        if not match_selector(peer["namespaceSelector"] or {}, labels):
            return False
    elif ref.namespace != ObjectRef.of(policy).namespace:
        return False
    return match_selector(peer.get("podSelector") or {}, other["metadata"].get("labels") or {})
