"""Volumes in descriptions: what backs them, and where."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.columns import entries, mapping, part
from tools.kubectl.tables.formats import storage_class_of
from tools.kubectl.text import NONE, UNKNOWN, UNSET

Fields = list[tuple[str, object]]

_FIELD = re.compile(r"(\w+)=(\w+)([?#@&]?)")
_ABSENT = {"": "", "?": False, "#": 0, "@": [], "&": "nil"}


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
            if describe_more := _MORE.get(key):
                describe_more(writer, source)
            return
    writer.line(UNKNOWN, 1)


def _describe_attributes(writer: Writer, source: Any) -> None:
    attributes = sorted(mapping(source, "volumeAttributes").items())
    writer.several("VolumeAttributes", [f"{key}={value}" for key, value in attributes], 2)


def _describe_items(writer: Writer, source: Any) -> None:
    writer.line("Items:", 2)
    for item in entries(source, "items"):
        what = mapping(item, "fieldRef").get("fieldPath") or mapping(item, "resourceFieldRef").get("resource")
        writer.line(f"{what} -> {item.get('path')}", 3)


def _describe_claim_template(writer: Writer, source: Any) -> None:
    """The claim that is made of it; as in kubectl its amount is empty, since it has no volume yet."""
    claim = mapping(source, "volumeClaimTemplate")
    writer.field("StorageClass", storage_class_of(claim), 2)
    writer.field("Volume", part(claim, "spec", "volumeName") or "", 2)
    writer.labels("    Labels", mapping(claim, "metadata", "labels"))
    writer.annotations("    Annotations", mapping(claim, "metadata", "annotations"))
    writer.field("Capacity", "", 2)
    writer.field("Access Modes", "", 2)
    writer.optional("VolumeMode", part(claim, "spec", "volumeMode"), 2)


def _pick(fields: str) -> Callable[[Any], Fields]:
    """Fields that are shown as they are, each written ``Title=key``.

    What Go prints for one that is not there follows its key: ``?`` false, ``#`` 0, ``@`` [], ``&`` nil.
    """
    return partial(_read_fields, _FIELD.findall(fields))


def _read_fields(fields: list[tuple[str, str, str]], source: Any) -> Fields:
    return [(title, _write(source.get(key, _ABSENT[kind]))) for title, key, kind in fields]


def _write(value: object) -> str:
    """A value as Go prints it; a reference to a Secret is the only kind of struct among them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    if isinstance(value, dict):
        return f"&LocalObjectReference{{Name:{value.get('name') or ''},}}"
    return str(value)


def _host_path(source: Any) -> Fields:
    return [("Path", source.get("path") or ""), ("HostPathType", source.get("type", NONE))]


def _empty_dir(source: Any) -> Fields:
    return [("Medium", source.get("medium") or ""), ("SizeLimit", source.get("sizeLimit") or UNSET)]


def _projected(source: Any) -> Fields:
    fields: Fields = []
    for origin in entries(source, "sources"):
        if secret := mapping(origin, "secret"):
            fields += _pick("SecretName=name Optional=optional?")(secret)
        elif "downwardAPI" in origin:
            fields.append(("DownwardAPI", "true"))
        elif config := mapping(origin, "configMap"):
            fields += _pick("ConfigMapName=name Optional=optional?")(config)
        elif token := mapping(origin, "serviceAccountToken"):
            fields.append(("TokenExpirationSeconds", token.get("expirationSeconds", 3600)))
    return fields


def _csi(source: Any) -> Fields:
    """Of a Pod's volume or, with its handle, of a PersistentVolume."""
    handle: Fields = [("VolumeHandle", source["volumeHandle"])] if "volumeHandle" in source else []
    return [*_pick("Driver=driver FSType=fsType")(source), *handle, *_pick("ReadOnly=readOnly?")(source)]


def _fibre_channel(source: Any) -> Fields:
    names = ", ".join(entries(source, "targetWWNs"))
    return [
        ("TargetWWNs", names),
        ("LUN", source.get("lun", NONE)),
        *_pick("FSType=fsType ReadOnly=readOnly?")(source),
    ]


