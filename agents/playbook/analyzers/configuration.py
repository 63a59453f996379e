"""ConfigMaps, Secrets and keys that a Pod needs and that are not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rapidfuzz import process

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import Container, list_containers

_MISSING = re.compile(r'(?i)\b(?P<kind>configmap|secret) "(?P<name>[^"]+)" not found')
_KEY = re.compile(
    r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) (?:[^/\s]+/)?(?P<name>[^\s,]+)"
    r"|(?P<mounted>configmap|secret)? ?references non-existent (?:config|secret) key: (?P<path>\S+)"
)
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}
INFERRED = 0.75
"""Confidence of an absence that no message names."""

_STARTING = {"ContainerCreating", "PodInitializing", "CreateContainerConfigError"}


@dataclass(frozen=True)
class Use:
    """How a container uses a ConfigMap or Secret: as environment or as files, and which keys."""

    container: str
    how: str
    keys: tuple[str, ...]


def list_uses(pod: KubeObject, kind: str, name: str) -> list[Use]:
    """Every container of a Pod that uses the object."""
    volumes = {
        v["name"]: tuple(item.get("key", "") for item in source.get("items") or [])
        for v in (pod.get("spec") or {}).get("volumes") or []
        for source in _volume_sources(v, kind)
        if name in (source.get("name"), source.get("secretName"))
    }
    found = []
    for container in list_containers(pod):
        keys = tuple(_env_keys(container, kind, name))
        if keys or _is_env_from(container, kind, name):
            found.append(Use(container.name, "as environment variables", keys))
        for mount in container.spec.get("volumeMounts") or []:
            if mount.get("name") in volumes:
                how = f"as files in {mount.get('mountPath')}"
                found.append(Use(container.name, how, volumes[mount["name"]]))
    return found


def _volume_sources(volume: KubeObject, kind: str) -> list[KubeObject]:
    field = "configMap" if kind == "ConfigMap" else "secret"
    projected = (volume.get("projected") or {}).get("sources") or []
    return [source for source in (volume.get(field), *(p.get(field) for p in projected)) if source]


def _env_keys(container: Container, kind: str, name: str) -> Iterator[str]:
    field = "configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"
    for entry in container.env():
        reference = (entry.get("valueFrom") or {}).get(field) or {}
        if reference.get("name") == name and reference.get("key"):
            yield reference["key"]


def _is_env_from(container: Container, kind: str, name: str) -> bool:
    field = "configMapRef" if kind == "ConfigMap" else "secretRef"
    sources = container.spec.get("envFrom") or []
    return any((source.get(field) or {}).get("name") == name for source in sources)


def _complaints(pod: KubeObject, ref: ObjectRef, scene: Scene) -> Iterator[tuple[str, Evidence]]:
    """What the kubelet says it lacks: the waiting containers' messages, then unresolved events."""
    for container in list_containers(pod):
        if message := container.waiting.get("message"):
            yield str(message), scene.note_container(ref, container)
    for event in reversed(scene.live_events(ref)):
        yield event.message, scene.note_event(event)


def _starting_pods(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject]]:
    return ((ObjectRef.of(pod), pod) for pod in scene.unwell_pods)


@analyzer("configmap-missing")
def find_missing_configmaps(scene: Scene) -> Iterator[Match]:
    """Pods that cannot start since a ConfigMap does not exist."""
    return _find_missing("ConfigMap", scene)


@analyzer("secret-missing")
def find_missing_secrets(scene: Scene) -> Iterator[Match]:
    """Pods that cannot start since a Secret does not exist."""
    return _find_missing("Secret", scene)


def _find_missing(kind: str, scene: Scene) -> Iterator[Match]:
    for ref, pod in _starting_pods(scene):
        told = {
            found["name"]: evidence
            for message, evidence in _complaints(pod, ref, scene)
            for found in _MISSING.finditer(message)
            if _KINDS[found["kind"].lower()] == kind
        }
        inferred = {} if list(_complaints(pod, ref, scene)) else _infer_missing(kind, ref, pod, scene)
        for name, evidence in (told or inferred).items():
            if not scene.snapshot.find(ObjectRef(kind=kind, name=name, namespace=ref.namespace)):
                match = _tell_missing(kind, name, ref, pod, evidence, scene)
                yield match if told else replace(match, confidence=INFERRED)


