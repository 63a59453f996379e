"""A cluster with values planted in it that no command may show, and readers that watch what is asked."""

import base64
import builtins
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from domain.objects import KubeObject, ObjectRef
from tests.tools.cluster.live.server import ApiServer
from tools.cluster.reader import LogLine, Resource
from tools.cluster.recorded import RecordedCluster

VALUES = ("plum-orchard-seventeen", "walnut-harbour-forty")
"""Words that no rule of redaction knows by their looks, so that it cannot be what keeps them in."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def encode(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


MARKS = (*VALUES, *map(encode, VALUES))


def make_secret(name: str, namespace: str) -> dict[str, Any]:
    data = {"colour": encode(VALUES[0]), "tree": encode(VALUES[1])}
    applied = json.dumps({"kind": "Secret", "data": data, "stringData": {"colour": VALUES[0]}})
    annotations = {LAST_APPLIED: applied, "kapp.k14s.io/original": applied, "note": VALUES[1]}
    meta = {"name": name, "namespace": namespace, "labels": {"app": "web"}, "annotations": annotations}
    meta["creationTimestamp"] = "2026-11-24T11:00:00Z"
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": data} | {
        "stringData": {"colour": VALUES[0]}
    }


SECRETS = [make_secret("web", "shop"), make_secret("db", "default"), make_secret("web-1", "shop")]


def make_objects() -> list[dict[str, Any]]:
    meta = {"namespace": "shop", "creationTimestamp": "2026-11-24T11:00:00Z"}
    applied = {LAST_APPLIED: json.dumps({"data": {"colour": VALUES[0]}})}
    labelled = meta | {"labels": {"app": "web"}, "annotations": applied}
    container = {"name": "app", "image": "web:1", "envFrom": [{"secretRef": {"name": "web"}}]}
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": labelled | {"name": name}}
        | {"spec": {"nodeName": "node-a", "containers": [container]}, "status": {"phase": "Running"}}
        for name in ("web-1", "web-2")
    ]
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": labelled | {"name": "web"}}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": labelled | {"name": "web"}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": labelled | {"name": "web"}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": labelled | {"name": "web"}}
    token = {"apiVersion": "example.com/v1", "kind": "Token", "metadata": meta | {"name": "web"}}
    custom = {"apiVersion": "example.com/v1", "kind": "Secret", "metadata": labelled | {"name": "web"}}
    about = {"kind": "Secret", "name": "web", "namespace": "shop"}
    event = {"apiVersion": "v1", "kind": "Event", "metadata": meta | {"name": "web.1"}, "reason": "Synced"}
    return [
        *SECRETS,
        *pods,
        deployment | {"spec": spec, "status": {"replicas": 2}},
        config | {"data": {"mode": "fast"}},
        service | {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}},
        account | {"secrets": [{"name": "web"}], "imagePullSecrets": [{"name": "web"}]},
        token | {"spec": {"value": VALUES[0]}},
        custom | {"data": {"colour": VALUES[0]}, "spec": {"colour": VALUES[1]}},
        event | {"type": "Normal", "involvedObject": about, "lastTimestamp": "2026-11-24T11:30:00Z"},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
    ]


def make_cluster(folder: Path) -> RecordedCluster:
    """The planted cluster as a recording. Its Secrets are in the file, values and all."""
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(make_objects()))
    (folder / "version.json").write_text(json.dumps({"serverVersion": {"gitVersion": "v1.34.2"}}))
    return RecordedCluster(folder, now=datetime(2026, 11, 24, 12, tzinfo=UTC))


class Spy:
    """A ``ClusterReader`` with the methods of the protocol and no other; it notes which were called."""

    def __init__(self, cluster: RecordedCluster) -> None:
        self.cluster = cluster
        self.called: set[str] = set()

    @property
    def name(self) -> str:
        return self.cluster.name

    async def now(self) -> datetime:
        return await self.cluster.now()

    async def resources(self) -> builtins.list[Resource]:
        return await self.cluster.resources()

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        self.called.add("list")
        return await self.cluster.list(kind, namespace, labels=labels, fields=fields)

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        self.called.add("get")
        return await self.cluster.get(kind, name, namespace)

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        self.called.add("events")
        return await self.cluster.events(namespace, about)

    async def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: datetime | None = None,
    ) -> builtins.list[LogLine]:
        self.called.add("logs")
        assert tail is not None and 0 <= tail <= 5000
        return await self.cluster.logs(pod, namespace, container, previous=previous, tail=tail, since=since)

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        self.called.add("top")
        return await self.cluster.top(kind, namespace)

    async def version(self) -> str:
        self.called.add("version")
        return await self.cluster.version()


class LeakyServer(ApiServer):
    """An API server that lets us read Secrets, values and all, though the identity of Kubewhy may not."""

    async def _objects(self, request: web.Request, parts: list[str]) -> web.Response:
        if "secrets" not in parts or parts[0] != "api":
            return await super()._objects(request, parts)
        namespace = parts[3] if parts[2] == "namespaces" else None
        found = [s for s in SECRETS if namespace in (None, s["metadata"]["namespace"])]
        if parts[-1] == "secrets":
            return web.json_response({"kind": "SecretList", "apiVersion": "v1", "items": found})
        named = [s for s in found if s["metadata"]["name"] == parts[-1]]
        return web.json_response(named[0]) if named else web.json_response({"message": "none"}, status=404)
