"""Whether NetworkPolicies let one Pod talk to another.

Semantics: https://kubernetes.io/docs/concepts/services-networking/network-policies/ . A Pod that a
policy selects for a direction is closed in that direction but for what some policy allows.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.objects import KubeObject, ObjectRef
from tools.cluster.expressions import match_selector
from tools.cluster.snapshot import Snapshot


def find_blocking_policies(
    source: KubeObject, target: KubeObject, snapshot: Snapshot
) -> Iterator[tuple[ObjectRef, str]]:
    """The policies that close a direction in which no policy lets ``source`` reach ``target``."""
    for direction, closed, other in (("Ingress", target, source), ("Egress", source, target)):
        selecting = _selecting(closed, direction, snapshot)
        if selecting and not any(_lets_through(p, direction, other, snapshot) for p in selecting):
            yield ObjectRef.of(selecting[0]), direction


def _selecting(pod: KubeObject, direction: str, snapshot: Snapshot) -> list[KubeObject]:
    labels = pod["metadata"].get("labels") or {}
    return [
        policy
        for policy in snapshot.of_kind("NetworkPolicy", ObjectRef.of(pod).namespace)
        if direction in _directions(policy)
        and match_selector((policy.get("spec") or {}).get("podSelector") or {}, labels)
    ]


def _directions(policy: KubeObject) -> Sequence[str]:
    spec = policy.get("spec") or {}
    return spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _lets_through(policy: KubeObject, direction: str, other: KubeObject, snapshot: Snapshot) -> bool:
    rules, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    return any(
        not rule.get(peers) or any(_is_peer(peer, other, policy, snapshot) for peer in rule[peers])
        for rule in (policy.get("spec") or {}).get(rules) or []
    )


def _is_peer(peer: dict[str, Any], other: KubeObject, policy: KubeObject, snapshot: Snapshot) -> bool:
    if peer.get("ipBlock"):
        return True  # Pod addresses may lie in it: not for us to say that it blocks
    ref = ObjectRef.of(other)
    if "namespaceSelector" in peer:
        space = snapshot.find(ObjectRef(kind="Namespace", name=ref.namespace)) or {}
        labels = dict((space.get("metadata") or {}).get("labels") or {})
        labels.setdefault("kubernetes.io/metadata.name", ref.namespace)
        if not match_selector(peer["namespaceSelector"] or {}, labels):
            return False
    elif ref.namespace != ObjectRef.of(policy).namespace:
        return False
    return match_selector(peer.get("podSelector") or {}, other["metadata"].get("labels") or {})
