"""Helm, built from its Go module, and what it makes of our charts."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.live.build import HELM, build

DEPLOY = Path(__file__).parents[2] / "deploy"
CHARTS = {"kubewhy": DEPLOY / "helm" / "kubewhy", "kubewhy-fluent-bit": DEPLOY / "fluent-bit"}
"""The name of a release -> its chart."""

Object = dict[str, Any]

IMAGE = {"repository": "registry.local/kubewhy", "digest": f"sha256:{'0123456789abcdef' * 4}"}
SMALL: Object = {
    "image": IMAGE,
    "settings": {
        "clusters": {"here": {"in_cluster": True}},
        "slack": {"channels": {"C0": {"clusters": ["here"]}}},
    },
}
LARGE: Object = {
    "image": IMAGE,
    "settings": {
        "clusters": {"here": {"in_cluster": True, "namespaces": ["shop", "pay-*"]}},
        "slack": {"mode": "http", "channels": {"C0": {"clusters": ["here"]}}, "progress_seconds": 2.5},
        "opensearch": {
            "url": "https://search.example.com",
            "auth": "basic",
            "user": "kubewhy",
            "replicas": 2,
        },
        "embeddings": {"use": "titan", "dimensions": 512},
        "redaction": {"patterns": {"ticket": 'T-\\d+ = "1.0"'}},
    },
    "replicas": 2,
    "ingress": {"enabled": True, "className": "nginx", "host": "kubewhy.example.com", "tlsSecret": "tls"},
    "database": {"existingSecret": "kubewhy-database"},
    "metrics": {"serviceMonitor": {"enabled": True}, "dashboard": {"enabled": True}},
    "ingest": {"enabled": True},
    "secretEnv": {"KUBEWHY_OPENSEARCH__PASSWORD": {"secret": "kubewhy-opensearch", "key": "password"}},
    "kubeconfig": {"existingSecret": "kubewhy-kubeconfig"},
    "networkPolicy": {
        "private": [
            {"cidr": "10.0.8.0/24", "port": 9200},
            {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "postgres"}}, "port": 5432},
        ],
        "ingressFrom": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        ],
    },
}
NARROW: Object = SMALL | {
    "rbac": {"namespaces": ["shop", "pay"], "extraRules": [{"apiGroups": ["cert-manager.io"]}]},
    "persistence": {"enabled": True, "storageClass": "fast"},
}
NARROW["rbac"]["extraRules"][0] |= {"resources": ["certificates"], "verbs": ["get", "list"]}
SHIPPERS: dict[str, Object] = {
    "kinesis": {"kinesis": {"region": "eu-west-1", "stream": "logs"}},
    "ingest": {"output": "ingest"},
    "opensearch": {
        "output": "opensearch",
        "opensearch": {"host": "search.example.com", "existingSecret": "search"},
    },
}
VALUES: dict[str, tuple[str, Object]] = {
    "small": ("kubewhy", SMALL),
    "large": ("kubewhy", LARGE),
    "narrow": ("kubewhy", NARROW),
    **{name: ("kubewhy-fluent-bit", {"cluster": "here"} | more) for name, more in SHIPPERS.items()},
}
"""Values that are worth a look -> the release that they are for."""


class Helm:
    """Runs Helm, with values in a file of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._program, self._folder = build(HELM) / "helm", folder

    def run(self, *arguments: str, values: Object | None = None) -> str:
        """What it prints.

        Raises:
            CalledProcessError: it failed; what it said is its ``stderr``.
        """
        command = [str(self._program), *arguments]
        if values is not None:
            path = self._folder / "values.json"
            path.write_text(json.dumps(values))
            command += ["--values", str(path)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def render(self, release: str, values: Object, namespace: str = "kubewhy") -> list[Object]:
        """The objects of a release."""
        told = self.run("template", release, str(CHARTS[release]), "--namespace", namespace, values=values)
        return [item for item in yaml.safe_load_all(told) if item]
