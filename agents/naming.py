"""Which objects of a cluster the words of a question name."""

import re
from collections.abc import Sequence
from pathlib import Path

from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well
from tools.cluster.snapshot import Snapshot

NAMED_KINDS = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "Service",
    "Ingress",
    "PersistentVolumeClaim",
    "HorizontalPodAutoscaler",
    "Node",
    "Pod",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "PersistentVolume",
    "StorageClass",
)
"""Kinds that a question can name, the ones people mean first in front: an app, before its Service."""

IN_MENTIONED = 0.3
"""What it adds to an object's score to lie in a namespace that the question mentions."""

WORD = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text(encoding="utf-8").split())


def content_words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, lower case, each once, in order."""
    words = re.findall(r"[a-z][a-z0-9]{2,}", text.lower())
    return tuple(dict.fromkeys(w for w in words if w not in _STOP_WORDS))[:40]


def list_namespaces(snapshot: Snapshot) -> list[str]:
    """The namespaces that exist, or that something was seen in."""
    named = {ref.name for ref in snapshot.refs() if ref.kind == "Namespace"}
    return sorted(named | {ref.namespace for ref in snapshot.refs() if ref.namespace})


def mentioned_namespaces(text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """The namespaces that a text names."""
    words = set(WORD.findall(text.lower()))
    return tuple(name for name in list_namespaces(snapshot) if name in words)


def resolve(text: str, snapshot: Snapshot, namespaces: Sequence[str]) -> list[ObjectRef]:
    """The objects a question names, best first; a workload stands for its Pods and its Service."""
    spans = _name_spans(text)
    mentioned = set(namespaces) or set(mentioned_namespaces(text, snapshot))
    scored: dict[ObjectRef, float] = {}
    for kind in NAMED_KINDS:
        for item in snapshot.of_kind(kind):
            ref = ObjectRef.of(item)
            if namespaces and ref.namespace and ref.namespace not in namespaces:
                continue
            points = _score_name(ref, spans, mentioned)
            if points:
                scored[ref] = points - 0.01 * NAMED_KINDS.index(kind)
    return _keep_best(scored, snapshot)


def _name_spans(text: str) -> dict[str, float]:
    """Every run of words that could be a name ("payment service" -> payment-service), with its weight."""
    words = WORD.findall(text.lower())
    spans: dict[str, float] = {}
    for size in (4, 3, 2, 1):
        for start in range(len(words) - size + 1):
            spans.setdefault("-".join(words[start : start + size]), 1.0 if size > 1 else 0.9)
    return spans


def _score_name(ref: ObjectRef, spans: dict[str, float], mentioned: set[str]) -> float:
    """0 for no mention; an exact name counts most, a longer name more than a shorter one."""
    name = ref.name.lower()
    near = IN_MENTIONED if ref.namespace in mentioned else 0.0
    if name in spans and len(name) > 1 and name not in _STOP_WORDS:
        is_namespace_too = name in mentioned and name == ref.namespace
        return 2.0 + 0.1 * name.count("-") + near - (0.5 if is_namespace_too else 0.0)
    stem = re.sub(r"-(service|svc|api|server|app)$", "", name)
    if (
        stem != name
        and len(stem) > 3
        and any(s in spans for s in (f"{stem}-service", f"{stem}-api", f"{stem}-pod"))
    ):
        return 1.5 + near
    return 0.0


def _keep_best(scored: dict[ObjectRef, float], snapshot: Snapshot) -> list[ObjectRef]:
    """Best first; one object a family (a Service and the Deployment of the same name are one app)."""
    kept: dict[tuple[str, str], ObjectRef] = {}
    for ref in sorted(scored, key=lambda r: (-scored[r], str(r))):
        owner = snapshot.owner(ref)
        kept.setdefault((owner.namespace, owner.name), owner)
    best: dict[str, float] = {}
    for ref, points in scored.items():
        best[ref.name] = max(best.get(ref.name, 0.0), points)
    top = max(best.values(), default=0.0)
    return [
        ref
        for ref in kept.values()
        if (points := scored.get(ref, top)) > top - 1.0
        and points > best.get(ref.name, top) - IN_MENTIONED / 2
    ]


def settle(
    found: Sequence[ObjectRef], snapshot: Snapshot
) -> tuple[tuple[ObjectRef, ...], tuple[ObjectRef, ...]]:
    """The objects meant, or the candidates to ask about: those of one name in several namespaces.

    "Why is X broken" is about the broken X: where exactly one of them is in trouble, it is meant.
    """
    same = [ref for ref in found if ref.name == found[0].name] if found else []
    if len(same) < 2:
        return tuple(found[:2]), ()
    ill = [ref for ref in same if not _looks_well(snapshot.find(ref), ref, snapshot)]
    return (tuple(ill), ()) if len(ill) == 1 else ((), tuple(same))


def _looks_well(item: KubeObject | None, ref: ObjectRef, snapshot: Snapshot) -> bool:
    spec, status = (item or {}).get("spec") or {}, (item or {}).get("status") or {}
    wanted = spec.get("replicas", 1) or 0
    if ref.kind in ("Deployment", "StatefulSet") and (status.get("readyReplicas") or 0) < max(wanted, 1):
        return False
    return all(is_well(pod, snapshot.now) for pod in snapshot.pods_of(ref))
