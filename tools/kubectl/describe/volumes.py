"""Volumes in descriptions: what backs them, and where."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.columns import entries, mapping
from tools.kubectl.tables.formats import storage_class_of
from tools.kubectl.text import NONE, UNKNOWN, UNSET

Fields = list[tuple[str, object]]


def describe_volumes(writer: Writer, volumes: list[dict[str, Any]], indent: str = "") -> None:
    """The volumes of a Pod spec."""
    if not volumes:
        writer.field(f"{indent}Volumes", NONE)
        return
    writer.line(f"{indent}Volumes:")
    for volume in volumes:
        writer.line(f"{' ' if indent else ''}{volume.get('name')}:", 1)
        describe_source(writer, volume)


def describe_source(writer: Writer, volume: Mapping[str, Any]) -> None:
    """The source of a volume, of a Pod's or of a PersistentVolume's spec."""
    for key, (title, fields) in _SOURCES.items():
        if (source := volume.get(key)) is not None:
            writer.field("Type", title, 2)
            for name, value in fields(source):
                writer.field(name, value, 2)
            return
    writer.line(UNKNOWN, 1)


def _pick(*names: str) -> Callable[[Any], Fields]:
    """Fields that are shown as they are: ``Path`` is ``path``."""
    return partial(_read_fields, names)


def _read_fields(names: tuple[str, ...], source: Any) -> Fields:
    return [(name, _show(source.get(_key(name)))) for name in names]


def _key(name: str) -> str:
    return {"PDName": "pdName", "FSType": "fsType", "VolumeID": "volumeID"}.get(
        name, name[0].lower() + name[1:]
    )


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _flag(source: Any, name: str) -> tuple[str, object]:
    return (name, str(bool(source.get(_key(name)))).lower())


def _host_path(source: Any) -> Fields:
    return [("Path", source.get("path") or ""), ("HostPathType", source.get("type", NONE))]


def _empty_dir(source: Any) -> Fields:
    return [("Medium", source.get("medium") or ""), ("SizeLimit", source.get("sizeLimit") or UNSET)]


def _secret(source: Any) -> Fields:
    return [("SecretName", source.get("secretName") or ""), _flag(source, "Optional")]


def _config_map(source: Any) -> Fields:
    return [("Name", source.get("name") or ""), _flag(source, "Optional")]


def _claim(source: Any) -> Fields:
    return [("ClaimName", source.get("claimName") or ""), _flag(source, "ReadOnly")]


def _nfs(source: Any) -> Fields:
    return [*_pick("Server", "Path")(source), _flag(source, "ReadOnly")]


def _downward(source: Any) -> Fields:
    items = []
    for item in entries(source, "items"):
        what = mapping(item, "fieldRef").get("fieldPath") or mapping(item, "resourceFieldRef").get("resource")
        items.append(f"{what} -> {item.get('path')}")
    return [("Items", ", ".join(items))]


def _projected(source: Any) -> Fields:
    fields: Fields = []
    for origin in entries(source, "sources"):
        if secret := mapping(origin, "secret"):
            fields += [("SecretName", secret.get("name")), _flag(secret, "Optional")]
        elif "downwardAPI" in origin:
            fields.append(("DownwardAPI", "true"))
        elif config := mapping(origin, "configMap"):
            fields += [("ConfigMapName", config.get("name")), _flag(config, "Optional")]
        elif token := mapping(origin, "serviceAccountToken"):
            fields.append(("TokenExpirationSeconds", token.get("expirationSeconds", 3600)))
    return fields


def _ephemeral(source: Any) -> Fields:
    claim = mapping(source, "volumeClaimTemplate")
    modes = ",".join(entries(claim, "spec", "accessModes"))
    size = mapping(claim, "spec", "resources", "requests").get("storage") or ""
    return [("StorageClass", storage_class_of(claim)), ("Capacity", size), ("Access Modes", modes)]


def _csi(source: Any) -> Fields:
    fields = [("Driver", source.get("driver") or ""), ("FSType", source.get("fsType") or "")]
    handle = [("VolumeHandle", source["volumeHandle"])] if "volumeHandle" in source else []
    attributes = mapping(source, "volumeAttributes")
    shown = ", ".join(f"{key}={value}" for key, value in sorted(attributes.items()))
    return [*fields, *handle, _flag(source, "ReadOnly"), ("VolumeAttributes", shown or NONE)]


_SOURCES: dict[str, tuple[str, Callable[[Any], Fields]]] = {
    "hostPath": ("HostPath (bare host directory volume)", _host_path),
    "emptyDir": ("EmptyDir (a temporary directory that shares a pod's lifetime)", _empty_dir),
    "secret": ("Secret (a volume populated by a Secret)", _secret),
    "configMap": ("ConfigMap (a volume populated by a ConfigMap)", _config_map),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        _claim,
    ),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", _projected),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", _downward),
    "csi": ("CSI (a Container Storage Interface (CSI) volume source)", _csi),
    "nfs": ("NFS (an NFS mount that lasts the lifetime of a pod)", _nfs),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", _pick("Path")),
    "ephemeral": (
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
        _ephemeral,
    ),
    "image": ("Image (a container image or OCI artifact)", _pick("Reference", "PullPolicy")),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        _pick("VolumeID", "FSType", "Partition", "ReadOnly"),
    ),
    "gcePersistentDisk": (
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        _pick("PDName", "FSType", "Partition", "ReadOnly"),
    ),
    "azureDisk": (
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        _pick("DiskName", "Kind", "FSType", "CachingMode", "ReadOnly"),
    ),
    "azureFile": (
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        _pick("ShareName", "ReadOnly"),
    ),
    "iscsi": (
        "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine "
        "and then exposed to the pod)",
        _pick("TargetPortal", "Iqn", "Lun", "FSType", "ReadOnly"),
    ),
}
"""Field names and titles in kubectl's words; sources of retired drivers are shown as ``<unknown>``."""
