"""Rows of claims, volumes and storage classes."""

from collections.abc import Callable

from tools.importers.transcript.ages import parse_age
from tools.importers.transcript.columns import Cells
from tools.importers.transcript.described.storage import read_phase
from tools.importers.transcript.objects import prune, read_access_modes, read_text
from tools.importers.transcript.section import Raw


def _size(cells: Cells) -> Raw | None:
    size = cells.get("CAPACITY", "")
    return {"storage": size} if size else None


def _read_claim(cells: Cells) -> Raw:
    modes = read_access_modes(cells.get("ACCESS MODES", ""))
    spec = prune({"volumeName": cells.get("VOLUME", ""), "volumeMode": cells.get("VOLUMEMODE", "")})
    spec["storageClassName"] = read_text(cells.get("STORAGECLASS", ""))
    told = cells.get("STATUS", "")
    status = {"phase": read_phase(told), "capacity": _size(cells), "accessModes": modes}
    item = {"spec": spec, "status": prune(status)}
    return item | ({"metadata": {"deletionTimestamp": parse_age("0s")}} if told == "Terminating" else {})


def _read_volume(cells: Cells) -> Raw:
    namespace, _, claim = cells.get("CLAIM", "").partition("/")
    spec = {
        "capacity": _size(cells),
        "accessModes": read_access_modes(cells.get("ACCESS MODES", "")),
        "persistentVolumeReclaimPolicy": cells.get("RECLAIM POLICY", ""),
        "storageClassName": read_text(cells.get("STORAGECLASS", "")),
        "volumeMode": cells.get("VOLUMEMODE", ""),
        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim}
        if claim
        else None,
    }
    status = prune({"phase": cells.get("STATUS", ""), "reason": read_text(cells.get("REASON", ""))})
    return {"spec": prune(spec), "status": status}


def _read_class(cells: Cells) -> Raw:
    return prune(
        {
            "provisioner": cells.get("PROVISIONER", ""),
            "reclaimPolicy": cells.get("RECLAIMPOLICY", ""),
            "volumeBindingMode": cells.get("VOLUMEBINDINGMODE", ""),
            "allowVolumeExpansion": True if cells.get("ALLOWVOLUMEEXPANSION") == "true" else None,
        }
    )


STORAGE: dict[str, Callable[[Cells], Raw]] = {
    "PersistentVolumeClaim": _read_claim,
    "PersistentVolume": _read_volume,
    "StorageClass": _read_class,
}
