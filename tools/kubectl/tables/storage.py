"""The tables of volumes, claims and classes."""

from datetime import datetime

from domain.objects import KubeObject
from tools.kubectl.tables.columns import Cells, Printer, age_of, entries, mapping, name_of, part
from tools.kubectl.tables.formats import format_access_modes, is_default_class, storage_class_of
from tools.kubectl.text import UNSET


def tell_phase(item: KubeObject) -> str:
    """The phase of a volume or a claim, ``Terminating`` while it is being deleted."""
    if part(item, "metadata", "deletionTimestamp"):
        return "Terminating"
    return str(part(item, "status", "phase") or "")


def _fill_claim(item: KubeObject, now: datetime) -> Cells:
    spec, status = mapping(item, "spec"), mapping(item, "status")
    volume = spec.get("volumeName") or ""
    return (
        name_of(item),
        tell_phase(item),
        volume,
        part(status, "capacity", "storage") or "0" if volume else "",
        format_access_modes(status.get("accessModes")) if volume else "",
        storage_class_of(item),
        spec.get("volumeAttributesClassName") or UNSET,
        age_of(item, now),
        spec.get("volumeMode") or UNSET,
    )


def _fill_volume(item: KubeObject, now: datetime) -> Cells:
    spec = mapping(item, "spec")
    claim = mapping(spec, "claimRef")
    return (
        name_of(item),
        part(spec, "capacity", "storage") or "0",
        format_access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy"),
        tell_phase(item),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        storage_class_of(item),
        spec.get("volumeAttributesClassName") or UNSET,
        part(item, "status", "reason"),
        age_of(item, now),
        spec.get("volumeMode") or UNSET,
    )


def _fill_class(item: KubeObject, now: datetime) -> Cells:
    return (
        name_of(item) + (" (default)" if is_default_class(item) else ""),
        item.get("provisioner"),
        item.get("reclaimPolicy") or "Delete",
        item.get("volumeBindingMode") or "Immediate",
        bool(item.get("allowVolumeExpansion")),
        age_of(item, now),
    )


def _fill_attachment(item: KubeObject, now: datetime) -> Cells:
    spec = mapping(item, "spec")
    volume = part(spec, "source", "persistentVolumeName")
    attached = bool(part(item, "status", "attached"))
    return (name_of(item), spec.get("attacher"), volume, spec.get("nodeName"), attached, age_of(item, now))


def _fill_csi_node(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), len(entries(item, "spec", "drivers")), age_of(item, now))


STORAGE = {
    "PersistentVolumeClaim": Printer.of(
        "NAME|STATUS|VOLUME|CAPACITY|ACCESS MODES|STORAGECLASS|VOLUMEATTRIBUTESCLASS|AGE|+VOLUMEMODE",
        _fill_claim,
    ),
    "PersistentVolume": Printer.of(
        "NAME|CAPACITY|ACCESS MODES|RECLAIM POLICY|STATUS|CLAIM|STORAGECLASS|VOLUMEATTRIBUTESCLASS|REASON|AGE"
        "|+VOLUMEMODE",
        _fill_volume,
    ),
    "StorageClass": Printer.of(
        "NAME|PROVISIONER|RECLAIMPOLICY|VOLUMEBINDINGMODE|ALLOWVOLUMEEXPANSION|AGE", _fill_class
    ),
    "VolumeAttachment": Printer.of("NAME|ATTACHER|PV|NODE|ATTACHED|AGE", _fill_attachment),
    "CSINode": Printer.of("NAME|DRIVERS|AGE", _fill_csi_node),
}
