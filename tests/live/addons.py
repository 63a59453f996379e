"""What a cluster has besides its control plane and nodes: kube-proxy, a DNS server, a metrics server."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.live.controlplane import GATEWAY, GATEWAY_PORT, ControlPlane
from tests.live.network import DNS_ADDRESS, ENTER, METRICS_ADDRESS, PODS
from tests.live.node import CLUSTER_DNS, NAME
from tests.live.objects import Object, make
from tests.live.processes import answers

SYSTEM = "kube-system"
METRICS_SERVICE = "10.96.0.11"
METRICS_PORT = 4443
_SERVER = f"https://{GATEWAY}:{GATEWAY_PORT}"


class Addons:
    """They run as programs in the nodes' network namespace, behind Services as everywhere."""

    def __init__(self, programs: Path, folder: Path, plane: ControlPlane) -> None:
        folder.mkdir(parents=True)
        self._programs, self._folder, self._plane = programs, folder, plane

    def start(self) -> dict[str, float]:
        """Start all; return the seconds each took to be ready."""
        endpoints = [("kubernetes", "default", GATEWAY, {"https": (GATEWAY_PORT, "TCP")})]
        endpoints.append(("kube-dns", SYSTEM, DNS_ADDRESS, {"dns": (53, "UDP"), "dns-tcp": (53, "TCP")}))
        endpoints.append(("metrics-server", SYSTEM, METRICS_ADDRESS, {"https": (METRICS_PORT, "TCP")}))
        self._plane.apply(*_SERVICES, *(_make_slice(*item) for item in endpoints))
        took = {"kube-proxy": self._start_proxy(), "coredns": self._start_dns()}
        return took | {"metrics-server": self._start_metrics()}

    def _start_proxy(self) -> float:
        identity = self._plane.authority.write_kubeconfig(_SERVER, "system:kube-proxy")
        config = self._folder / "kube-proxy.json"
        config.write_text(
            json.dumps(
                {
                    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                    "kind": "KubeProxyConfiguration",
                    "mode": "iptables",
                    "clusterCIDR": PODS,
                    "hostnameOverride": NAME,
                    "bindAddress": DNS_ADDRESS,
                    "healthzBindAddress": f"{DNS_ADDRESS}:10256",
                    "metricsBindAddress": f"{DNS_ADDRESS}:10249",
                    "clientConnection": {"kubeconfig": str(identity)},
                    "iptables": {"localhostNodePorts": False},
                    "conntrack": {
                        "maxPerCore": 0,
                        "tcpEstablishedTimeout": "0s",
                        "tcpCloseWaitTimeout": "0s",
                    },
                }
            )
        )
        command = (*ENTER, self._programs / "kube-proxy", f"--config={config}")
        ready = f"http://{DNS_ADDRESS}:10256/healthz"
        return self._plane.processes.start("kube-proxy", *command, ready=lambda: answers(ready))

    def _start_dns(self) -> float:
        identity = self._plane.authority.write_kubeconfig(_SERVER, "coredns", "system:masters")
        config = self._folder / "Corefile"
        config.write_text(_COREFILE.format(address=DNS_ADDRESS, identity=identity))
        command = (*ENTER, self._programs / "coredns", "-conf", config)
        ready = f"http://{DNS_ADDRESS}:8181/ready"
        return self._plane.processes.start("coredns", *command, ready=lambda: answers(ready))

    def _start_metrics(self) -> float:
        authority = self._plane.authority
        name = f"metrics-server.{SYSTEM}.svc"
        certificate, key = authority.issue("metrics-server", hosts=(name, METRICS_ADDRESS))
        client, client_key = authority.issue("metrics-reader", "system:masters")
        identity = authority.write_kubeconfig(_SERVER, "metrics-server-client", "system:masters")
        self._plane.apply(_make_metrics_api(authority.certificate.read_bytes()))
        address = f"https://{METRICS_ADDRESS}:{METRICS_PORT}"
        return self._plane.processes.start(
            "metrics-server",
            *(*ENTER, self._programs / "metrics-server"),
            *(f"--{use}={identity}" for use in ("kubeconfig", *_KUBECONFIGS)),
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            f"--bind-address={METRICS_ADDRESS}",
            f"--secure-port={METRICS_PORT}",
            f"--kubelet-certificate-authority={authority.certificate}",
            f"--kubelet-client-certificate={client}",
            f"--kubelet-client-key={client_key}",
            "--kubelet-preferred-address-types=InternalIP",
            "--metric-resolution=15s",
            ready=lambda: answers(f"{address}/livez", authority.certificate),
        )


_CONNTRACK = {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}
"""Leave the kernel's settings alone: they are the machine's."""

_KUBECONFIGS = ("authentication-kubeconfig", "authorization-kubeconfig")
_COREFILE = """
cluster.local:53 in-addr.arpa:53 {{
    bind {address}
    errors
    ready {address}:8181
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {identity}
        pods insecure
        ttl 5
    }}
    cache 5
}}
.:53 {{
    bind {address}
    errors
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
}}
"""
"""There is no name outside of the cluster: nothing asked here leaves the machine."""


def _make_service(name: str, address: str, ports: dict[str, tuple[int, int | str, str]]) -> Object:
    listed = [
        {"name": port, "port": number, "targetPort": target, "protocol": protocol}
        for port, (number, target, protocol) in ports.items()
    ]
    return make("Service", name, SYSTEM, spec={"clusterIP": address, "ports": listed})


_SERVICES = (
    _make_service("kube-dns", CLUSTER_DNS, {"dns": (53, 53, "UDP"), "dns-tcp": (53, 53, "TCP")}),
    _make_service("metrics-server", METRICS_SERVICE, {"https": (443, METRICS_PORT, "TCP")}),
)


def _make_slice(service: str, namespace: str, address: str, ports: dict[str, tuple[int, str]]) -> Object:
    """The endpoints of a Service without a selector."""
    return make(
        "EndpointSlice",
        f"{service}-kubewhy",
        namespace,
        "discovery.k8s.io/v1",
        metadata={"labels": {"kubernetes.io/service-name": service}},
        addressType="IPv4",
        endpoints=[{"addresses": [address], "conditions": {"ready": True}}],
        ports=[{"name": name, "port": port, "protocol": kind} for name, (port, kind) in ports.items()],
    )


def _make_metrics_api(authority: bytes) -> Object:
    spec: dict[str, Any] = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "service": {"name": "metrics-server", "namespace": SYSTEM},
        "caBundle": base64.b64encode(authority).decode(),
    }
    return make("APIService", "v1beta1.metrics.k8s.io", api_version="apiregistration.k8s.io/v1", spec=spec)
