"""Containers that keep ending: what their last words were, and what they point at."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.last_words import pick_last_words
from agents.playbook.listening import heard_ports
from agents.playbook.scene import Match, Scene, SeenLine
from agents.playbook.signals import describe_container
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import Container, is_failing, list_containers

_PATH = re.compile(r"(?<![\w:/.])(/[\w.@+-]+(?:/[\w.@+-]+)*)(?::(\d+))?")
_NOT_EXECUTABLE = re.compile(r"(?i)permission denied|not executable")
_WARNING = re.compile(r"(?i)\bwarn(?:ing)?\b")
_NOT_THERE = re.compile(r"(?i)no ?such ?file|not found|does not exist")
_IN_USE = re.compile(
    r"(?i)address (?:already )?in use|EADDRINUSE|port .{0,20}already (?:in use|allocated|bound)"
)
_PORT = re.compile(r"(?<![\d.])(\d{2,5})(?![\d.])")


def failing_containers(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, Container]]:
    """Every container that keeps ending badly at present."""
    for pod in scene.unwell_pods:
        for container in list_containers(pod):
            if is_failing(container, pod, scene.now):
                yield ObjectRef.of(pod), pod, container


@analyzer("config-file-rejected")
def find_rejected_files(scene: Scene) -> Iterator[Match]:
    """A failing container complains about a file that a ConfigMap or Secret provides."""
    for ref, pod, container in failing_containers(scene):
        for line in pick_last_words(scene.log_lines(ref, container.name)):
            if any(p.search(line.text) for p in (_NOT_EXECUTABLE, _NOT_THERE, _WARNING)):
                continue
            for path, number in _PATH.findall(line.text):
                source = mounted_file(path, pod, container)
                if source and source[0] in ("ConfigMap", "Secret"):
                    yield _tell_rejected(ref, container, line, source, number, scene)


def mounted_file(
    path: str, pod: KubeObject, container: Container
) -> tuple[str, str, str, dict[str, Any]] | None:
    """Kind and name of the ConfigMap or Secret that provides ``path``, its key, and the volume source."""
    volumes = {v.get("name"): v for v in (pod.get("spec") or {}).get("volumes") or []}
    for mount in container.spec.get("volumeMounts") or []:
        root = str(mount.get("mountPath", "")).rstrip("/")
        if path != root and not path.startswith(root + "/"):
            continue
        volume = volumes.get(mount.get("name")) or {}
        key = mount.get("subPath") or path[len(root) :].lstrip("/") or path.rpartition("/")[2]
        for kind, field, name in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
            if source := volume.get(field):
                keys = {item.get("path"): item.get("key") for item in source.get("items") or []}
                return kind, source.get(name, ""), keys.get(key, key), source
    return None


def _tell_rejected(
    ref: ObjectRef,
    container: Container,
    line: SeenLine,
    source: tuple[str, str, str, dict[str, Any]],
    number: str,
    scene: Scene,
) -> Match:
    kind, name, key, _ = source
    target = ObjectRef(kind=kind, name=name, namespace=ref.namespace)
    content = _read_line(scene.snapshot.find(target), key, number) if kind == "ConfigMap" else ""
    provided = scene.note(target, f"{kind} {name} provides {key} to container {container.name}")
    evidence = [scene.note_line(ref, line), provided, scene.note_container(ref, container)]
    if content:
        text = f"line {number} of key {key} reads: {content}"
        evidence.append(scene.note(target, text, f"kubectl get configmap {name} -n {ref.namespace} -o yaml"))
    variables = {
        **describe_container(container),
        "source": f"{kind} {name}",
        "source_path": target.path,
        "key": key,
        "line": line.text[:300],
        "where": f"line {number} of {key}" if number else key,
        "reads": f" (it reads {content!r})" if content else "",
    }
    return Match(ref, variables, tuple(evidence), object=target)


def _read_line(item: KubeObject | None, key: str, number: str) -> str:
    lines = str(((item or {}).get("data") or {}).get(key, "")).splitlines()
    return lines[int(number) - 1].strip()[:200] if number and 0 < int(number) <= len(lines) else ""


@analyzer("script-not-executable")
def find_unexecutable(scene: Scene) -> Iterator[Match]:
    """A container may not execute a file; if a volume provides it, its mode says why."""
    for ref, pod, container in _unstarted_containers(scene):
        lines: Sequence[SeenLine] = scene.log_lines(ref, container.name)
        message = str(container.ended.get("message") or container.waiting.get("message") or "")
        for line in (*lines, SeenLine(message, "")):
            if not _NOT_EXECUTABLE.search(line.text):
                continue
            path = _named_path(line.text, pod, container)
            if path and (container.exit_code == 126 or "exec" in line.text):
                yield _tell_unexecutable(ref, pod, container, line, path, scene)
                break


def _unstarted_containers(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, Container]]:
    """Failing containers, and those whose start the runtime refuses."""
    yield from failing_containers(scene)
    for pod in scene.unwell_pods:
        for container in list_containers(pod):
            if container.waiting.get("reason") in ("RunContainerError", "CreateContainerError"):
                yield ObjectRef.of(pod), pod, container


def _named_path(text: str, pod: KubeObject, container: Container) -> str:
    paths = [path for path, _ in _PATH.findall(text)]
    mounted = [path for path in paths if mounted_file(path, pod, container)]
    return next(iter(mounted or paths), "")


def _tell_unexecutable(
    ref: ObjectRef, pod: KubeObject, container: Container, line: SeenLine, path: str, scene: Scene
) -> Match:
    source = mounted_file(path, pod, container)
    variables = {**describe_container(container), "file": path, "because": ""}
    evidence = [scene.note_container(ref, container)]
    if line.command:
        evidence.insert(0, scene.note_line(ref, line))
    if source:
        kind, name, _, volume = source
        mode = oct(int(volume.get("defaultMode", 0o644)))[2:].rjust(4, "0")
        variables["because"] = f": {kind} {name} is mounted with mode {mode}, without the execute bit"
        evidence.append(scene.note(ref, f"{path} comes from {kind} {name}, mounted with defaultMode {mode}"))
    return Match(ref, variables, tuple(evidence))


@analyzer("port-conflict")
def find_port_conflicts(scene: Scene) -> Iterator[Match]:
    """A container cannot bind its port since another container of the Pod (or the host) has it."""
    for ref, pod, container in failing_containers(scene):
        for line in scene.log_lines(ref, container.name):
            if _IN_USE.search(line.text):
                yield _tell_conflict(ref, pod, container, line, scene)
                break


def _tell_conflict(
    ref: ObjectRef, pod: KubeObject, container: Container, line: SeenLine, scene: Scene
) -> Match:
    wanted = _wanted_ports(container, [line, *scene.log_lines(ref, container.name)])
    others = [
        (p, c) for c in list_containers(pod) if c.name != container.name for p in _held_ports(c, ref, scene)
    ]
    port, holder = next(((p, c.name) for p, c in others if p in wanted), (None, ""))
    if port is None and len(others) == 1:
        port, holder = others[0][0], others[0][1].name
    evidence = [scene.note_line(ref, line), scene.note_container(ref, container)]
    taken = ""
    if port is not None:
        taken = f" {port}, which container {holder} of the same Pod already has"
        evidence.append(scene.note(ref, f"container {holder} uses port {port}"))
    variables = {
        **describe_container(container),
        "taken": taken,
        "line": line.text[:200],
        "port": str(port or "?"),
    }
    return Match(ref, variables, tuple(evidence), confidence=0.92 if port else 0.8)


def _wanted_ports(container: Container, lines: Sequence[SeenLine]) -> set[int]:
    words = [*(container.spec.get("command") or []), *(container.spec.get("args") or [])]
    words += [str(entry.get("value") or "") for entry in container.env()]
    words += [line.text for line in lines]
    return {int(p) for word in words for p in _PORT.findall(str(word))} | {
        int(p["containerPort"]) for p in container.ports() if p.get("containerPort")
    }


def _held_ports(container: Container, ref: ObjectRef, scene: Scene) -> list[int]:
    declared = [int(p["containerPort"]) for p in container.ports() if p.get("containerPort")]
    return [*declared, *sorted(heard_ports(ref, container, scene))]


@analyzer("mounted-file-missing")
def find_missing_files(scene: Scene) -> Iterator[Match]:
    """A failing container misses a file below a ConfigMap or Secret that has no such key."""
    for ref, pod, container in failing_containers(scene):
        for line in scene.log_lines(ref, container.name):
            paths = _PATH.findall(line.text) if _NOT_THERE.search(line.text) else []
            for path, _ in paths:
                source = mounted_file(path, pod, container)
                item = (
                    scene.snapshot.find(ObjectRef(kind=source[0], name=source[1], namespace=ref.namespace))
                    if source
                    else None
                )
                if source and item and source[2] not in (item.get("data") or {}):
                    yield _tell_missing_file(ref, container, line, path, source[2], item, scene)


def _tell_missing_file(
    ref: ObjectRef,
    container: Container,
    line: SeenLine,
    path: str,
    key: str,
    item: KubeObject,
    scene: Scene,
) -> Match:
    target, keys = ObjectRef.of(item), ", ".join(sorted(item.get("data") or {})) or "none"
    evidence = (
        scene.note_line(ref, line),
        scene.note(target, f"{target.kind} {target.name} has the keys: {keys}"),
        scene.note_container(ref, container),
    )
    variables = {
        **describe_container(container),
        "file": path,
        "key": key,
        "source": f"{target.kind} {target.name}",
        "source_path": target.path,
        "present": keys,
        "line": line.text[:200],
    }
    return Match(ref, variables, evidence, object=target)
