"""A whole cluster on this machine: a control plane, nodes, registries and addons."""

import shutil
from pathlib import Path

from tests.live import node as nodes
from tests.live.addons import Addons
from tests.live.build import build
from tests.live.controlplane import ControlPlane
from tests.live.images import load_apps
from tests.live.network import Network
from tests.live.node import Kind, Node
from tests.live.processes import stop_programs
from tests.live.registry import NEEDED, Registries

OTHERS = (
    Kind("node-b", capacity={"example.com/licence": "1"}),
    Kind("node-c", {"pool": "ml"}, ({"key": "dedicated", "value": "ml", "effect": "NoSchedule"},)),
    Kind("node-d", {"pool": "risk"}, ({"key": "dedicated", "value": "risk", "effect": "NoSchedule"},)),
    Kind("node-e", {"pool": "edge"}, ({"key": "dedicated", "value": "edge", "effect": "NoSchedule"},)),
)
"""The nodes besides the first: two for everything would do, the others are there to be in trouble."""


def find_missing() -> str:
    """What this machine lacks for all this; the empty string when it lacks nothing."""
    registry = "" if shutil.which(NEEDED) else f"a registry needs {NEEDED} (apt install {NEEDED})"
    return nodes.find_missing() or registry


class Site:
    """Adds to a control plane with one node what a cluster has; started after them, stopped before them."""

    def __init__(self, programs: Path, folder: Path, plane: ControlPlane, network: Network) -> None:
        folder.mkdir(parents=True)
        self.plane, self._programs = plane, programs
        self._registries = Registries(folder / "registries", plane.processes)
        self._addons = Addons(programs, folder / "addons", plane)
        self.nodes = {kind.name: Node(programs, folder / kind.name, plane, network, kind) for kind in OTHERS}

    def start(self) -> dict[str, float]:
        """Start everything; return the seconds each took."""
        took = {"registries": self._registries.start()}
        self._registries.push(load_apps().items(), self._programs / "kubectl")
        took |= self._addons.start()
        for node in self.nodes.values():
            took |= {name: seconds for name, seconds in node.start().items() if name == node.name}
        return took

    def stop(self) -> None:
        """Stop the nodes; the other programs end with the control plane's."""
        for node in self.nodes.values():
            node.stop()
        for name in ("metrics-server", "coredns", "kube-proxy", "vendor-registry", "registry"):
            self.plane.processes.stop(name)


def start_site(folder: Path) -> Site:
    """Start a whole cluster with its files below ``folder``, which must not exist; tell how long it took."""
    programs = build()
    nodes.reclaim()
    plane = ControlPlane(programs, folder)
    took = plane.start()
    network = Network(folder, plane)
    took["network"] = network.start()
    took |= Node(programs, folder / "node", plane, network).start()
    site = Site(programs, folder / "site", plane, network)
    took |= site.start()
    for name, seconds in took.items():
        print(f"{name} was ready after {seconds:.1f}s")
    return site


def stop_site(folder: Path) -> None:
    """Stop what runs with files below ``folder`` and remove them, also after a start that failed."""
    nodes.clean_up(folder)
    stop_programs(folder)
    shutil.rmtree(folder, ignore_errors=True)
