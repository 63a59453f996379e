"""Pods that the API server refuses: which LimitRange sets the bound that is named."""

import re
from collections.abc import Iterator
from typing import Any

from agents.playbook.analyzers.registry import ANALYZERS, analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.services import find_addresses

_VIOLATION = re.compile(
    r"(?P<side>maximum|minimum) (?P<resource>\S{1,80}) usage per (?P<unit>\w+) is (?P<bound>[^,\s]+?)"
    r"(?:, but [^,\]]+|\.\s+No \w+ is specified)"
    r"|(?<!\S)(?P<ratio_resource>\S{1,80}) max limit to request ratio per (?P<ratio_unit>\w+) is"
    r" (?P<ratio>[^,\s]+), but [^,\]]+"
)
_UNREACHABLE = re.compile(r'failed calling webhook "(?P<webhook>[^"]+)": (?P<why>.+)', re.S)
_CREATORS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController")


@analyzer("limit-range-violated")
def find_violations(scene: Scene) -> Iterator[Match]:
    """Controllers whose Pods are refused by a LimitRange; the one that sets the bound is named."""
    for creator in (item for kind in _CREATORS for item in scene.snapshot.of_kind(kind)):
        ref = ObjectRef.of(creator)
        for event in reversed(scene.live_events(ref)):
            found = _VIOLATION.search(event.message) if event.reason == "FailedCreate" else None
            if found:
                yield _tell_violation(ref, found, [scene.note_event(event)], scene)
                break


def _tell_violation(ref: ObjectRef, found: re.Match[str], notes: list[Any], scene: Scene) -> Match:
    ranges = scene.snapshot.of_kind("LimitRange", ref.namespace)
    setting = next((r for r in ranges if _sets(r, found)), ranges[0] if len(ranges) == 1 else None)
    resource, bound = found["resource"] or found["ratio_resource"], found["bound"] or found["ratio"]
    if setting is not None:
        name = ObjectRef.of(setting).name
        text = f"LimitRange {name} bounds {resource} per {found['unit'] or found['ratio_unit']} to {bound}"
        notes.append(scene.note(ObjectRef.of(setting), text))
    variables = {
        "violation": found[0].rstrip(". "),
        "resource": resource,
        "bound": bound,
        "limit_range": ObjectRef.of(setting).name if setting else "(not seen)",
    }
    return Match(ref, variables, tuple(notes))


def _sets(limit_range: KubeObject, found: re.Match[str]) -> bool:
    if not found["side"]:
        return any("maxLimitRequestRatio" in limit for limit in _limits(limit_range))
    side = "max" if found["side"] == "maximum" else "min"
    return any(
        limit.get("type") == found["unit"]
        and (limit.get(side) or {}).get(found["resource"]) == found["bound"]
        for limit in _limits(limit_range)
    )


def _limits(limit_range: KubeObject) -> list[dict[str, Any]]:
    return list((limit_range.get("spec") or {}).get("limits") or [])


@analyzer("webhook-unreachable")
def find_unreachable_webhooks(scene: Scene) -> Iterator[Match]:
    """Controllers whose Pods wait for an admission webhook that does not answer; its Service is blamed."""
    for creator in (item for kind in _CREATORS for item in scene.snapshot.of_kind(kind)):
        ref = ObjectRef.of(creator)
        for event in reversed(scene.live_events(ref)):
            found = _UNREACHABLE.search(event.message) if event.reason == "FailedCreate" else None
            if found:
                service = next(_services_called(found["why"], scene), None)
                variables = {"webhook": found["webhook"], "why": found["why"], "creator_path": ref.path}
                blames = (service,) if service else ()
                yield Match(ref, variables, (scene.note_event(event),), object=service, blames=blames)
                break


def _services_called(text: str, scene: Scene) -> Iterator[ObjectRef]:
    for address in find_addresses(text):
        target = address.service("")
        if target and scene.snapshot.find(target):
            yield target


_COUNTED = {"services": "Service", "configmaps": "ConfigMap", "secrets": "Secret"}
"""Objects that a ResourceQuota may count. One too many is refused to whoever creates it: no event tells."""

_MISSING = ("service-missing", "ingress-backend-missing", "configmap-missing", "secret-missing")


@analyzer("quota-full")
def find_full_quotas(scene: Scene) -> Iterator[Match]:
    """ResourceQuotas that let no further object of a kind in, where one of that kind is missed."""
    quotas = scene.snapshot.of_kind("ResourceQuota")
    missed = [match for name in _MISSING if quotas for match in ANALYZERS[name](scene)]
    for quota in quotas:
        ref = ObjectRef.of(quota)
        for resource, kind in _COUNTED.items():
            hard, used = _read_count(quota, "hard", resource), _read_count(quota, "used", resource)
            lost = next((m for m in missed if m.missing and _is_one(m.missing, kind, ref)), None)
            if hard is None or used is None or used < hard or lost is None or lost.missing is None:
                continue
            note = scene.note(ref, f"ResourceQuota {ref.name}: {resource} used {used}, hard {hard}")
            variables = {
                "quota": ref.name,
                "resource": resource,
                "hard": str(hard),
                "missing": f"{kind} {lost.missing.name}",
            }
            yield Match(lost.subject, variables, (note, *lost.evidence), object=ref, missing=lost.missing)


def _is_one(missing: ObjectRef, kind: str, quota: ObjectRef) -> bool:
    return (missing.kind, missing.namespace) == (kind, quota.namespace)


def _read_count(quota: KubeObject, side: str, resource: str) -> int | None:
    counts = (quota.get("status") or {}).get(side) or {}
    value = counts.get(resource, counts.get(f"count/{resource}"))
    return int(str(value)) if str(value or "").isdigit() else None
