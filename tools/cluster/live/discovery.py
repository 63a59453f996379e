"""The resource types that a server serves: aggregated discovery (v1.26 on), else one request a version."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from domain.errors import ClusterUnavailable
from tools.cluster.identity import name_kind
from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.request import ReadRequest
from tools.cluster.reader import Resource
from tools.cluster.resources import is_builtin_group

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
_ACCEPT = ",".join([_AGGREGATED.format("v2"), _AGGREGATED.format("v2beta1"), "application/json"])


async def discover(api: KubernetesApi) -> list[Resource]:
    """Every resource type, core ones first, each once in the version that its group prefers.

    A custom kind that is taken already goes by ``Kind.group``. Subresources are left out, and so is a group
    whose own server does not answer.

    Raises:
        ClusterUnavailable: discovery is not possible or not allowed.
    """
    core = await api.read_json(ReadRequest("/api", accept=_ACCEPT))
    grouped = await api.read_json(ReadRequest("/apis", accept=_ACCEPT))
    if core.get("kind") == grouped.get("kind") == "APIGroupDiscoveryList":
        return _keep_first([*_read_aggregated(core), *_read_aggregated(grouped)])
    return _keep_first(await _discover_by_version(api, core, grouped))


def _read_aggregated(answer: dict[str, Any]) -> Iterator[Resource]:
    for group in answer.get("items") or []:
        name = (group.get("metadata") or {}).get("name") or ""
        for version in group.get("versions") or []:
            api_version = f"{name}/{version['version']}" if name else version["version"]
            for entry in version.get("resources") or []:
                if kind := (entry.get("responseKind") or {}).get("kind"):
                    yield _make(
                        kind, entry["resource"], api_version, entry.get("scope") == "Namespaced", entry
                    )


async def _discover_by_version(
    api: KubernetesApi, core: dict[str, Any], grouped: dict[str, Any]
) -> list[Resource]:
    paths = [f"/api/{version}" for version in core.get("versions") or []]
    for group in grouped.get("groups") or []:
        versions = [version["groupVersion"] for version in group.get("versions") or []]
        preferred = (group.get("preferredVersion") or {}).get("groupVersion")
        paths += [f"/apis/{version}" for version in sorted(versions, key=lambda v: v != preferred)]
    answers = await asyncio.gather(*(_read_version(api, path) for path in paths))
    return [resource for answer in answers for resource in answer]


async def _read_version(api: KubernetesApi, path: str) -> list[Resource]:
    try:
        answer = await api.read_json(ReadRequest(path))
    except ClusterUnavailable:
        return []
    api_version = str(answer.get("groupVersion") or "")
    return [
        _make(entry["kind"], entry["name"], api_version, bool(entry.get("namespaced")), entry)
        for entry in answer.get("resources") or []
        if "/" not in entry["name"]
    ]


def _make(kind: str, plural: str, api_version: str, namespaced: bool, entry: dict[str, Any]) -> Resource:
    is_custom = not is_builtin_group(api_version.rpartition("/")[0])
    return Resource(
        kind=kind,
        plural=plural,
        api_version=api_version,
        namespaced=namespaced,
        short_names=tuple(entry.get("shortNames") or ()),
        categories=tuple(entry.get("categories") or ()) if is_custom else (),
    )


def _keep_first(resources: Iterable[Resource]) -> list[Resource]:
    kept: dict[tuple[str, str], Resource] = {}
    taken: dict[str, str] = {}
    for resource in resources:
        if (resource.group, resource.plural) not in kept:
            kind = _name(resource, taken)
            kept[resource.group, resource.plural] = resource.model_copy(update={"kind": kind})
    return list(kept.values())


def _name(resource: Resource, taken: dict[str, str]) -> str:
    """The kind as it is known here; ``taken`` says which group has each plain kind."""
    kind, group = resource.kind, resource.group
    if taken.setdefault(kind, group) != group and not is_builtin_group(group):
        return f"{kind}.{group}"
    return name_kind(kind, group)
