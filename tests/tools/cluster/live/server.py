"""A loopback server that answers the API's paths from a recorded cluster, and can be told to misbehave."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from domain.errors import NotFound
from domain.objects import KubeObject
from tools.cluster.reader import Resource
from tools.cluster.recorded import RecordedCluster

Misbehaviour = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


def status(code: int, message: str = "", reason: str = "", **headers: str) -> web.Response:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason}
    return web.json_response({**body, "code": code}, status=code, headers=headers)


def answer(code: int, message: str = "", **headers: str) -> Misbehaviour:
    async def misbehave(_: web.Request) -> web.StreamResponse:
        return status(code, message, **headers)

    return misbehave


def body(content: Any) -> Misbehaviour:
    async def misbehave(_: web.Request) -> web.StreamResponse:
        return web.Response(text=content if isinstance(content, str) else json.dumps(content))

    return misbehave


async def reset(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    await asyncio.sleep(0.05)


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    await response.write(b'{"kind": "PodList", "items": [')
    assert request.transport is not None
    request.transport.abort()
    return response


def stall(seconds: float) -> Misbehaviour:
    async def misbehave(_: web.Request) -> None:
        await asyncio.sleep(seconds)

    return misbehave


def print_table(items: list[KubeObject], included: str) -> dict[str, Any]:
    """A page of a table with a column of this server's own, as ``application/json;as=Table`` asks for it."""
    columns = [{"name": "Name", "format": "name"}, {"name": "Served By"}, {"name": "Uid", "priority": 1}]
    rows = []
    for item in items:
        meta = item["metadata"]
        partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
        shown = item if included == "Object" else partial
        rows.append({"cells": [meta["name"], "loopback", meta.get("uid")], "object": shown})
    return {"kind": "Table", "columnDefinitions": columns, "rows": rows}


