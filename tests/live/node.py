"""A node: containerd and a kubelet, in a mount namespace of their own on this machine.

What they would leave in the machine's folders (``HIDDEN``) they leave below the cluster's folder instead;
their mounts end with their processes. The bridge and the cgroups are removed by ``stop``.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.live.controlplane import ControlPlane
from tests.live.images import BUSYBOX, PAUSE, write_archive
from tests.live.processes import NotReady, answers, find_ports, stop_programs

NAME = "localhost"
"""The node's name is also where the API server finds its kubelet, for logs."""

BRIDGE = "kubewhy0"
PODS = "10.244.77.0/24"
CGROUP = "kubewhy"
CGROUPS = Path("/sys/fs/cgroup")
PLUGINS = "/usr/lib/cni"
HIDDEN = ("/var/lib/kubelet", "/var/log/pods", "/var/log/containers", "/run/containerd")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
"""The bridge plugin turns it on."""

NEEDED = ("containerd", "runc", "ctr", "ip", "unshare", "nsenter")

_FORWARDING_BEFORE = "ip_forward"
_ENTER = 'for place in $HIDDEN; do mount --bind "$PRIVATE$place" "$place"; done; exec "$@"'


def find_missing() -> str:
    """What this machine lacks to run a node; the empty string when it lacks nothing."""
    if os.geteuid() != 0:
        return "a node needs root"
    places = [*(name for name in NEEDED if not shutil.which(name))]
    places += [str(path) for path in (Path(PLUGINS, "bridge"), BUSYBOX) if not path.exists()]
    hint = "apt install containerd runc containernetworking-plugins busybox-static iproute2"
    return f"a node needs {', '.join(places)} ({hint})" if places else ""


class Node:
    """Started after the control plane, stopped before it."""

    def __init__(self, programs: Path, folder: Path, plane: ControlPlane) -> None:
        """``folder`` must not exist yet.

        Raises:
            NotReady: another node runs on this machine.
        """
        if next(_list_cgroups("*"), None):
            raise NotReady("Another node runs here: `python -m tests.live.cluster down` stops one left over.")
        self._kubelet, self._folder, self._plane = programs / "kubelet", folder, plane
        self._authority, self._processes = plane.authority, plane.processes
        self._socket = folder / "containerd.sock"

    def start(self) -> dict[str, float]:
        """Start containerd, give it the images, start the kubelet; return the seconds each took."""
        self._make_folders()
        took = {"containerd": self._start_containerd()}
        archive = self._folder / "images.tar"
        write_archive(archive)
        self.ctr("images", "import", str(archive))
        took["kubelet"] = self._start_kubelet()
        begin = time.monotonic()
        for state in ("create", "condition=Ready"):
            self._plane.kubectl("wait", f"--for={state}", f"node/{NAME}", "--timeout=60s")
        return took | {"node": time.monotonic() - begin}

    def stop(self) -> None:
        """Stop the kubelet, every container and containerd, and remove what they made."""
        self._processes.stop("kubelet")
        kill_containers()
        with suppress(subprocess.CalledProcessError):
            for task in self.ctr("tasks", "ls", "-q").split():
                self.ctr("tasks", "rm", "-f", task)
        self._processes.stop("containerd")
        clean_up(self._folder)

    def ctr(self, *arguments: str) -> str:
        """What containerd's own client prints."""
        command = ["ctr", "--address", str(self._socket), "--namespace", "k8s.io", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _make_folders(self) -> None:
        for place in HIDDEN:
            (self._folder / "private" / place.lstrip("/")).mkdir(parents=True)
            Path(place).mkdir(parents=True, exist_ok=True)
        for controller in CGROUPS.iterdir():
            if controller.is_dir() and not controller.is_symlink():
                (controller / CGROUP).mkdir(exist_ok=True)
        (self._folder / _FORWARDING_BEFORE).write_text(FORWARDING.read_text())

    def _start_containerd(self) -> float:
        network = self._folder / "network"
        network.mkdir()
        addresses = {
            "type": "host-local",
            "ranges": [[{"subnet": PODS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": str(self._folder / "addresses"),
        }
        bridge = {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "ipam": addresses}
        chain = {"cniVersion": "0.4.0", "name": CGROUP, "plugins": [bridge]}
        (network / "10-bridge.conflist").write_text(json.dumps(chain))
        config = self._folder / "containerd.toml"
        config.write_text(self._configure_containerd(network))
        environment = ["env", f"HIDDEN={' '.join(HIDDEN)}", f"PRIVATE={self._folder / 'private'}"]
        return self._processes.start(
            "containerd",
            *("unshare", "--mount", "--propagation=private", *environment),
            *("sh", "-ec", _ENTER, "sh", "containerd", "--config", config),
            ready=self._socket.exists,
        )

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
[{cri}.cni]
bin_dir = "{PLUGINS}"
conf_dir = "{network}"
[{cri}.containerd]
default_runtime_name = "runc"
[{runc}]
runtime_type = "io.containerd.runc.v2"
"""

    def _start_kubelet(self) -> float:
        port, health = find_ports(2)
        config = self._folder / "kubelet.json"
        config.write_text(json.dumps(self._configure_kubelet(port, health)))
        identity = self._authority.write_kubeconfig(self._plane.server, f"system:node:{NAME}", "system:nodes")
        return self._processes.start(
            "kubelet",
            *("nsenter", "--mount", f"--target={self._processes.number('containerd')}"),
            self._kubelet,
            f"--config={config}",
            f"--kubeconfig={identity}",
            f"--hostname-override={NAME}",
            ready=lambda: answers(f"http://127.0.0.1:{health}/healthz"),
        )

    def _configure_kubelet(self, port: int, health: int) -> dict[str, object]:
        certificate, key = self._authority.issue("kubelet", hosts=(NAME, "127.0.0.1"))
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": "127.0.0.1",
            "port": port,
            "healthzBindAddress": "127.0.0.1",
            "healthzPort": health,
            "authentication": {
                "anonymous": {"enabled": False},
                "x509": {"clientCAFile": str(self._authority.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(certificate),
            "tlsPrivateKeyFile": str(key),
            "containerRuntimeEndpoint": f"unix://{self._socket}",
            "clusterDomain": "cluster.local",
            "clusterDNS": ["10.96.0.10"],
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{CGROUP}",
            "failSwapOn": False,
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
            "nodeStatusUpdateFrequency": "4s",
        }


def kill_containers() -> None:
    """End every process in the node's cgroups, which are the containers' and no others'."""
    for cgroup in _list_cgroups("pids"):
        for number in (cgroup / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)


def clean_up(folder: Path) -> None:
    """Remove what a node leaves outside of ``folder``, after its kubelet and containerd have ended."""
    kill_containers()
    stop_programs(folder)
    subprocess.run(["ip", "link", "delete", BRIDGE], capture_output=True)
    before = folder / _FORWARDING_BEFORE
    if before.exists():
        FORWARDING.write_text(before.read_text())
    for place in [*_list_cgroups("*"), *map(Path, HIDDEN)]:
        with suppress(OSError):  # it is in use, or was there before us and is not empty
            place.rmdir()


def _list_cgroups(controller: str) -> Iterator[Path]:
    """The cgroups below ours and ours, the deepest first."""
    for top in CGROUPS.glob(f"{controller}/{CGROUP}"):
        yield from (Path(base) for base, _, _ in os.walk(top, topdown=False))
