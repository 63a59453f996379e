"""Certificates and kubeconfigs of a control plane that lives for one test run."""

import base64
import json
from pathlib import Path
from typing import Any

import trustme


class Authority:
    """One authority for the servers' and the clients' certificates, in files below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA(organization_name="kubewhy-tests")
        folder.mkdir(parents=True)
        self.certificate = folder / "ca.crt"
        self._authority.cert_pem.write_to_path(str(self.certificate))

    def issue(
        self, name: str, groups: str = "", hosts: tuple[str, ...] = ("localhost",)
    ) -> tuple[Path, Path]:
        """A certificate and its key for the user ``name`` of ``groups``, or for a server at ``hosts``."""
        issued = self._authority.issue_cert(*hosts, common_name=name, organization_name=groups or None)
        stem = name.replace(":", "-")
        certificate, key = self._folder / f"{stem}.crt", self._folder / f"{stem}.key"
        key.touch(mode=0o600)
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return certificate, key

    def write_kubeconfig(self, server: str, name: str, groups: str = "") -> Path:
        """A kubeconfig, all in one file, for a user with a client certificate."""
        certificate, key = self.issue(name, groups)
        user = {"client-certificate-data": _encode(certificate), "client-key-data": _encode(key)}
        return self.write_user(server, name, user)

    def write_user(self, server: str, name: str, user: dict[str, Any]) -> Path:
        """A kubeconfig whose only context is ``local``."""
        cluster = {"server": server, "certificate-authority-data": _encode(self.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "local",
            "clusters": [{"name": "local", "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": name}}],
        }
        path = self._folder / f"{name.replace(':', '-')}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return path


def _encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
