"""``kubectl describe`` of claims, volumes and storage classes."""

import re

from tools.importers.transcript.described.pods import read_deletion
from tools.importers.transcript.objects import prune, read_access_modes, read_map
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_TERM = re.compile(r"([\w./-]+) (in|not in|exists|does not exist)(?: \[([^\]]*)\])?")
_OPERATORS = {"in": "In", "not in": "NotIn", "exists": "Exists", "does not exist": "DoesNotExist"}


def describe_claim(root: Node) -> Raw:
    """Spec and status of a PersistentVolumeClaim.

    What was asked for is printed only once it is bound: of a pending one the size stays unknown.
    """
    spec = prune({"volumeName": root.get("Volume"), "volumeMode": root.get("VolumeMode")})
    if root.has("StorageClass"):
        spec["storageClassName"] = root.get("StorageClass")
    modes = read_access_modes(root.get("Access Modes"))
    told = root.get("Status")
    status = prune({"phase": read_phase(told), "accessModes": modes})
    if size := root.get("Capacity"):
        status["capacity"] = {"storage": size}
    return {"spec": spec, "status": status} | read_deletion(told)


def describe_volume(root: Node) -> Raw:
    """Spec and status of a PersistentVolume."""
    namespace, _, claim = root.get("Claim").partition("/")
    spec = prune(
        {
            "storageClassName": root.get("StorageClass"),
            "persistentVolumeReclaimPolicy": root.get("Reclaim Policy"),
            "accessModes": read_access_modes(root.get("Access Modes")),
            "volumeMode": root.get("VolumeMode"),
            "capacity": prune({"storage": root.get("Capacity")}),
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim}
            if claim
            else None,
            "nodeAffinity": _read_node_affinity(root.find("Node Affinity")),
        }
    )
    status = prune({"phase": read_phase(root.get("Status")), "message": root.get("Message")})
    return {"spec": spec | _read_source(root.find("Source")), "status": status}


def read_phase(told: str) -> str:
    """The first word of a status; empty for ``Terminating``, which takes the place of the phase."""
    word = told.partition(" ")[0]
    return "" if word == "Terminating" else word


def _read_node_affinity(node: Node) -> Raw:
    terms = []
    for term in node.find("Required Terms").children:
        lines = [line for line in [term.value, *(child.text for child in term.children)] if line]
        found = [match for line in lines if (match := _TERM.match(line))]
        if found:
            terms.append({"matchExpressions": [_read_term(match) for match in found]})
    return {"required": {"nodeSelectorTerms": terms}} if terms else {}


def _read_term(found: re.Match[str]) -> Raw:
    values = [value.strip() for value in (found[3] or "").split(",") if value.strip()]
    return {"key": found[1], "operator": _OPERATORS[found[2]]} | prune({"values": values})


def _read_source(node: Node) -> Raw:
    match node.get("Type").partition(" ")[0]:
        case "HostPath":
            return {"hostPath": prune({"path": node.get("Path"), "type": node.get("HostPathType")})}
        case "LocalVolume":
            return {"local": prune({"path": node.get("Path")})}
        case "NFS":
            return {"nfs": prune({"server": node.get("Server"), "path": node.get("Path")})}
        case "CSI":
            return {"csi": prune({"driver": node.get("Driver"), "volumeHandle": node.get("VolumeHandle")})}
    return {}


def describe_storage_class(root: Node) -> Raw:
    """What a StorageClass says; its fields are its own, it has no spec."""
    told = prune(
        {
            "provisioner": root.get("Provisioner"),
            "parameters": read_map(root.find("Parameters").lines()),
            "reclaimPolicy": root.get("ReclaimPolicy"),
            "volumeBindingMode": root.get("VolumeBindingMode"),
            "allowVolumeExpansion": True if root.get("AllowVolumeExpansion").lower() == "true" else None,
        }
    )
    if root.get("IsDefaultClass") == "Yes":
        told["metadata"] = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    return told
