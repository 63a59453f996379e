"""Lists, page by page, and items as every reader gives them."""

from collections.abc import Callable
from typing import Any, TypeVar

from domain.errors import ClusterUnavailable
from domain.objects import KubeObject
from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.request import ReadRequest
from tools.cluster.secrets import drop_values

Page = TypeVar("Page")


async def list_pages(api: KubernetesApi, request: ReadRequest) -> list[KubeObject]:
    """Every item of a collection, by namespace and name.

    Raises:
        ClusterUnavailable: the list cannot be read.
        RefusedCommand: a selector cannot be used for this kind.
    """
    pages = await read_pages(api, request, _read_items)
    return sorted((item for page in pages for item in page), key=_place)


async def read_pages(
    api: KubernetesApi, request: ReadRequest, read: Callable[[dict[str, Any]], Page]
) -> list[Page]:
    """Every page of a collection, at least one, each as ``read`` understands it.

    A list that changes faster than its pages can be read (410) is read anew in one piece, as client-go does.

    Raises:
        ClusterUnavailable: the list cannot be read.
        RefusedCommand: a selector cannot be used for this kind.
    """
    pages = await _turn_pages(api, request, read, api.limits.page_size)
    if pages is None:
        pages = await _turn_pages(api, request, read, 0)
    if pages is None:
        raise ClusterUnavailable(f"The API server could not `{request}`: the list changes too fast (410).")
    return pages


async def _turn_pages(
    api: KubernetesApi, request: ReadRequest, read: Callable[[dict[str, Any]], Page], size: int
) -> list[Page] | None:
    """All pages, ``size`` items each (0: one page); None when the server has forgotten where we were."""
    pages: list[Page] = []
    token = ""
    while True:
        page = await api.read_page(
            request.with_params(**{"limit": str(size) if size else "", "continue": token})
        )
        if page is None:
            return None
        pages.append(read(page))
        token = (page.get("metadata") or {}).get("continue") or ""
        if not token:
            return pages


def _read_items(page: dict[str, Any]) -> list[KubeObject]:
    kind, version = str(page.get("kind") or "").removesuffix("List"), str(page.get("apiVersion") or "")
    return [shape(item, kind, version) for item in page.get("items") or []]


def shape(item: dict[str, Any], kind: str, api_version: str) -> KubeObject:
    """An item with its kind and apiVersion, without ``managedFields`` and without a Secret's values."""
    named: KubeObject = {"apiVersion": api_version, "kind": kind, **item}
    named["metadata"] = {k: v for k, v in (item.get("metadata") or {}).items() if k != "managedFields"}
    return drop_values(named) if named["kind"] == "Secret" else named


def _place(item: KubeObject) -> tuple[str, str]:
    meta = item["metadata"]
    return meta.get("namespace") or "", meta.get("name") or ""
