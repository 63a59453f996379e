"""Breaks everything, waits, and records each fault: ``python -m tests.live.record [ID ...]``.

A recording replaces ``evals/incidents/<id>``. What belongs to the other faults, which are there at the
same time, is left out of the lists that they share: namespaces, images on nodes, API services of the server
itself; and so are the events of a node that starts.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from tests.live.breakage import Fault, break_all, load_faults
from tests.live.site import start_site, stop_site
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin
from tools.incidents import INCIDENTS
from tools.recorder import record

SINCE = timedelta(hours=1)
ROUTINE = (
    *("Starting", "CgroupV1", "RegisteredNode", "NodeReady", "NodeAllocatableEnforced"),
    *("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"),
)
SYSTEM = ("default", "kube-node-lease", "kube-public", "kube-system")


def main(only: Annotated[list[str] | None, typer.Argument(help="ids; all faults without")] = None) -> None:
    """Break, wait, record; the loss of a node at last, since it shows everywhere."""
    faults = load_faults(only or ())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "cluster"
        try:
            site = start_site(place)
            for group in ([f for f in faults if not f.silence], [f for f in faults if f.silence]):
                print(f"Breaking {len(group)} things, which takes some minutes", flush=True)
                break_all(site, group)
                asyncio.run(record_all(site.plane.kubeconfig, group, Path(folder)))
        finally:
            stop_site(place)


async def record_all(kubeconfig: Path, faults: Sequence[Fault], scratch: Path) -> None:
    """Record every fault of a running cluster, one after the other."""
    cluster = LiveCluster("local", KubeconfigLogin((kubeconfig,)))
    try:
        for fault in faults:
            folder = scratch / fault.id
            await record(
                cluster, fault.namespaces, SINCE, folder, progress=_tell_nobody, question=fault.question
            )
            complete(folder, fault)
            shutil.rmtree(INCIDENTS / fault.id, ignore_errors=True)
            shutil.move(folder, INCIDENTS / fault.id)
            print(f"recorded {fault.id}", flush=True)
    finally:
        await cluster.close()


def complete(folder: Path, fault: Fault) -> None:
    """Add to a recording what a right answer says, and take out what the other faults are about."""
    place = folder / "incident.yaml"
    told = {**yaml.safe_load(place.read_text()), "title": fault.title, "expected": fault.expected_answer()}
    place.write_text(yaml.safe_dump(told, sort_keys=False, width=110, allow_unicode=True))
    mine = {*fault.namespaces, *SYSTEM}
    _filter(folder / "cluster/namespaces.json", lambda item: item["metadata"]["name"] in mine)
    _filter(folder / "cluster/default/events.json", lambda item: item["reason"] not in ROUTINE)
    _filter(folder / "cluster/apiservices.json", lambda item: "service" in item["spec"])
    text = "".join(path.read_text() for path in folder.glob("cluster/*/pods.json"))
    nodes = folder / "cluster/nodes.json"
    content = json.loads(nodes.read_text())
    for node in content["items"]:
        images = node["status"].pop("images", [])
        node["status"]["images"] = [image for image in images if any(name in text for name in image["names"])]
    nodes.write_text(json.dumps(content, indent=1))


def _filter(path: Path, keep: Callable[[dict[str, Any]], bool]) -> None:
    if path.exists():
        content = json.loads(path.read_text())
        content["items"] = [item for item in content["items"] if keep(item)]
        path.write_text(json.dumps(content, indent=1))


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """A recording takes two seconds."""


if __name__ == "__main__":
    typer.run(main)