def _infer_missing(kind: str, ref: ObjectRef, pod: KubeObject, scene: Scene) -> dict[str, Evidence]:
    """ConfigMaps that a Pod stuck before its start refers to and that were not listed.

    For Pods of which the kubelet's complaints are gone (events expire after an hour). Of Secrets,
    readers may not list all, so their absence proves nothing.
    """
    waiting = [c for c in list_containers(pod) if c.waiting.get("reason") in _STARTING]
    if not waiting or kind != "ConfigMap" or not scene.snapshot.of_kind(kind, ref.namespace):
        return {}
    evidence = scene.note_container(ref, waiting[0])
    return {name: evidence for name in _required_names(pod, kind)}


def _required_names(pod: KubeObject, kind: str) -> Iterator[str]:
    key_field, all_field = (
        ("configMapKeyRef", "configMapRef") if kind == "ConfigMap" else ("secretKeyRef", "secretRef")
    )
    sources = [s for v in (pod.get("spec") or {}).get("volumes") or [] for s in _volume_sources(v, kind)]
    for container in list_containers(pod):
        sources += [(entry.get("valueFrom") or {}).get(key_field) or {} for entry in container.env()]
        sources += [source.get(all_field) or {} for source in container.spec.get("envFrom") or []]
    for source in sources:
        name = source.get("name") or source.get("secretName")
        if name and not source.get("optional"):
            yield name


def _tell_missing(
    kind: str, name: str, ref: ObjectRef, pod: KubeObject, evidence: Evidence, scene: Scene
) -> Match:
    uses = list_uses(pod, kind, name)
    keys = list(dict.fromkeys(key for use in uses for key in use.keys))
    present = [ObjectRef.of(item).name for item in scene.snapshot.of_kind(kind, ref.namespace)]
    near = process.extractOne(name, present, score_cutoff=75)
    variables = {
        "missing": name,
        "used_by": _tell_uses(uses),
        "keys": ", ".join(keys),
        "literals": " ".join(f"--from-literal={key}=<value>" for key in keys) or "--from-file=<file>",
        "near": f" {kind} {near[0]} exists and has a similar name." if near else "",
    }
    notes = [evidence]
    if uses:
        notes.append(scene.note(ref, f"{_tell_uses(uses)} uses {kind} {name} {uses[0].how}"))
    if present:
        listed = ", ".join(sorted(present)[:15])
        command = f"kubectl get {kind.lower()} -n {ref.namespace}"
        notes.append(scene.note(ref, f"{kind}s in namespace {ref.namespace}: {listed}", command))
    missing = ObjectRef(kind=kind, name=name, namespace=ref.namespace)
    return Match(ref, variables, tuple(notes), missing=missing)


def _tell_uses(uses: list[Use]) -> str:
    names = list(dict.fromkeys(use.container for use in uses))
    return f"container {' and '.join(names)}" if names else "the Pod"


@analyzer("config-key-missing")
def find_missing_keys(scene: Scene) -> Iterator[Match]:
    """Pods that cannot start since a ConfigMap or Secret lacks a key."""
    for ref, pod in _starting_pods(scene):
        seen: set[tuple[str, str, str]] = set()
        for message, evidence in _complaints(pod, ref, scene):
            for found in _KEY.finditer(message):
                for kind, name, key in _resolve_key(found, pod, scene):
                    if (kind, name, key) not in seen:
                        seen.add((kind, name, key))
                        yield _tell_key(kind, name, key, ref, pod, evidence, scene)


def _resolve_key(found: re.Match[str], pod: KubeObject, scene: Scene) -> Iterator[tuple[str, str, str]]:
    if found["key"]:
        yield found["kind"], found["name"], found["key"]
        return
    key = found["path"]
    for kind in ("ConfigMap", "Secret"):
        for volume in (pod.get("spec") or {}).get("volumes") or []:
            for source in _volume_sources(volume, kind):
                if any(item.get("key") == key for item in source.get("items") or []):
                    yield kind, source.get("name") or source.get("secretName", ""), key


def _tell_key(
    kind: str, name: str, key: str, ref: ObjectRef, pod: KubeObject, evidence: Evidence, scene: Scene
) -> Match:
    target = ObjectRef(kind=kind, name=name, namespace=ref.namespace)
    item = scene.snapshot.find(target) or {}
    present = sorted({**(item.get("data") or {}), **(item.get("binaryData") or {})})
    near = process.extractOne(key, present, score_cutoff=55)
    variables = {
        "key": key,
        "source": f"{kind} {name}",
        "source_name": name,
        "source_kind": kind.lower(),
        "present": ", ".join(present) or "none",
        "near": f" (perhaps meant: {near[0]})" if near else "",
        "used_by": _tell_uses(list_uses(pod, kind, name)),
    }
    notes = [evidence]
    if item:
        notes.append(scene.note(target, f"{kind} {name} has the keys: {', '.join(present) or 'none'}"))
    return Match(ref, variables, tuple(notes), object=target)
