"""A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager and kube-scheduler."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.live.certificates import Authority
from tests.live.processes import Processes, answers, find_ports

ADMIN = "kubewhy-admin"
SERVICES = "10.96.0.0/16"
FIRST_SERVICE = "10.96.0.1"
"""Where Pods find the API server: the address of Service default/kubernetes."""

GATEWAY, GATEWAY_PORT = "10.244.76.1", 6443
"""Where nodes find it, when there are some: they live in a network namespace of their own."""

API_NAMES = ("127.0.0.1", "localhost", GATEWAY, FIRST_SERVICE, "kubernetes.default.svc")


class KubectlFailed(Exception):
    """kubectl did not do what it was told to; the message has what it said."""


class ControlPlane:
    """Started with ``start``, stopped with ``stop``; everything it writes is below ``folder``."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """``folder`` must not exist yet."""
        folder.mkdir(parents=True)
        self._programs, self._folder = programs, folder
        self._etcd, self._peers, self._port, self._scheduler = find_ports(4)
        self.server = f"https://127.0.0.1:{self._port}"
        self.authority = Authority(folder / "pki")
        self.audit_log = folder / "audit.log"
        self.processes = Processes(folder)
        self.kubeconfig = self.authority.write_kubeconfig(self.server, ADMIN, "system:masters")

    def start(self) -> dict[str, float]:
        """Start everything; return the seconds that each program took to be ready."""
        took = {"etcd": self._start_etcd(), "kube-apiserver": self.start_api_server()}
        took["kube-controller-manager"] = self._start_controllers()
        took["kube-scheduler"] = self._start_scheduler()
        return took

    def stop(self) -> None:
        """Stop everything."""
        self.processes.stop_all()

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl prints, run as the administrator.

        Raises:
            KubectlFailed: it failed; what it said is the message.
        """
        command = [self._programs / "kubectl", "--kubeconfig", self.kubeconfig, *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise KubectlFailed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Create or change objects."""
        content = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.kubectl("apply", "--server-side", "-f", "-", stdin=content)

    def start_api_server(self) -> float:
        """Start the API server, again after it was killed; return the seconds until it was ready."""
        certificate, key = self.authority.issue("kube-apiserver", hosts=API_NAMES)
        client, client_key = self.authority.issue("kube-apiserver-kubelet-client", "system:masters")
        _, signing = self.authority.issue("service-accounts")
        return self.processes.start(
            "kube-apiserver",
            self._programs / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self._port}",
            f"--client-ca-file={self.authority.certificate}",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={signing}",
            f"--service-account-signing-key-file={signing}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            "--kubelet-preferred-address-types=InternalIP",
            f"--kubelet-certificate-authority={self.authority.certificate}",
            f"--kubelet-client-certificate={client}",
            f"--kubelet-client-key={client_key}",
            f"--audit-policy-file={self._write_audit_policy()}",
            f"--audit-log-path={self.audit_log}",
            *self._aggregate(),
            ready=lambda: answers(f"{self.server}/readyz", self.authority.certificate),
        )

    def _aggregate(self) -> list[str]:
        """What it takes to pass requests on to other API servers, such as that of metrics."""
        certificate, key = self.authority.issue("front-proxy-client")
        return [
            "--enable-aggregator-routing=true",
            f"--requestheader-client-ca-file={self.authority.certificate}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            f"--proxy-client-cert-file={certificate}",
            f"--proxy-client-key-file={key}",
        ]

    def _start_etcd(self) -> float:
        clients, peers = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peers}"
        return self.processes.start(
            "etcd",
            self._programs / "etcd",
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",
            ready=lambda: answers(f"{clients}/health"),
        )

    def _write_audit_policy(self) -> Path:
        path = self._folder / "audit.json"
        path.write_text(
            json.dumps({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]})
        )
        return path

    def _start_controllers(self) -> float:
        identity = self.authority.write_kubeconfig(self.server, "system:kube-controller-manager")
        return self.processes.start(
            "kube-controller-manager",
            self._programs / "kube-controller-manager",
            f"--kubeconfig={identity}",
            f"--service-account-private-key-file={self._folder / 'pki' / 'service-accounts.key'}",
            f"--root-ca-file={self.authority.certificate}",
            "--use-service-account-credentials=true",
            "--leader-elect=false",
            "--secure-port=0",
            ready=self._has_default_account,
        )

    def _start_scheduler(self) -> float:
        identity = self.authority.write_kubeconfig(self.server, "system:kube-scheduler")
        certificate, key = self.authority.issue("kube-scheduler", hosts=("127.0.0.1",))
        return self.processes.start(
            "kube-scheduler",
            self._programs / "kube-scheduler",
            f"--kubeconfig={identity}",
            f"--authentication-kubeconfig={identity}",
            f"--authorization-kubeconfig={identity}",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._scheduler}",
            "--leader-elect=false",
            ready=lambda: answers(f"https://127.0.0.1:{self._scheduler}/readyz", self.authority.certificate),
        )

    def _has_default_account(self) -> bool:
        """Whether controllers run: they make each namespace's ServiceAccount, which every Pod needs."""
        try:
            self.kubectl("get", "serviceaccount", "default", "-n", "default")
        except KubectlFailed:
            return False
        return True
