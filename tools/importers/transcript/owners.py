"""Owners that a text did not tell: found by generated names and by labels."""

import re
from collections.abc import Iterable

from tools.importers.transcript.objects import frame, prune
from tools.importers.transcript.section import Raw

_HASH = "pod-template-hash"
_SUFFIX = re.compile(r"(.+)-([bcdfghjklmnpqrstvwxz2456789]{5})")
_ORDINAL = re.compile(r"(.+)-(\d{1,6})")
_SCHEDULED = re.compile(r"(.+)-(\d{8,10})")
_TEMPLATED = re.compile(r"(.+)-([bcdfghjklmnpqrstvwxz2456789]{5,10})")
_HASHED = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{8,10}")

Index = dict[tuple[str, str, str], Raw]
"""Objects by (kind, namespace, name)."""


def complete_owners(objects: Index) -> None:
    """Give each Pod, ReplicaSet and Job its owner, and add owners that must exist but were not recorded."""
    for (kind, namespace, name), item in list(objects.items()):
        if kind == "Pod" and not item["metadata"].get("ownerReferences"):
            _own(item, _owner_of_pod(objects, namespace, name, item))
        elif kind == "Job" and not item["metadata"].get("ownerReferences"):
            found = _SCHEDULED.fullmatch(name)
            if found and ("CronJob", namespace, found[1]) in objects:
                _own(item, ("CronJob", found[1]))
    _add_replicasets(objects)
    for (kind, namespace, name), item in list(objects.items()):
        if kind == "ReplicaSet" and not item["metadata"].get("ownerReferences"):
            _own(item, _owner_of_replicaset(objects, namespace, name, item))
    _add_deployments(objects)


def _own(item: Raw, owner: tuple[str, str] | None) -> None:
    if owner:
        item["metadata"]["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "controller": True}]


def _owner_of_pod(objects: Index, namespace: str, name: str, pod: Raw) -> tuple[str, str] | None:
    labels = pod["metadata"].get("labels") or {}
    found = _SUFFIX.fullmatch(name)
    if found:
        for kind in ("ReplicaSet", "DaemonSet", "Job", "ReplicationController"):
            if (kind, namespace, found[1]) in objects:
                return kind, found[1]
        if (template := labels.get(_HASH)) and found[1].endswith(f"-{template}"):
            return "ReplicaSet", found[1]
        upper = _TEMPLATED.fullmatch(found[1])
        if upper and (("Deployment", namespace, upper[1]) in objects or _is_template_hash(upper[2])):
            return "ReplicaSet", found[1]
    ordinal = _ORDINAL.fullmatch(name)
    if ordinal and ("StatefulSet", namespace, ordinal[1]) in objects:
        return "StatefulSet", ordinal[1]
    job = labels.get("job-name")
    return ("Job", job) if job else None


def _owner_of_replicaset(objects: Index, namespace: str, name: str, item: Raw) -> tuple[str, str] | None:
    base, _, last = name.rpartition("-")
    selector = ((item.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    template = (item["metadata"].get("labels") or {}).get(_HASH) or selector.get(_HASH)
    if base and (template == last or ("Deployment", namespace, base) in objects or _is_template_hash(last)):
        return "Deployment", base
    return None


def _is_template_hash(text: str) -> bool:
    """Whether it looks like the hash of a Pod template by itself: long, with digits, and without vowels."""
    return _HASHED.fullmatch(text) is not None and any(map(str.isdigit, text))


def _owners(item: Raw) -> Iterable[tuple[str, str]]:
    return ((o.get("kind", ""), o.get("name", "")) for o in item["metadata"].get("ownerReferences") or [])


def _add_replicasets(objects: Index) -> None:
    """The ReplicaSet between a Pod and its Deployment, where nobody printed it."""
    for (kind, namespace, _), pod in list(objects.items()):
        for owner_kind, owner in _owners(pod) if kind == "Pod" else ():
            if owner_kind == "ReplicaSet" and ("ReplicaSet", namespace, owner) not in objects:
                counts = _count_pods(objects, namespace, {owner})
                item = frame("ReplicaSet", owner, namespace, spec=_spec_from(pod), status=counts)
                item["spec"]["replicas"] = counts["replicas"]
                item["metadata"] |= prune({"labels": dict(pod["metadata"].get("labels") or {})})
                objects["ReplicaSet", namespace, owner] = item


def _add_deployments(objects: Index) -> None:
    """The Deployment that a ReplicaSet with a template hash comes from, where nobody printed it."""
    for (kind, namespace, _), item in list(objects.items()):
        for owner_kind, owner in _owners(item) if kind == "ReplicaSet" else ():
            if owner_kind == "Deployment" and ("Deployment", namespace, owner) not in objects:
                counts = _count_pods(objects, namespace, set(_owned_by(objects, namespace, owner)))
                found = frame("Deployment", owner, namespace, spec=_spec_from_template(item), status=counts)
                found["spec"]["replicas"] = counts["replicas"]
                labels = _without_hash(item["metadata"].get("labels") or {})
                found["metadata"] |= prune({"labels": labels})
                objects["Deployment", namespace, owner] = found


def _owned_by(objects: Index, namespace: str, deployment: str) -> Iterable[str]:
    """The names of a Deployment's ReplicaSets."""
    for (kind, place, name), item in objects.items():
        if (kind, place) == ("ReplicaSet", namespace) and ("Deployment", deployment) in _owners(item):
            yield name


def _count_pods(objects: Index, namespace: str, replicasets: set[str]) -> Raw:
    """How many Pods of ReplicaSets were told of, and how many of them are ready."""
    pods = [
        pod
        for (kind, place, _), pod in objects.items()
        if (kind, place) == ("Pod", namespace)
        and any(owner == "ReplicaSet" and name in replicasets for owner, name in _owners(pod))
    ]
    ready = sum(map(_is_ready, pods))
    return {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}


def _is_ready(pod: Raw) -> bool:
    """Whether nothing that was told of it speaks against it."""
    status = pod.get("status") or {}
    states = status.get("containerStatuses") or []
    return status.get("phase") == "Running" and all(state.get("ready") for state in states)


def _spec_from(pod: Raw) -> Raw:
    """Selector and template as the Pod shows them; what the scheduler added is left out."""
    labels = dict(pod["metadata"].get("labels") or {})
    spec = {
        key: value for key, value in (pod.get("spec") or {}).items() if key not in ("nodeName", "priority")
    }
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}


def _spec_from_template(replicaset: Raw) -> Raw:
    spec = replicaset.get("spec") or {}
    template = spec.get("template") or {}
    labels = _without_hash((template.get("metadata") or {}).get("labels") or {})
    selector = _without_hash((spec.get("selector") or {}).get("matchLabels") or {})
    return {
        "selector": {"matchLabels": selector or labels},
        "template": {"metadata": {"labels": labels}, "spec": template.get("spec") or {}},
    }


def _without_hash(labels: Raw) -> Raw:
    return {key: value for key, value in labels.items() if key != _HASH}