def _flexible(source: Any) -> Fields:
    options = " ".join(f"{key}:{value}" for key, value in sorted(mapping(source, "options").items()))
    shown = _pick("Driver=driver FSType=fsType SecretRef=secretRef& ReadOnly=readOnly?")(source)
    return [*shown, ("Options", f"map[{options}]")]


def _iscsi(source: Any) -> Fields:
    shown = _pick(
        "TargetPortal=targetPortal IQN=iqn Lun=lun# ISCSIInterface=iscsiInterface FSType=fsType "
        "ReadOnly=readOnly? Portals=portals@ DiscoveryCHAPAuth=chapAuthDiscovery? "
        "SessionCHAPAuth=chapAuthSession? SecretRef=secretRef&"
    )
    return [*shown(source), ("InitiatorName", source.get("initiatorName", NONE))]


_SOURCES: dict[str, tuple[str, Callable[[Any], Fields]]] = {
    "hostPath": ("HostPath (bare host directory volume)", _host_path),
    "emptyDir": ("EmptyDir (a temporary directory that shares a pod's lifetime)", _empty_dir),
    "secret": ("Secret (a volume populated by a Secret)", _pick("SecretName=secretName Optional=optional?")),
    "configMap": ("ConfigMap (a volume populated by a ConfigMap)", _pick("Name=name Optional=optional?")),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        _pick("ClaimName=claimName ReadOnly=readOnly?"),
    ),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", _projected),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", _pick("")),
    "csi": ("CSI (a Container Storage Interface (CSI) volume source)", _csi),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", _pick("Path=path")),
    "ephemeral": (
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
        _pick(""),
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        _pick("Reference=reference PullPolicy=pullPolicy"),
    ),
    "iscsi": (
        "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine "
        "and then exposed to the pod)",
        _iscsi,
    ),
    "fc": ("FC (a Fibre Channel disk)", _fibre_channel),
    "flexVolume": (
        "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)",
        _flexible,
    ),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        _pick("Server=server Path=path ReadOnly=readOnly?"),
    ),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        _pick("VolumeID=volumeID FSType=fsType Partition=partition# ReadOnly=readOnly?"),
    ),
    "gcePersistentDisk": (
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        _pick("PDName=pdName FSType=fsType Partition=partition# ReadOnly=readOnly?"),
    ),
    "azureDisk": (
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        _pick(
            "DiskName=diskName DiskURI=diskURI Kind=kind FSType=fsType CachingMode=cachingMode "
            "ReadOnly=readOnly?"
        ),
    ),
    "azureFile": (
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        _pick("SecretName=secretName ShareName=shareName ReadOnly=readOnly?"),
    ),
    "cephfs": (
        "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        _pick(
            "Monitors=monitors@ Path=path User=user SecretFile=secretFile SecretRef=secretRef& "
            "ReadOnly=readOnly?"
        ),
    ),
    "rbd": (
        "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        _pick(
            "CephMonitors=monitors@ RBDImage=image FSType=fsType RBDPool=pool RadosUser=user "
            "Keyring=keyring SecretRef=secretRef& ReadOnly=readOnly?"
        ),
    ),
    "glusterfs": (
        "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        _pick("EndpointsName=endpoints Path=path ReadOnly=readOnly?"),
    ),
    "cinder": (
        "Cinder (a Persistent Disk resource in OpenStack)",
        _pick("VolumeID=volumeID FSType=fsType ReadOnly=readOnly? SecretRef=secretRef&"),
    ),
    "vsphereVolume": (
        "vSphereVolume (a Persistent Disk resource in vSphere)",
        _pick("VolumePath=volumePath FSType=fsType StoragePolicyName=storagePolicyName"),
    ),
    "portworxVolume": ("PortworxVolume (a Portworx Volume resource)", _pick("VolumeID=volumeID")),
    "gitRepo": (
        "GitRepo (a volume that is pulled from git when the pod is created)",
        _pick("Repository=repository Revision=revision"),
    ),
}
"""Field names and titles in kubectl's words; a few drivers that nobody has any more are ``<unknown>``."""
_MORE: dict[str, Callable[[Writer, Any], None]] = {
    "csi": _describe_attributes,
    "downwardAPI": _describe_items,
    "ephemeral": _describe_claim_template,
}
"""What follows the fields of a source."""
