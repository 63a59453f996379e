"""Volumes in the description of a Pod or a template."""

from collections.abc import Callable

from tools.importers.transcript.objects import prune
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw


def read_volumes(holder: Node) -> list[Raw]:
    """The volumes under ``Volumes:``; of a type that we do not know the name alone."""
    return [_read_volume(node) for node in holder.children if node.text.endswith(":")]


def _read_volume(node: Node) -> Raw:
    reader = _SOURCES.get(node.get("Type").partition(" ")[0])
    return {"name": node.text[:-1]} | (reader(node) if reader else {})


def _optional(node: Node, key: str = "Optional") -> bool | None:
    return True if node.get(key) == "true" else None


def _read_config_map(node: Node) -> Raw:
    return {"configMap": prune({"name": node.get("Name"), "optional": _optional(node)})}


def _read_secret(node: Node) -> Raw:
    return {"secret": prune({"secretName": node.get("SecretName"), "optional": _optional(node)})}


def _read_claim(node: Node) -> Raw:
    read_only = True if node.get("ReadOnly") == "true" else None
    return {"persistentVolumeClaim": prune({"claimName": node.get("ClaimName"), "readOnly": read_only})}


def _read_empty_dir(node: Node) -> Raw:
    return {"emptyDir": prune({"medium": node.get("Medium"), "sizeLimit": node.get("SizeLimit")})}


def _read_host_path(node: Node) -> Raw:
    return {"hostPath": prune({"path": node.get("Path"), "type": node.get("HostPathType")})}


def _read_nfs(node: Node) -> Raw:
    return {"nfs": prune({"server": node.get("Server"), "path": node.get("Path")})}


def _read_csi(node: Node) -> Raw:
    return {"csi": prune({"driver": node.get("Driver")})}


def _read_projected(node: Node) -> Raw:
    sources: list[Raw] = []
    for child in node.children:
        match child.key:
            case "TokenExpirationSeconds":
                sources.append({"serviceAccountToken": {"path": "token"}})
            case "ConfigMapName":
                sources.append(
                    {
                        "configMap": prune(
                            {"name": child.value, "optional": _optional(node, "ConfigMapOptional")}
                        )
                    }
                )
            case "SecretName":
                sources.append(
                    {"secret": prune({"name": child.value, "optional": _optional(node, "SecretOptional")})}
                )
            case "DownwardAPI":
                sources.append({"downwardAPI": {}})
    return {"projected": {"sources": sources}}


_SOURCES: dict[str, Callable[[Node], Raw]] = {
    "ConfigMap": _read_config_map,
    "Secret": _read_secret,
    "PersistentVolumeClaim": _read_claim,
    "EmptyDir": _read_empty_dir,
    "HostPath": _read_host_path,
    "NFS": _read_nfs,
    "CSI": _read_csi,
    "Projected": _read_projected,
    "DownwardAPI": lambda _: {"downwardAPI": {}},
    "EphemeralVolume": lambda _: {"ephemeral": {}},
}
"""By the first word of ``Type``, which goes on to explain itself in brackets."""
