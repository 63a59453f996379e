"""Lists, page by page, and items as every reader gives them."""

from typing import Any

from domain.errors import ClusterUnavailable
from domain.objects import KubeObject
from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.request import ReadRequest
from tools.cluster.secrets import drop_values


async def list_pages(api: KubernetesApi, request: ReadRequest) -> list[KubeObject]:
    """Every item of a collection, by namespace and name.

    A list that changes faster than its pages can be read (410) is read anew in one piece, as client-go does.

    Raises:
        ClusterUnavailable: the list cannot be read.
        RefusedCommand: a selector cannot be used for this kind.
    """
    items = await _read_pages(api, request, api.limits.page_size)
    if items is None:
        items = await _read_pages(api, request, 0)
    if items is None:
        raise ClusterUnavailable(f"The API server could not `{request}`: the list changes too fast (410).")
    return sorted(items, key=_place)


async def _read_pages(api: KubernetesApi, request: ReadRequest, size: int) -> list[KubeObject] | None:
    """All pages, ``size`` items each (0: one page); None when the server has forgotten where we were."""
    items: list[KubeObject] = []
    token = ""
    while True:
        page = await api.read_page(
            request.with_params(**{"limit": str(size) if size else "", "continue": token})
        )
        if page is None:
            return None
        kind, version = str(page.get("kind") or "").removesuffix("List"), str(page.get("apiVersion") or "")
        items += [shape(item, kind, version) for item in page.get("items") or []]
        token = (page.get("metadata") or {}).get("continue") or ""
        if not token:
            return items


def shape(item: dict[str, Any], kind: str, api_version: str) -> KubeObject:
    """An item with its kind and apiVersion, without ``managedFields`` and without a Secret's values."""
    named: KubeObject = {"apiVersion": api_version, "kind": kind, **item}
    named["metadata"] = {k: v for k, v in (item.get("metadata") or {}).items() if k != "managedFields"}
    return drop_values(named) if named["kind"] == "Secret" and named["apiVersion"] == "v1" else named


def _place(item: KubeObject) -> tuple[str, str]:
    meta = item["metadata"]
    return meta.get("namespace") or "", meta.get("name") or ""
