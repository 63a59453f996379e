"""A namespace full of objects, in states that no kubelet is needed for."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.live.controlplane import ControlPlane

HERE = Path(__file__).parent
NAMESPACE, LIMITED = "fidelity", "fidelity-limits"
_NO_STATUS = ("Shelf",)


def build_scene(plane: ControlPlane) -> None:
    """Create the objects of ``scene.yaml`` and ``custom.yaml``, with their status."""
    objects, custom = _load("scene.yaml"), _load("custom.yaml")
    _apply(plane, [item for item in objects if item["kind"] == "Namespace"])
    for namespace in (NAMESPACE, LIMITED):
        plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=30s")
    _apply(plane, [item for item in objects if item["kind"] != "Event"])
    _apply(plane, [_name_subject(plane, item) for item in objects if item["kind"] == "Event"])
    plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    plane.kubectl("apply", "-f", str(HERE / "custom.yaml"))  # client-side: leaves a copy in an annotation
    with_status = [i for i in objects + custom if "status" in i and i["kind"] not in _NO_STATUS]
    _apply(plane, with_status, "--subresource=status")
    plane.kubectl("delete", "pod", "leaving", "-n", NAMESPACE, "--wait=false")
    for made in ("pod/db-0", "endpointslice/byhand"):
        plane.kubectl("wait", "--for=create", made, "-n", NAMESPACE, "--timeout=30s")


def clear_scene(plane: ControlPlane) -> None:
    """Delete everything that ``build_scene`` made."""
    plane.kubectl(
        "patch", "pod", "leaving", "-n", NAMESPACE, "--type=merge", '-p={"metadata":{"finalizers":[]}}'
    )
    plane.kubectl("patch", "pv", "fidelity-csi", "--type=merge", '-p={"metadata":{"finalizers":[]}}')
    for name in ("custom.yaml", "scene.yaml"):
        plane.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", str(HERE / name))


def _name_subject(plane: ControlPlane, event: dict[str, Any]) -> dict[str, Any]:
    """The event with the uid of the object that it is about."""
    about = event["involvedObject"]
    found = plane.kubectl(
        "get",
        about["kind"],
        about["name"],
        "-n",
        about.get("namespace", ""),
        "-o",
        "jsonpath={.metadata.uid}",
    )
    return event | {"involvedObject": about | {"uid": about.get("uid") or found}}


def _load(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((HERE / name).read_text()))


def _apply(plane: ControlPlane, objects: list[dict[str, Any]], *flags: str) -> None:
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    plane.kubectl("apply", "--server-side", "--force-conflicts", *flags, "-f", "-", stdin=content)