class ApiServer:
    """Serves ``recording``; ``misbehaviours`` by path are used up one a request before it answers well."""

    def __init__(self, recording: RecordedCluster) -> None:
        self.recording = recording
        self.extra: list[Resource] = []
        self.unserved: set[str] = set()
        self.aggregated = True
        self.prints_tables = True
        self.accepts: str | None = None
        self.misbehaviours: dict[str, deque[Misbehaviour]] = {}
        self.seen: list[web.Request] = []
        self.at_once = self.most_at_once = 0
        self.log: bytes | None = b""
        """What it answers for every log; None: what was recorded."""
        self.gone = False
        """Whether it ends every connection without a word, as one that was killed does."""
        self.stall = 0.0
        """Seconds before each answer."""
        self.url = ""

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def misbehave(self, path: str, *how: Misbehaviour) -> None:
        self.misbehaviours.setdefault(path, deque()).extend(how)

    def kubeconfig(self, folder: Path, **user: Any) -> Path:
        path = folder / "kubeconfig"
        config = {
            "current-context": "shop",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [
                {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("shop", "lab")
            ],
        }
        path.write_text(json.dumps(config))
        return path

    def asked(self, path: str) -> list[web.Request]:
        return [request for request in self.seen if request.path == path]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.gone:
                await reset(request)
            await asyncio.sleep(self.stall)
            queue = self.misbehaviours.get(request.path)
            if queue and (response := await queue.popleft()(request)) is not None:
                return response
            if self.accepts and request.headers.get("Authorization") != f"Bearer {self.accepts}":
                return status(401, "Unauthorized")
            return await self._serve(request)
        finally:
            self.at_once -= 1

    async def _serve(self, request: web.Request) -> web.Response:
        parts = request.path.strip("/").split("/")
        if request.path == "/version":
            return web.json_response({"gitVersion": await self.recording.version()})
        if parts[-1] == "log":
            return web.Response(body=self.log) if self.log is not None else await self._log(request, parts)
        if len(parts) < 3 and self.aggregated and "as=APIGroupDiscoveryList" in request.headers["Accept"]:
            return await self._discover(core=parts == ["api"])
        if len(parts) < 4 and await self._of_version("/".join(parts[1:])):
            return await self._discover_version("/".join(parts[1:]))
        if len(parts) < 3:
            return await self._discover_groups(core=parts == ["api"])
        return await self._objects(request, parts)

    async def _log(self, request: web.Request, parts: list[str]) -> web.Response:
        query = request.query
        previous, tail = "previous" in query, int(query.get("tailLines") or -1)
        try:
            lines = await self.recording.logs(
                parts[5], parts[3], query["container"], previous=previous, tail=tail
            )
        except NotFound as error:
            return status(400, str(error))
        text = "".join(f"{line.time.isoformat() if line.time else '-'} {line.text}\n" for line in lines)
        return web.Response(text=text.replace("+00:00", "Z"))

    async def _objects(self, request: web.Request, parts: list[str]) -> web.Response:
        size = 2 if parts[0] == "api" else 3
        version, rest = "/".join(parts[1:size]), parts[size:]
        namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else None
        plural, *name = rest[2:] if namespace else rest
        served = [r for r in await self._resources() if (r.api_version, r.plural) == (version, plural)]
        if not served:
            return status(404, "the server could not find the requested resource")
        query = request.query
        items = await self.recording.list(
            served[0].kind,
            namespace,
            labels=query.get("labelSelector", ""),
            fields=query.get("fieldSelector", ""),
        )
        if name:
            items = [item for item in items if item["metadata"]["name"] == name[0]]
            if not items:
                return status(404, f'{plural} "{name[0]}" not found')
        wants_table = self.prints_tables and "as=Table" in request.headers["Accept"]
        if name and not wants_table:
            return web.json_response(items[0])
        start, limit = int(query.get("continue") or 0), int(query.get("limit") or len(items) or 1)
        token = str(start + limit) if start + limit < len(items) else ""
        page = {"apiVersion": version, "metadata": {"continue": token}}
        if wants_table:
            return web.json_response(page | print_table(items[start : start + limit], query["includeObject"]))
        bare = [{k: v for k, v in item.items() if k not in ("kind", "apiVersion")} for item in items]
        kind = served[0].kind.partition(".")[0]
        return web.json_response(page | {"kind": f"{kind}List", "items": bare[start : start + limit]})

    async def _resources(self) -> list[Resource]:
        served = [*await self.recording.resources(), *self.extra]
        return [resource for resource in served if resource.group not in self.unserved]

    async def _of_version(self, version: str) -> list[Resource]:
        return [r for r in await self._resources() if r.api_version == version]

    async def _versions(self, core: bool) -> list[str]:
        return list(dict.fromkeys(r.api_version for r in await self._resources() if (not r.group) is core))

    async def _discover(self, core: bool) -> web.Response:
        items = []
        for version in await self._versions(core):
            group, _, short = version.rpartition("/")
            entries = [
                {
                    "resource": r.plural,
                    "responseKind": {"kind": r.kind, "group": group, "version": short},
                    "scope": "Namespaced" if r.namespaced else "Cluster",
                    "shortNames": list(r.short_names),
                    "subresources": [{"subresource": "status"}],
                }
                for r in await self._of_version(version)
            ]
            items.append(
                {"metadata": {"name": group}, "versions": [{"version": short, "resources": entries}]}
            )
        return web.json_response(
            {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}
        )

    async def _discover_groups(self, core: bool) -> web.Response:
        versions = await self._versions(core)
        if core:
            return web.json_response({"kind": "APIVersions", "versions": versions})
        groups = [
            {"versions": [{"groupVersion": v}], "preferredVersion": {"groupVersion": v}} for v in versions
        ]
        return web.json_response({"kind": "APIGroupList", "groups": groups})

    async def _discover_version(self, version: str) -> web.Response:
        entries = [
            {"name": r.plural, "kind": r.kind, "namespaced": r.namespaced, "shortNames": list(r.short_names)}
            for r in await self._of_version(version)
        ]
        subresources = [
            {"name": f"{e['name']}/status", "kind": e["kind"], "namespaced": True} for e in entries
        ]
        return web.json_response(
            {"kind": "APIResourceList", "groupVersion": version, "resources": [*entries, *subresources]}
        )
