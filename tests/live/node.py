"""A node: containerd and a kubelet, in a mount namespace of their own on this machine.

What they would leave in the machine's folders (``HIDDEN``) they leave below the cluster's folder instead;
their mounts end with their processes. Several nodes share one network namespace (``tests.live.network``).
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.live.controlplane import GATEWAY, GATEWAY_PORT, ControlPlane
from tests.live.images import BUSYBOX, PAUSE, write_archive
from tests.live.network import (
    DNS_ADDRESS,
    ENTER,
    REGISTRY_ADDRESS,
    VENDOR_ADDRESS,
    WIRE,
    Network,
    list_processes,
)
from tests.live.network import clean_up as remove_network
from tests.live.processes import NotReady, answers, stop_programs

NAME = "node-a"
"""The node that is there when there is only one."""

CGROUP = "kubewhy"
CGROUPS = Path("/sys/fs/cgroup")
PLUGINS = "/usr/lib/cni"
HIDDEN = ("/var/lib/kubelet", "/var/lib/kubewhy", "/var/log/pods", "/var/log/containers", "/run/containerd")
REGISTRIES = {"registry.local": REGISTRY_ADDRESS, "vendor-registry.local": VENDOR_ADDRESS}
"""What a node pulls from: they speak HTTP, and no name server knows them."""

CLUSTER_DNS = "10.96.0.10"
NEEDED = ("containerd", "runc", "ctr", "ip", "iptables", "unshare", "nsenter")

_ATTEMPTS = 50
_BINDS = 'for place in $HIDDEN /etc/hosts /etc/resolv.conf; do mount --bind "$PRIVATE$place" "$place"; done'
_RUN = f'{_BINDS}; exec "$@"'


def find_missing() -> str:
    """What this machine lacks to run a node; the empty string when it lacks nothing."""
    if os.geteuid() != 0:
        return "a node needs root"
    places = [*(name for name in NEEDED if not shutil.which(name))]
    places += [str(path) for path in (Path(PLUGINS, "bridge"), BUSYBOX) if not path.exists()]
    hint = "apt install containerd runc containernetworking-plugins busybox-static iproute2 iptables"
    return f"a node needs {', '.join(places)} ({hint})" if places else ""


@dataclass(frozen=True)
class Kind:
    """What is special about a node: its labels, its taints, and what it has besides CPUs and memory."""

    name: str = NAME
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[dict[str, str], ...] = ()
    capacity: dict[str, str] = field(default_factory=dict)


class Node:
    """Started after the control plane and the network, stopped before them."""

    def __init__(
        self, programs: Path, folder: Path, plane: ControlPlane, network: Network, kind: Kind | None = None
    ) -> None:
        """``folder`` must not exist yet.

        Raises:
            NotReady: another node of this name runs on this machine.
        """
        self.kind = kind or Kind()
        self.name = self.kind.name
        if any(CGROUPS.glob(f"*/{CGROUP}/{self.name}")):
            raise NotReady("Another node runs here: `python -m tests.live.cluster down` stops one left over.")
        self._kubelet, self._folder, self._plane, self._network = programs / "kubelet", folder, plane, network
        self._authority, self._processes = plane.authority, plane.processes
        self._socket = folder / "containerd.sock"
        self._number = ord(self.name[-1]) - ord("a") + 1
        self.address = f"{WIRE}.{10 + self._number}"

    def start(self) -> dict[str, float]:
        """Start containerd, give it the images, start the kubelet; return the seconds each took."""
        self._make_folders()
        self._network.add_address(self.address)
        took = {"containerd": self._start_containerd()}
        archive = self._folder / "images.tar"
        write_archive(archive)
        self.ctr("images", "import", str(archive))
        took["kubelet"] = self._start_kubelet()
        begin = time.monotonic()
        for state in ("create", "condition=Ready"):
            self._plane.kubectl("wait", f"--for={state}", f"node/{self.name}", "--timeout=60s")
        if self.kind.capacity:
            patch = json.dumps({"status": {"capacity": self.kind.capacity}})
            self._plane.kubectl("patch", "node", self.name, "--subresource=status", "-p", patch)
        return took | {self.name: time.monotonic() - begin}

    def silence(self) -> None:
        """Stop the kubelet, and leave what it started running: the node is not heard of any more."""
        self._processes.stop(f"kubelet-{self.name}")

    def stop(self) -> None:
        """Stop the kubelet, every container and containerd, and remove what they made."""
        self.silence()
        kill_containers(self.name)
        with suppress(subprocess.CalledProcessError):
            for task in self.ctr("tasks", "ls", "-q").split():
                self.ctr("tasks", "rm", "-f", task)
        self._processes.stop(f"containerd-{self.name}")
        remove_cgroups(self.name)
        if not any(CGROUPS.glob(f"*/{CGROUP}/*/")):
            _remove_what_nodes_share()

    def ctr(self, *arguments: str) -> str:
        """What containerd's own client prints."""
        command = ["ctr", "--address", str(self._socket), "--namespace", "k8s.io", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _make_folders(self) -> None:
        private = self._folder / "private"
        for place in HIDDEN:
            (private / place.lstrip("/")).mkdir(parents=True)
            Path(place).mkdir(parents=True, exist_ok=True)
        (private / "etc").mkdir()
        names = {"localhost": "127.0.0.1", **REGISTRIES}
        (private / "etc/hosts").write_text("".join(f"{where} {name}\n" for name, where in names.items()))
        (private / "etc/resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
        for controller in CGROUPS.iterdir():
            if controller.is_dir() and not controller.is_symlink():
                (controller / CGROUP / self.name).mkdir(parents=True, exist_ok=True)

    def _start_containerd(self) -> float:
        network, config = self._write_network(), self._folder / "containerd.toml"
        config.write_text(self._configure_containerd(network))
        environment = ["env", f"HIDDEN={' '.join(HIDDEN)}", f"PRIVATE={self._folder / 'private'}"]
        return self._processes.start(
            f"containerd-{self.name}",
            *(*ENTER, "unshare", "--mount", "--propagation=private", *environment),
            *("sh", "-ec", _RUN, "sh", "containerd", "--config", config),
            ready=self._socket.exists,
        )

    def _write_network(self) -> Path:
        folder = self._folder / "network"
        folder.mkdir()
        addresses = {
            "type": "host-local",
            "ranges": [[{"subnet": f"10.244.{self._number}.0/24"}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": str(self._folder / "addresses"),
        }
        bridge = {"type": "bridge", "bridge": f"pods-{self.name}", "isGateway": True, "hairpinMode": True}
        chain = {"cniVersion": "0.4.0", "name": self.name, "plugins": [bridge | {"ipam": addresses}]}
        (folder / "10-bridge.conflist").write_text(json.dumps(chain))
        return folder

    def _write_registries(self) -> Path:
        folder = self._folder / "registries"
        for name in REGISTRIES:
            (folder / name).mkdir(parents=True)
            server = f'server = "http://{name}"\n[host."http://{name}"]\ncapabilities = ["pull", "resolve"]\n'
            (folder / name / "hosts.toml").write_text(server)
        return folder

    def _configure_containerd(self, network: Path) -> str:
        cri = 'plugins."io.containerd.grpc.v1.cri"'
        runc = f"{cri}.containerd.runtimes.runc"
        return f"""
version = 2
root = "{self._folder / "containerd"}"
state = "{self._folder / "state"}"
[grpc]
address = "{self._socket}"
[{cri}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true
[{cri}.registry]
config_path = "{self._write_registries()}"
[{cri}.cni]
bin_dir = "{PLUGINS}"
conf_dir = "{network}"
[{cri}.containerd]
default_runtime_name = "runc"
[{runc}]
runtime_type = "io.containerd.runc.v2"
"""

    def _start_kubelet(self) -> float:
        config = self._folder / "kubelet.json"
        config.write_text(json.dumps(self._configure_kubelet()))
        server = f"https://{GATEWAY}:{GATEWAY_PORT}"
        identity = self._authority.write_kubeconfig(server, f"system:node:{self.name}", "system:nodes")
        return self._processes.start(
            f"kubelet-{self.name}",
            *(*ENTER, "nsenter", "--mount", f"--target={self._processes.number(f'containerd-{self.name}')}"),
            self._kubelet,
            f"--config={config}",
            f"--kubeconfig={identity}",
            f"--hostname-override={self.name}",
            f"--node-ip={self.address}",
            f"--node-labels={','.join(f'{name}={value}' for name, value in self.kind.labels.items())}",
            ready=lambda: answers(f"http://{self.address}:10248/healthz"),
        )

    def _configure_kubelet(self) -> dict[str, object]:
        certificate, key = self._authority.issue(f"kubelet-{self.name}", hosts=(self.name, self.address))
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": self.address,
            "healthzBindAddress": self.address,
            "authentication": {
                "anonymous": {"enabled": False},
                "x509": {"clientCAFile": str(self._authority.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(certificate),
            "tlsPrivateKeyFile": str(key),
            "containerRuntimeEndpoint": f"unix://{self._socket}",
            "clusterDomain": "cluster.local",
            "clusterDNS": [CLUSTER_DNS],
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{CGROUP}/{self.name}",
            "registerWithTaints": list(self.kind.taints),
            "failSwapOn": False,
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
            "nodeStatusUpdateFrequency": "4s",
            "serializeImagePulls": False,
            "maxPods": 200,
        }


def kill_containers(name: str = "") -> None:
    """End every process in the cgroups of a node, or of all; they are the containers' and no others'."""
    for cgroup in _list_cgroups("pids", name):
        for number in (cgroup / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)


def remove_cgroups(name: str = "") -> None:
    """Remove the cgroups of a node, or of all, once their containers have ended."""
    for _ in range(_ATTEMPTS):
        left = [place for place in _list_cgroups("*", name) if not _remove(place)]
        if not left:
            break
        time.sleep(0.1)


def clean_up(folder: Path) -> None:
    """Stop and remove what nodes with files below ``folder`` left, however they ended."""
    stop_programs(folder)
    _remove_all()


def reclaim() -> None:
    """Remove what nodes left whose programs were killed: nothing told them to clean up.

    Raises:
        NotReady: they run.
    """
    if running := list_processes():
        raise NotReady(
            f"A cluster runs on this machine (processes {', '.join(running)}): `make cluster-down` stops it."
        )
    _remove_all()


def _remove_all() -> None:
    kill_containers()
    remove_cgroups()
    remove_network()
    _remove_what_nodes_share()


def _remove_what_nodes_share() -> None:
    """Remove the folders that every node hides, after the last: to another they would be gone at once."""
    for place in (*CGROUPS.glob(f"*/{CGROUP}"), *map(Path, HIDDEN)):
        _remove(place)


def _remove(place: Path) -> bool:
    """Remove a folder; return False when it is in use, or was there before us and is not empty."""
    try:
        place.rmdir()
    except OSError:
        return False
    return True


def _list_cgroups(controller: str, name: str = "") -> Iterator[Path]:
    """The cgroups below ours and ours, the deepest first."""
    for top in CGROUPS.glob(f"{controller}/{CGROUP}/{name}".rstrip("/")):
        yield from (Path(base) for base, _, _ in os.walk(top, topdown=False))
