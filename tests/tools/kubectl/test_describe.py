"""Descriptions whose form the live tests compare with kubectl's own (tests/live/fidelity)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.cluster.recorded import RecordedCluster
from tools.kubectl import Kubectl

RBAC = "rbac.authorization.k8s.io/v1"


def make(kind: str, api_version: str = "v1", namespace: str = "", **parts: Any) -> dict[str, Any]:
    meta = {"name": "it", "creationTimestamp": "2026-11-24T11:00:00Z"}
    meta |= {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **parts}


async def describe(folder: Path, *objects: dict[str, Any]) -> list[str]:
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    path = f"{objects[0]['kind'].lower()} it"
    text = (await Kubectl(RecordedCluster(folder), namespace="shop").run(f"describe {path}")).text
    return [" ".join(line.split()) for line in text.split("\n")]


async def test_rights_are_put_together_as_kubectl_does(tmp_path: Path) -> None:
    rules = [
        {"apiGroups": ["", "apps"], "resources": ["pods/log"], "verbs": ["list", "get"]},
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["watch"]},
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "watch"]},
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["b", "a"], "verbs": ["get"]},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get", "head"]},
    ]
    lines = await describe(tmp_path, make("ClusterRole", RBAC, rules=rules))
    assert lines[6:] == [
        "[/healthz] [] [get]",
        "configmaps [] [a] [get]",
        "configmaps [] [b] [get]",
        "[/healthz] [] [head]",
        "pods/log [] [] [list get]",
        "pods.apps/log [] [] [list get]",
        "nodes [] [] [watch get]",
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"csi": {"driver": "d", "volumeHandle": "v-1", "volumeAttributes": {"b": "2", "a": "1"}}},
            ["Driver: d", "FSType:", "VolumeHandle: v-1", "ReadOnly: false", "VolumeAttributes: a=1", "b=2"],
        ),
        ({"csi": {"driver": "d"}}, ["Driver: d", "FSType:", "ReadOnly: false", "VolumeAttributes: <none>"]),
        (
            {"cephfs": {"monitors": ["m:1", "n:1"], "secretRef": {"name": "key"}}},
            [
                *("Monitors: [m:1 n:1]", "Path:", "User:", "SecretFile:"),
                *("SecretRef: &LocalObjectReference{Name:key,}", "ReadOnly: false"),
            ],
        ),
        (
            {"flexVolume": {"driver": "x/lvm", "options": {"size": "1g", "fast": "yes"}}},
            [
                "Driver: x/lvm",
                "FSType:",
                "SecretRef: nil",
                "ReadOnly: false",
                "Options: map[fast:yes size:1g]",
            ],
        ),
        ({"fc": {"targetWWNs": ["w"], "lun": 0}}, ["TargetWWNs: w", "LUN: 0", "FSType:", "ReadOnly: false"]),
    ],
)
async def test_a_volume_has_the_fields_of_its_source(
    source: dict[str, Any], said: list[str], tmp_path: Path
) -> None:
    lines = await describe(tmp_path, make("PersistentVolume", spec=source))
    assert lines[lines.index("Source:") + 2 : -1] == said


async def test_a_balancer_says_how_each_address_is_reached(tmp_path: Path) -> None:
    ingress = [{"ip": "192.0.2.1", "ipMode": "VIP"}, {"hostname": "lb.example.com"}, {"ip": "192.0.2.2"}]
    status = {"loadBalancer": {"ingress": ingress}}
    lines = await describe(tmp_path, make("Service", namespace="shop", spec={}, status=status))
    assert "LoadBalancer Ingress: 192.0.2.1 (VIP), lb.example.com, 192.0.2.2" in lines


async def test_the_drivers_of_a_node(tmp_path: Path) -> None:
    driver = {"name": "d", "nodeID": "n-1", "allocatable": {"count": 25}, "topologyKeys": ["zone", "rack"]}
    lines = await describe(
        tmp_path, make("CSINode", "storage.k8s.io/v1", spec={"drivers": [driver, {"name": "e"}]})
    )
    assert lines[4:-1] == [
        *("Spec:", "Drivers:", "d:", "Node ID: n-1", "Allocatables:", "Count: 25"),
        *("Topology Keys: [zone rack]", "e:", "Node ID:"),
    ]


async def test_an_event_of_several_lines_is_told_on_one(tmp_path: Path) -> None:
    event = make(
        "Event",
        namespace="shop",
        involvedObject={"kind": "Pod", "name": "web", "namespace": "shop"},
        reason="Failed",
        type="Warning",
        message="cannot start:\nno such file",
        lastTimestamp="2026-11-24T11:00:00Z",
    )
    (tmp_path / "objects.yaml").write_text(yaml.safe_dump(event))
    text = (await Kubectl(RecordedCluster(tmp_path), namespace="shop").run("events")).text
    assert text.endswith("Pod/web   cannot start: no such file")
