"""The nodes' network namespace: what kubelets, kube-proxy and network plugins change in it ends with it."""

import subprocess
import sys
from pathlib import Path

from tests.live.controlplane import GATEWAY, GATEWAY_PORT, ControlPlane
from tests.live.processes import NotReady, reaches

NAMESPACE = "kubewhy"
OUTSIDE, INSIDE = "kubewhy0", "kubewhy1"
"""The two ends of the wire between the machine and the namespace."""

WIRE = "10.244.76"
PODS = "10.244.0.0/16"
DNS_ADDRESS = f"{WIRE}.2"
METRICS_ADDRESS = f"{WIRE}.3"
REGISTRY_ADDRESS = f"{WIRE}.4"
VENDOR_ADDRESS = f"{WIRE}.5"
HOSTS = (DNS_ADDRESS, METRICS_ADDRESS, REGISTRY_ADDRESS, VENDOR_ADDRESS)
"""Addresses in the namespace; the nodes' come after them."""

ENTER = ("nsenter", f"--net=/run/netns/{NAMESPACE}")
"""Runs a program in the namespace, with the machine's files (``ip netns exec`` would hide the cgroups)."""


class Network:
    """Started before the nodes, stopped after them."""

    def __init__(self, folder: Path, plane: ControlPlane) -> None:
        self._folder, self._plane = folder, plane

    def start(self) -> float:
        """Make the namespace, wire it to the machine, and let those in it reach the API server."""
        _run("ip", "netns", "add", NAMESPACE)
        _run("ip", "link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE, "netns", NAMESPACE)
        _run("ip", "address", "add", f"{GATEWAY}/24", "dev", OUTSIDE)
        _run("ip", "link", "set", OUTSIDE, "up")
        _run("ip", "route", "add", PODS, "via", DNS_ADDRESS, "dev", OUTSIDE)
        inside = (*ENTER, "ip")
        _run(*inside, "link", "set", "lo", "up")
        _run(*inside, "link", "set", INSIDE, "up")
        for address in HOSTS:
            self.add_address(address)
        _run(*inside, "route", "add", "default", "via", GATEWAY)
        return self._forward_api_server()

    def add_address(self, address: str) -> None:
        """Give the namespace one more address."""
        _run(*ENTER, "ip", "address", "add", f"{address}/24", "dev", INSIDE)

    def stop(self) -> None:
        """Remove the namespace, and with it its interfaces and its packet filters."""
        self._plane.processes.stop("forward")
        clean_up()

    def _forward_api_server(self) -> float:
        """The API server listens on the machine's loopback, which the namespace does not reach."""
        target = self._plane.server.removeprefix("https://")
        command = (sys.executable, "-m", "tests.live.forward", f"{GATEWAY}:{GATEWAY_PORT}", target)
        return self._plane.processes.start(
            "forward",
            *(*command, self._folder / "forward"),
            ready=lambda: reaches(GATEWAY, GATEWAY_PORT),
        )


def clean_up() -> None:
    """Remove the namespace, if there is one."""
    subprocess.run(["ip", "netns", "delete", NAMESPACE], capture_output=True)
    subprocess.run(["ip", "link", "delete", OUTSIDE], capture_output=True)


def list_processes() -> list[str]:
    """The numbers of the processes in the namespace; none if there is no namespace."""
    return subprocess.run(["ip", "netns", "pids", NAMESPACE], capture_output=True, text=True).stdout.split()


def _run(*command: str) -> None:
    """Run a command.

    Raises:
        NotReady: it failed; what it said is in the message.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotReady(f"{' '.join(command)}: {done.stderr.strip()}")
