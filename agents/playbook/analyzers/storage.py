"""Claims that are not bound: no such class, nothing that fits, or a volume that is taken."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from tools.cluster.quantities import parse_quantity

_NO_PROVISIONER = "kubernetes.io/no-provisioner"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def _unbound(scene: Scene) -> Iterator[tuple[ObjectRef, KubeObject, list[Evidence], str]]:
    for claim in scene.snapshot.of_kind("PersistentVolumeClaim"):
        ref, phase = ObjectRef.of(claim), (claim.get("status") or {}).get("phase")
        if phase not in ("Pending", "Lost"):
            continue
        events = scene.live_events(ref)
        notes = [scene.note_event(event) for event in reversed(events)][:2]
        state = scene.note(ref, f"PersistentVolumeClaim {ref.name} is {phase}; wants {_tell_claim(claim)}")
        message = next((e.message for e in reversed(events) if e.type == "Warning"), "")
        yield ref, claim, [state, *notes], message or (events[-1].message if events else "")


def _tell_claim(claim: KubeObject) -> str:
    spec = claim.get("spec") or {}
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage", "")
    wishes = [f"{size} {','.join(spec.get('accessModes') or [])}".strip()]
    wishes.append(f"class {spec.get('storageClassName') or 'none (default)'}")
    if labels := (spec.get("selector") or {}).get("matchLabels"):
        wishes.append(f"selector {labels}")
    if volume := spec.get("volumeName"):
        wishes.append(f"volume {volume}")
    return ", ".join(wish for wish in wishes if wish)


def _class_of(claim: KubeObject, scene: Scene) -> tuple[str | None, KubeObject | None]:
    name = (claim.get("spec") or {}).get("storageClassName")
    return name, scene.snapshot.find(ObjectRef(kind="StorageClass", name=name)) if name else None


@analyzer("storage-class-missing")
def find_missing_classes(scene: Scene) -> Iterator[Match]:
    """Claims that name a StorageClass which does not exist, and no volume of that class either."""
    for ref, claim, notes, message in _unbound(scene):
        name, found = _class_of(claim, scene)
        told = bool(re.search(r"storageclass\S* \"[^\"]+\" not found", message))
        if not name or found or not (told or scene.snapshot.saw("StorageClass")):
            continue
        if any(_spec(v).get("storageClassName") == name for v in scene.snapshot.of_kind("PersistentVolume")):
            continue
        known = ", ".join(sorted(ObjectRef.of(c).name for c in scene.snapshot.of_kind("StorageClass")))
        if known:
            first = ObjectRef.of(scene.snapshot.of_kind("StorageClass")[0])
            notes.append(
                scene.note(first, f"StorageClasses in the cluster: {known}", "kubectl get storageclass")
            )
        variables = {"class": name, "known": known or "none", "user": _tell_user(ref, scene)}
        missing = ObjectRef(kind="StorageClass", name=name)
        yield Match(ref, variables, tuple(notes), object=ref, missing=missing)


def _tell_user(claim: ObjectRef, scene: Scene) -> str:
    """`` of StatefulSet x``: who mounts the claim, if anyone does."""
    for pod in scene.snapshot.of_kind("Pod", claim.namespace):
        for volume in _spec(pod).get("volumes") or []:
            if (volume.get("persistentVolumeClaim") or {}).get("claimName") == claim.name:
                owner = scene.owner(ObjectRef.of(pod))
                return f" of {owner.kind} {owner.name}"
    return ""


def _spec(item: KubeObject) -> dict[str, Any]:
    return dict(item.get("spec") or {})


@analyzer("storage-class-unset", "StorageClass", "PersistentVolume")
def find_unset_classes(scene: Scene) -> Iterator[Match]:
    """Claims without a class in a cluster without a default, and no classless volume that fits."""
    for ref, claim, notes, message in _unbound(scene):
        defaults = [c for c in scene.snapshot.of_kind("StorageClass") if _is_default(c)]
        unset = (claim.get("spec") or {}).get("storageClassName") in (None, "")
        candidates = _candidates(claim, None, scene)
        explained = bool(candidates) and all(candidates.values())
        if unset and not defaults and "no storage class is set" in message and not explained:
            volumes = scene.snapshot.of_kind("PersistentVolume")
            told = [_tell_volume(v) for v in volumes if ObjectRef.of(v) in candidates]
            notes += [scene.note(volume, text) for volume, text in zip(candidates, told, strict=True)]
            variables = {"message": message, "volumes": f" ({'; '.join(told[:3])})" if told else ""}
            yield Match(ref, variables, tuple(notes), object=ref)


def _candidates(claim: KubeObject, name: str | None, scene: Scene) -> dict[ObjectRef, str]:
    """The volumes of the claim's class, each with the reason why it does not fit, if that is known."""
    volumes = [v for v in scene.snapshot.of_kind("PersistentVolume") if _is_candidate(v, claim, name)]
    return {ObjectRef.of(v): _misfit(v, claim, ObjectRef.of(claim)) for v in volumes}


