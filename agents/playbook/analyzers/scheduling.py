"""Pods that no node takes: why each node refuses, computed from the objects where they are known."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agents.playbook.analyzers.registry import analyzer, once_a_scene
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.placement import (
    ZERO,
    allocatable,
    fits_labels,
    pod_amounts,
    required_terms,
    untolerated_taints,
    used,
)
from tools.cluster.pods import read_condition
from tools.cluster.quantities import tell_quantity

_MESSAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "volume",
        re.compile(
            r"(?i)unbound (?:immediate )?PersistentVolumeClaims|volume node affinity conflict"
            r"|max volume count"
            r"|persistentvolumeclaim \"[^\"]+\" (?:not found|is being deleted|bound to non-existent)"
            r"|didn't find available persistent volumes"
        ),
    ),
    ("no-nodes", re.compile(r"(?i)no nodes available to schedule pods|^0/0 nodes")),
    ("anti-affinity", re.compile(r"(?i)(?:match pod|satisfy existing pods) anti-affinity")),
    ("pod-affinity", re.compile(r"(?i)match pod affinity rules")),
    ("spread", re.compile(r"(?i)topology spread constraints")),
    ("host-port", re.compile(r"(?i)free ports for the requested")),
    ("resources", re.compile(r"Insufficient [\w/-]|Too many pods")),
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


Step = Callable[[KubeObject, list[KubeObject], Scene], Verdict | None]


def _pending(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, str, Evidence]]:
    for pod in scene.unwell_pods:
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
        steps: list[Step] = [_judge_selector, _judge_taints]
        if _says("resources", message):
            steps.append(_judge_resources)
        for step in steps:
            if verdict := step(pod, nodes, scene):
                return verdict
    kind = next((name for name, _ in _MESSAGES if _says(name, message)), "other")
    variables = _read_message(message, pod.get("spec") or {})
    wish = f"Pod {ref.name} has {variables['how']} {variables['wish']}"
    return Verdict(kind, variables, (scene.note(ref, wish),) if kind == "selector" else ())


def _read_message(message: str, spec: dict[str, Any]) -> dict[str, str]:
    """What the scheduler's message and the Pod tell where the nodes were not seen or have changed since."""
    taint = re.search(r"taints? \{(?P<key>[^:}]+): ?(?P<value>[^}]*)\}", message)
    return {
        "resource": _insufficient(message),
        "detail": message,
        "how": "nodeSelector" if spec.get("nodeSelector") else "node affinity",
        "wish": _tell_wish(spec) or "that no node meets",
        "have": "see the scheduler's message",
        "taints": f"{taint['key']}: {taint['value']}".rstrip(": ") if taint else "that it meets",
        "nodes": "the scheduler names no names",
        "only": "",
        "taint_key": taint["key"] if taint else "<key>",
        "taint_value": taint["value"] if taint else "<value>",
        "taint_effect": "NoSchedule",
        "host_ports": _tell_host_ports(spec),
    }


def _tell_host_ports(spec: dict[str, Any]) -> str:
    ports = (port.get("hostPort") for c in spec.get("containers") or [] for port in c.get("ports") or [])
    return ", ".join(str(port) for port in ports if port) or "it wants"


def _says(kind: str, message: str) -> bool:
    return bool(dict(_MESSAGES)[kind].search(message))


def _insufficient(message: str) -> str:
    short = re.findall(r"Insufficient ([\w/-]+(?:\.[\w/-]+)*)", message)
    short += ["pods"] if "Too many pods" in message else []
    return ", ".join(dict.fromkeys(short)) or "resources"


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


def _tell_wish(spec: dict[str, Any]) -> str:
    parts = [f"{key}={value}" for key, value in (spec.get("nodeSelector") or {}).items()]
    for term in required_terms(spec):
        for e in (*(term.get("matchExpressions") or []), *(term.get("matchFields") or [])):
            values = f" [{', '.join(map(str, e['values']))}]" if e.get("values") else ""
            parts.append(f"{e.get('key')} {e.get('operator')}{values}")
    return ", ".join(parts)


def _judge_selector(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    if any(fits_labels(spec, node) for node in nodes):
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


def tell_taint(taint: dict[str, Any]) -> str:
    """``dedicated=ml:NoSchedule``."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"


def _judge_taints(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    wanted = [node for node in nodes if fits_labels(spec, node)]
    refusing = {ObjectRef.of(node): untolerated_taints(spec, node) for node in wanted}
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
    if all(
        taint.startswith(("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"))
        for taint in taints
    ):
        return "nodes-lost"
    return "cordoned" if all("node.kubernetes.io/unschedulable" in taint for taint in taints) else "taint"


def _judge_resources(pod: KubeObject, nodes: list[KubeObject], scene: Scene) -> Verdict | None:
    spec = pod.get("spec") or {}
    wanted = [n for n in nodes if fits_labels(spec, n) and not untolerated_taints(spec, n)]
    pods = scene.snapshot.of_kind("Pod")
    for resource, need in sorted(pod_amounts(pod, "requests").items()):
        if all(need > allocatable(node, resource) for node in wanted):
            return _tell_resource("too-big", pod, resource, wanted, scene)
    for resource, need in sorted(pod_amounts(pod, "requests").items()):
        if all(need > allocatable(node, resource) - used(node, resource, pods) for node in wanted):
            return _tell_resource("resources", pod, resource, wanted, scene)
    return None


def _tell_resource(
    kind: str, pod: KubeObject, resource: str, nodes: list[KubeObject], scene: Scene
) -> Verdict:
    ref, pods = ObjectRef.of(pod), scene.snapshot.of_kind("Pod")
    free = [allocatable(node, resource) - used(node, resource, pods) for node in nodes]
    variables = {
        "resource": resource,
        "need": tell_quantity(pod_amounts(pod, "requests")[resource], resource),
        "largest": tell_quantity(max((allocatable(n, resource) for n in nodes), default=ZERO), resource),
        "free": tell_quantity(max([*free, ZERO]), resource),
    }
    notes = [scene.note(ref, f"Pod {ref.name} requests {resource} {variables['need']}")]
    by = "" if scene.snapshot.bounds.is_open else " by the Pods that may be read"
    for node in nodes[:3]:
        have = tell_quantity(allocatable(node, resource), resource)
        taken = tell_quantity(used(node, resource, pods), resource)
        text = f"Node {node['metadata'].get('name')} has {resource} {have} allocatable, {taken} requested{by}"
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
    "no-nodes",
    "other",
)


@once_a_scene
def _judged(scene: Scene) -> Iterator[tuple[ObjectRef, str, Evidence, Verdict]]:
    for ref, pod, message, evidence in _pending(scene):
        yield ref, message, evidence, judge(ref, pod, message, scene)


def _register(kind: str) -> None:
    @analyzer(f"unschedulable-{kind}")
    def find(scene: Scene) -> Iterator[Match]:
        for ref, message, evidence, verdict in _judged(scene):
            if verdict.kind == kind:
                variables = {"message": message, **verdict.variables}
                yield Match(ref, variables, (evidence, *verdict.notes), blames=verdict.blames)


for _kind in KINDS:
    _register(_kind)
