"""Matching a rule's YAML signals against a scene."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from agents.playbook.last_words import is_telling, pick_last_words, quote
from agents.playbook.mentions import failing_services, tells_of_connection
from agents.playbook.rule import ConditionSignal, ContainerSignal, EventSignal, FieldSignal, Rule, Signals
from agents.playbook.scene import MOST_CHARACTERS, Match, Scene, tell_state
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import Container, is_failing, is_well, list_containers, read_condition

_SPANS_LINES = re.compile(r"\\n(?![^\[\]]*\])")
"""A line break in a pattern, other than in a set of characters (``[^\\n]``)."""

_KILLED = ("0", "137", "143", "unknown")
"""Exit codes of programs that did not end for a reason of their own."""

Groups = dict[str, str]
Found = tuple[Groups, tuple[Evidence, ...]]


def match_rule(rule: Rule, scene: Scene) -> Iterator[Match]:
    """Every object of the rule's kind that shows one of its sets of signals (the first that holds)."""
    for item in (item for kind in rule.kind for item in _list(kind, rule, scene)):
        ref = ObjectRef.of(item)
        for signals in rule.match:
            found = list(_match_signals(signals, item, ref, scene))
            if found:
                yield from (
                    Match(
                        ref,
                        groups,
                        (*evidence, *_note_spec(rule, groups, ref, scene)),
                        alone=_tells_itself(rule, groups, ref, scene),
                    )
                    for groups, evidence in found
                )
                break


def _list(kind: str, rule: Rule, scene: Scene) -> list[KubeObject]:
    """The objects to look at; Pods that are well show no state, event or line that counts."""
    if kind != "Pod":
        return scene.snapshot.of_kind(kind)
    shows_trouble = all((s.container or s.log or s.event) and not s.well for s in rule.match)
    return scene.unwell_pods if shows_trouble else scene.pods


def _note_spec(rule: Rule, groups: Groups, ref: ObjectRef, scene: Scene) -> Iterator[Evidence]:
    """What a rule says of a container's image or memory limit, or of the Pod's node, must be seen."""
    node = ((scene.snapshot.find(ref) or {}).get("spec") or {}).get("nodeName")
    if "{node}" in rule.cause and node:
        yield note_node(ref, node, scene)
    if "{image}" in rule.cause and groups.get("image"):
        yield scene.note(ref, f"container {groups['container']} runs image {groups['image']}")
    if "{limit}" in rule.cause and groups.get("limit"):
        yield scene.note(ref, f"container {groups['container']} has a memory limit{groups['limit']}")


def _match_signals(signals: Signals, item: KubeObject, ref: ObjectRef, scene: Scene) -> Iterator[Found]:
    whole = _match_object(signals, item, ref, scene)
    if whole is None:
        return
    groups, evidence = whole
    if not (signals.container or signals.log):
        yield groups, evidence
        return
    for container in list_containers(item):
        found = _match_container(signals, container, item, ref, scene)
        if found:
            yield {**groups, **found[0]}, (*found[1], *evidence)


def _match_object(signals: Signals, item: KubeObject, ref: ObjectRef, scene: Scene) -> Found | None:
    groups: Groups = {}
    evidence: tuple[Evidence, ...] = ()
    for found in (
        match_event(signals.event, ref, scene) if signals.event else ({}, ()),
        _match_condition(signals.condition, item, ref, scene) if signals.condition else ({}, ()),
        _match_field(signals.field, item, ref, scene) if signals.field else ({}, ()),
    ):
        if found is None:
            return None
        groups = {**groups, **found[0]}
        evidence = (*evidence, *found[1])
    return groups, evidence


def match_event(signal: EventSignal, ref: ObjectRef, scene: Scene) -> Found | None:
    """The newest unresolved event about ``ref`` that fits, with its named groups."""
    for event in reversed(scene.live_events(ref)):
        groups: Groups = {}
        if _search(signal.reason, event.reason, groups) and _search(signal.message, event.message, groups):
            return {**groups, "message": event.message}, (scene.note_event(event),)
    return None


def _match_condition(signal: ConditionSignal, item: KubeObject, ref: ObjectRef, scene: Scene) -> Found | None:
    condition = read_condition(item, signal.type)
    groups: Groups = {}
    if (
        condition.get("status") != signal.status
        or not _search(signal.reason, condition.get("reason") or "", groups)
        or not _search(signal.message, condition.get("message") or "", groups)
    ):
        return None
    message = condition.get("message") or ""
    text = f"condition {signal.type}={signal.status} {condition.get('reason') or ''}: {message}"
    return {**groups, "message": message}, (scene.note(ref, text.replace(" :", ":")),)