def _tell_volume(volume: KubeObject) -> str:
    spec, phase = _spec(volume), (volume.get("status") or {}).get("phase", "?")
    size = (spec.get("capacity") or {}).get("storage", "?")
    return f"{ObjectRef.of(volume).name} is {phase}, {size} {','.join(spec.get('accessModes') or [])}"


def _is_default(storage_class: KubeObject) -> bool:
    annotations = (storage_class.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(_DEFAULT_CLASS)) == "true"


@analyzer("volume-unfit", "StorageClass", "PersistentVolume")
def find_unfit_volumes(scene: Scene) -> Iterator[Match]:
    """Claims for which a volume must be there already, and none that is there fits: each says why."""
    for ref, claim, notes, message in _unbound(scene):
        name, found = _class_of(claim, scene)
        static = found is None or found.get("provisioner") == _NO_PROVISIONER
        if not static or "not found" in message:
            continue
        candidates = _candidates(claim, name, scene)
        if not all(candidates.values()) or (not candidates and (found is None or _waits(found))):
            continue
        told = [f"{volume.name}: {why}" for volume, why in candidates.items()]
        seen = [
            scene.note(volume, f"PersistentVolume {text}")
            for volume, text in zip(candidates, told, strict=True)
        ]
        variables = {
            "why": "; ".join(told[:4]) or f"there is no volume of class {name}",
            "wants": _tell_claim(claim),
        }
        yield Match(ref, variables, (*notes, *seen[:4]), object=ref)


def _waits(storage_class: KubeObject) -> bool:
    return bool(storage_class.get("volumeBindingMode") == "WaitForFirstConsumer")


def _is_candidate(volume: KubeObject, claim: KubeObject, name: str | None) -> bool:
    wanted: str | None = _spec(claim).get("volumeName")
    if wanted:
        return ObjectRef.of(volume).name == wanted
    return str(_spec(volume).get("storageClassName") or "") == (name or "")


def _misfit(volume: KubeObject, claim: KubeObject, ref: ObjectRef) -> str:
    """Why a volume does not fit a claim, or nothing."""
    have, want = _spec(volume), _spec(claim)
    holder = have.get("claimRef") or {}
    if holder and (holder.get("name"), holder.get("namespace")) != (ref.name, ref.namespace):
        phase = (volume.get("status") or {}).get("phase", "Bound")
        return f"is {phase}, claimed by {holder.get('namespace')}/{holder.get('name')}"
    if missing := set(want.get("accessModes") or []) - set(have.get("accessModes") or []):
        return f"offers {','.join(have.get('accessModes') or [])}, not {','.join(sorted(missing))}"
    offered = parse_quantity((have.get("capacity") or {}).get("storage", "0")) or Decimal(0)
    size = ((want.get("resources") or {}).get("requests") or {}).get("storage", "0")
    if offered < (parse_quantity(size) or Decimal(0)):
        return f"has {(have.get('capacity') or {}).get('storage')}, less than {size}"
    labels = (volume.get("metadata") or {}).get("labels") or {}
    wanted = (want.get("selector") or {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        told = ",".join(f"{k}={v}" for k, v in labels.items()) or "no labels"
        return f"carries {told}, the claim selects {','.join(f'{k}={v}' for k, v in wanted.items())}"
    if (have.get("storageClassName") or "") != (want.get("storageClassName") or ""):
        return f"is of class {have.get('storageClassName')}, the claim of {want.get('storageClassName')}"
    return ""


@analyzer("provisioning-failed")
def find_failed_provisioning(scene: Scene) -> Iterator[Match]:
    """Claims whose provisioner reports an error, or never answers."""
    for ref, claim, notes, message in _unbound(scene):
        name, found = _class_of(claim, scene)
        if found is None or found.get("provisioner") == _NO_PROVISIONER:
            continue
        failed = re.search(r"(?i)failed to provision|error|denied|exceed|invalid", message)
        waiting = re.search(r"(?i)waiting for a volume to be created", message)
        if failed or waiting:
            provisioner = str(found.get("provisioner"))
            variables = {
                "class": str(name),
                "provisioner": provisioner,
                "message": message[:300],
                "what": f"reports: {message[:300]}"
                if failed
                else "has not created a volume; it may not be running",
            }
            notes.append(
                scene.note(ObjectRef(kind="StorageClass", name=str(name)), f"provisioner is {provisioner}")
            )
            yield Match(ref, variables, tuple(notes), object=ref, confidence=0.9 if failed else 0.7)
