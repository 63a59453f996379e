"""Pods that no node takes: why each node refuses, computed from the objects where they are known."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from agents.playbook.analyzers.registry import ANALYZERS
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import read_condition, template_containers
from tools.cluster.quantities import parse_quantity, tell_quantity

ZERO = Decimal(0)

_MESSAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("volume", re.compile(r"(?i)unbound (?:immediate )?PersistentVolumeClaims|persistentvolumeclaim \"[^\"]+\" (?:not found|is being deleted|bound to non-existent)|didn't find available persistent volumes|volume node affinity conflict|max volume count")),
    ("anti-affinity", re.compile(r"(?i)anti-affinity|satisfy existing pods anti-affinity")),
    ("pod-affinity", re.compile(r"(?i)match pod affinity rules")),
    ("spread", re.compile(r"(?i)topology spread constraints")),
    ("host-port", re.compile(r"(?i)free ports for the requested")),
    ("resources", re.compile(r"Insufficient (?P<resource>[\w./-]+)|Too many pods")),
    ("taint", re.compile(r"(?i)untolerated taint|had taints? .*didn't tolerate")),
    ("selector", re.compile(r"(?i)didn't match (?:Pod's )?node (?:affinity|selector)")),
    ("cordoned", re.compile(r"(?i)unschedulable")),
)


@dataclass(frozen=True)
class Verdict:
    """Why a Pod is not scheduled: the kind of obstacle, and sentences about it."""

    kind: str
    variables: dict[str, str]
    notes: tuple[Evidence, ...] = ()
    blames: tuple[ObjectRef, ...] = ()


def _pending(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, str, Evidence]]:
    for pod in scene.snapshot.of_kind("Pod"):
        if (pod.get("spec") or {}).get("nodeName") or (pod.get("status") or {}).get("phase") != "Pending":
            continue
        ref = ObjectRef.of(pod)
        event = next((e for e in reversed(scene.live_events(ref)) if e.reason == "FailedScheduling"), None)
        condition = read_condition(pod, "PodScheduled")
        message = event.message if event else str(condition.get("message") or "")
        if message:
            text = f"condition PodScheduled=False {condition.get('reason')}: {message}"
            yield ref, pod, message, scene.note_event(event) if event else scene.note(ref, text)


def judge(ref: ObjectRef, pod: KubeObject, message: str, scene: Scene) -> Verdict:
    """The obstacle that a Pod meets, the decisive one first.

    The scheduler's message names every node's first obstacle. Which of them matters is a question of
    the nodes that the Pod's own selector leaves over: those are looked at one by one.
    """
    if _says("volume", message):
        return _judge_volume(ref, pod, message, scene)
    nodes = scene.snapshot.of_kind("Node")
    if nodes:
        for step in (_judge_selector, _judge_taints, _judge_resources):
            if verdict := step(pod, nodes, scene):
                return verdict
    kind = next((name for name, _ in _MESSAGES if _says(name, message)), "other")
    return Verdict(kind, {"resource": _insufficient(message), "detail": message})


def _says(kind: str, message: str) -> bool:
    return bool(dict(_MESSAGES)[kind].search(message))


def _insufficient(message: str) -> str:
    return ", ".join(dict.fromkeys(re.findall(r"Insufficient ([\w./-]+)", message))) or "resources"


def _judge_volume(ref: ObjectRef, pod: KubeObject, message: str, scene: Scene) -> Verdict:
    names = [
        (volume.get("persistentVolumeClaim") or {}).get("claimName")
        for volume in (pod.get("spec") or {}).get("volumes") or []
    ]
    claims = [ObjectRef(kind="PersistentVolumeClaim", name=n, namespace=ref.namespace) for n in names if n]
    absent = [claim for claim in claims if not scene.snapshot.find(claim)]
    variables = {"claims": ", ".join(claim.name for claim in claims), "detail": message}
    named = re.search(r'persistentvolumeclaim "([^"]+)" not found', message)
    if named and any(claim.name == named[1] for claim in absent):
        return Verdict("claim-missing", {**variables, "claim": named[1]})
    return Verdict("volume", variables, blames=tuple(c for c in claims if c not in absent))


def _wanted_labels(spec: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in (spec.get("nodeSelector") or {}).items()}


def _required_terms(spec: dict[str, Any]) -> list[dict[str, Any]]:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return list(required.get("nodeSelectorTerms") or [])


def _fits_selector(spec: dict[str, Any], node: KubeObject) -> bool:
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in _wanted_labels(spec).items()):
        return False
    terms = _required_terms(spec)
    return not terms or any(_fits_term(term, node, labels) for term in terms)


def _fits_term(term: dict[str, Any], node: KubeObject, labels: dict[str, str]) -> bool:
    fields = {"metadata.name": node["metadata"].get("name", "")}
    return all(_fits_expression(e, labels) for e in term.get("matchExpressions") or []) and all(
        _fits_expression(e, fields) for e in term.get("matchFields") or []
    )


def _fits_expression(expression: dict[str, Any], labels: dict[str, str]) -> bool:
    value, values = labels.get(expression.get("key", "")), expression.get("values") or []
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator if value and value.lstrip("-").isdigit() and values:
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
    return False


def _tell_wish(spec: dict[str, Any]) -> str:
    parts = [f"{key}={value}" for key, value in _wanted_labels(spec).items()]
    for term in _required_terms(spec):
        for e in (*(term.get("matchExpressions") or []), *(term.get("matchFields") or [])):
            values = f" [{', '.join(map(str, e['values']))}]" if e.get("values") else ""
            parts.append(f"{e.get('key')} {e.get('operator')}{values}")
    return ", ".join(parts)


def _judge_selector(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    if any(_fits_selector(spec, node) for node in nodes):
        return None
    wish = _tell_wish(spec)
    keys = [part.partition("=")[0].split()[0] for part in wish.split(", ") if part]
    have = "; ".join(_tell_values(key, nodes) for key in dict.fromkeys(keys))
    how = "nodeSelector" if spec.get("nodeSelector") else "node affinity"
    notes = tuple(scene.note(ObjectRef.of(node), _tell_node_labels(node, keys)) for node in nodes[:3])
    ref = ObjectRef.of(pod)
    wish_note = scene.note(ref, f"Pod {ref.name} has {how} {wish}")
    return Verdict("selector", {"how": how, "wish": wish, "have": have}, (wish_note, *notes))


def _tell_values(key: str, nodes: list[KubeObject]) -> str:
    values = Counter((node["metadata"].get("labels") or {}).get(key) for node in nodes)
    present = ", ".join(sorted(str(value) for value in values if value is not None))
    return f"nodes have {key}: {present}" if present else f"no node has a label {key}"


def _tell_node_labels(node: KubeObject, keys: list[str]) -> str:
    labels = node["metadata"].get("labels") or {}
    told = ", ".join(f"{key}={labels[key]}" if key in labels else f"no label {key}" for key in keys)
    return f"Node {node['metadata'].get('name')}: {told}"


def _untolerated(spec: dict[str, Any], node: KubeObject) -> list[dict[str, Any]]:
    taints = (node.get("spec") or {}).get("taints") or []
    return [
        taint
        for taint in taints
        if taint.get("effect") in ("NoSchedule", "NoExecute")
        and not any(_tolerates(t, taint) for t in spec.get("tolerations") or [])
    ]


def _tolerates(toleration: dict[str, Any], taint: dict[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (
        taint.get("value") or ""
    )


def tell_taint(taint: dict[str, Any]) -> str:
    """``dedicated=ml:NoSchedule``."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"