def _match_field(signal: FieldSignal, item: KubeObject, ref: ObjectRef, scene: Scene) -> Found | None:
    value: Any = item
    for key in signal.path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    groups: Groups = {}
    if signal.matches is not None:
        if not _search(signal.matches, "" if value is None else str(value), groups):
            return None
    elif value != signal.equals:
        return None
    return {**groups, "value": str(value)}, (scene.note(ref, f"{signal.path} is {value}"),)


def _match_container(
    signals: Signals, container: Container, pod: KubeObject, ref: ObjectRef, scene: Scene
) -> Found | None:
    groups: Groups = {}
    evidence: tuple[Evidence, ...] = ()
    if signals.container and not _holds(signals.container, container, pod, groups, scene):
        return None
    groups = {**describe_container(container), **groups}
    if signals.container:
        words = pick_last_words(scene.log_lines(ref, container.name)) if container.ended else []
        groups["last_words"] = f": {quote(words)}" if words else ""
        evidence = (scene.note_container(ref, container), *(scene.note_line(ref, line) for line in words))
    if signals.log:
        if not (signals.container or signals.well) and is_well(pod, scene.now):
            return None
        line = _find_line(signals.log, ref, container, groups, scene)
        if line is None:
            return None
        evidence = (line, *(evidence or (scene.note_container(ref, container),)))
    return groups, evidence


def describe_container(container: Container) -> Groups:
    """The variables that every sentence about a container may use."""
    return {
        "container": container.name,
        "container_kind": "init container" if container.init else "container",
        "image": str(container.spec.get("image", "")),
        "exit_code": "unknown" if container.exit_code is None else str(container.exit_code),
        "limit": f" of {limit}" if (limit := _memory_limit(container)) else "",
        "restarts": str(container.restarts),
        "state": tell_state(container),
    }


def note_node(pod: ObjectRef, node: str, scene: Scene) -> Evidence:
    """On which node a Pod is."""
    command = f"kubectl get pod {pod.name} -n {pod.namespace} -o wide"
    return scene.note(pod, f"Pod {pod.name} is on node {node}", command)


def _tells_itself(rule: Rule, groups: Groups, pod: ObjectRef, scene: Scene) -> bool:
    """Whether the last words of a program that ended by itself name a failure of its own.

    A complaint about a connection is one only if it says to what: then another finding follows it up.
    """
    if not rule.symptom or "container" not in groups or groups.get("exit_code") in _KILLED:
        return False
    words = [w for w in pick_last_words(scene.log_lines(pod, groups["container"])) if is_telling(w)]
    return bool(words) and all(
        not tells_of_connection(word.text) or any(failing_services(word.text, pod, scene)) for word in words
    )


def _memory_limit(container: Container) -> str:
    return str(((container.spec.get("resources") or {}).get("limits") or {}).get("memory") or "")


def _message(signal: ContainerSignal, container: Container) -> str:
    """What the kubelet says of the state that the signal asks about; of back-off it is said twice."""
    waiting, ended = (str(state.get("message") or "") for state in (container.waiting, container.ended))
    if signal.waiting:
        return waiting
    return ended if signal.ended else f"{waiting}\n{ended}".strip()


def _holds(
    signal: ContainerSignal, container: Container, pod: KubeObject, groups: Groups, scene: Scene
) -> bool:
    waiting, ended = container.waiting, container.ended
    flags = (
        (signal.init, container.init),
        (signal.failing, is_failing(container, pod, scene.now)),
        (signal.ready, container.ready),
    )
    return (
        all(wanted is None or wanted == actual for wanted, actual in flags)
        and (not signal.exit_code or container.exit_code in signal.exit_code)
        and _search(signal.waiting, waiting.get("reason") or "", groups)
        and _search(signal.ended, ended.get("reason") or "", groups)
        and _search(signal.message, _message(signal, container), groups)
    )


def _find_line(
    pattern: re.Pattern[str], pod: ObjectRef, container: Container, groups: Groups, scene: Scene
) -> Evidence | None:
    """The last line that says so; a pattern with a line break is searched for in two lines at a time."""
    lines = list(scene.log_lines(pod, container.name))
    pairs = _SPANS_LINES.search(pattern.pattern)
    before = ["", *(f"{line.text}\n" if pairs and not line.quiet else "" for line in lines)]
    for first, line in reversed(list(zip(before, lines, strict=False))):
        if not line.quiet and _search(pattern, f"{first}{line.text}", groups):
            whole = replace(line, text=" / ".join(part for part in (first.strip(), line.text) if part))
            groups["line"] = whole.text
            return scene.note_line(pod, whole)
    return None


def _search(pattern: re.Pattern[str] | None, text: str, groups: Groups) -> bool:
    if pattern is None:
        return True
    found = pattern.search(text[: 2 * MOST_CHARACTERS])
    if found:
        groups.update({key: value for key, value in found.groupdict().items() if value is not None})
    return bool(found)