def _judge_taints(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    wanted = [node for node in nodes if _fits_selector(spec, node)]
    refusing = {ObjectRef.of(node): _untolerated(spec, node) for node in wanted}
    if not all(refusing.values()):
        return None
    taints = Counter(tell_taint(taint) for found in refusing.values() for taint in found)
    first = next(taint for found in refusing.values() for taint in found)
    notes = tuple(
        scene.note(ref, f"Node {ref.name} has taint {', '.join(map(tell_taint, found))}")
        for ref, found in list(refusing.items())[:4]
    )
    variables = {
        "taints": ", ".join(taints),
        "nodes": ", ".join(ref.name for ref in list(refusing)[:6]),
        "only": f" (the only ones that match {_tell_wish(spec)})" if len(wanted) < len(nodes) else "",
        "taint_key": str(first.get("key")),
        "taint_value": str(first.get("value") or ""),
        "taint_effect": str(first.get("effect")),
    }
    return Verdict(_taint_kind(taints), variables, notes, blames=tuple(refusing))


def _taint_kind(taints: Counter[str]) -> str:
    if all(taint.startswith(("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) for taint in taints):
        return "nodes-lost"
    return "cordoned" if all("node.kubernetes.io/unschedulable" in taint for taint in taints) else "taint"


@lru_cache(maxsize=512)
def _quantity(text: str) -> Decimal:
    return parse_quantity(text) or ZERO


def requested(pod: KubeObject) -> dict[str, Decimal]:
    """What the scheduler reserves: the containers' sum, or an init container's need if larger."""
    spec = pod.get("spec") or {}
    total: Counter[str] = Counter()
    largest: dict[str, Decimal] = {}
    sums: dict[str, Decimal] = {}
    for container in template_containers(spec):
        wants = (container.spec.get("resources") or {}).get("requests") or {}
        for name, text in wants.items():
            value = _quantity(str(text))
            if container.init and not container.sidecar:
                largest[name] = max(largest.get(name, ZERO), value)
            else:
                sums[name] = sums.get(name, ZERO) + value
        total.update(wants.keys())
    for name, text in (spec.get("overhead") or {}).items():
        sums[name] = sums.get(name, ZERO) + _quantity(str(text))
    return {name: max(sums.get(name, ZERO), largest.get(name, ZERO)) for name in {*total, *sums}}


def _allocatable(node: KubeObject, resource: str) -> Decimal:
    return _quantity(str(((node.get("status") or {}).get("allocatable") or {}).get(resource, "0")))


def _used(node: KubeObject, resource: str, scene: Scene) -> Decimal:
    name = node["metadata"].get("name")
    running = (
        pod
        for pod in scene.snapshot.of_kind("Pod")
        if (pod.get("spec") or {}).get("nodeName") == name
        and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    )
    return sum((requested(pod).get(resource, ZERO) for pod in running), ZERO)


def _judge_resources(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    wanted = [n for n in nodes if _fits_selector(spec, n) and not _untolerated(spec, n)]
    for resource, need in sorted(requested(pod).items()):
        if all(need > _allocatable(node, resource) for node in wanted):
            return _tell_resource("too-big", pod, resource, need, wanted, scene)
    for resource, need in sorted(requested(pod).items()):
        if all(need > _allocatable(n, resource) - _used(n, resource, scene) for n in wanted):
            return _tell_resource("resources", pod, resource, need, wanted, scene)
    return None


def _tell_resource(
    kind: str, pod: KubeObject, resource: str, need: Decimal, nodes: list[KubeObject], scene: Scene
) -> Verdict:
    largest = max((_allocatable(node, resource) for node in nodes), default=ZERO)
    free = max((_allocatable(n, resource) - _used(n, resource, scene) for n in nodes), default=ZERO)
    ref = ObjectRef.of(pod)
    variables = {
        "resource": resource,
        "need": tell_quantity(need, resource),
        "largest": tell_quantity(largest, resource),
        "free": tell_quantity(max(free, ZERO), resource),
    }
    notes = [scene.note(ref, f"Pod {ref.name} requests {resource} {variables['need']}")]
    for node in nodes[:3]:
        have = tell_quantity(_allocatable(node, resource), resource)
        used = tell_quantity(_used(node, resource, scene), resource)
        text = f"Node {node['metadata'].get('name')} has {resource} {have} allocatable, {used} requested"
        notes.append(scene.note(ObjectRef.of(node), text))
    return Verdict(kind, variables, tuple(notes))


KINDS = (
    "selector",
    "taint",
    "cordoned",
    "nodes-lost",
    "too-big",
    "resources",
    "volume",
    "claim-missing",
    "anti-affinity",
    "pod-affinity",
    "spread",
    "host-port",
    "other",
)


def _register(kind: str) -> None:
    def find(scene: Scene) -> Iterator[Match]:
        for ref, pod, message, evidence in _pending(scene):
            verdict = judge(ref, pod, message, scene)
            if verdict.kind == kind:
                variables = {"message": message, **verdict.variables}
                yield Match(ref, variables, (evidence, *verdict.notes), blames=verdict.blames)

    analyzer: Callable[[Scene], Iterator[Match]] = find
    ANALYZERS[f"unschedulable-{kind}"] = analyzer


for _kind in KINDS:
    _register(_kind)
