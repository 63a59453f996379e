"""Tables as the API server prints them, with the columns that it gives to each kind.

See https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from dataclasses import replace
from functools import partial
from typing import Any

from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.pages import read_pages, shape
from tools.cluster.live.request import ReadRequest
from tools.cluster.reader import Column, PrintedTable, Resource, Row, join_tables
from tools.cluster.secrets import drop_last_applied

_ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def read_server_table(
    api: KubernetesApi, request: ReadRequest, resource: Resource, *, whole: bool
) -> PrintedTable | None:
    """What the server prints for a collection or an object; None from a server that prints no tables.

    Args:
        api: where to ask.
        request: for the collection or the object.
        resource: its type, which the rows' objects are given.
        whole: whether the rows need more of their objects than metadata.

    Raises:
        ClusterUnavailable: it cannot be read.
        NotFound: there is no such object.
        RefusedCommand: a selector cannot be used for this kind.
    """
    is_secret = resource.kind == "Secret" and not resource.group
    include = "Object" if whole and not is_secret else "Metadata"
    asked = replace(request, accept=_ACCEPT).with_params(includeObject=include)
    read = partial(_read_page, resource)
    return join_tables(
        [read(await api.read_json(asked))] if request.name else await read_pages(api, asked, read)
    )


def _read_page(resource: Resource, page: dict[str, Any]) -> PrintedTable | None:
    if page.get("kind") != "Table":
        return None
    columns = [
        Column(name=str(column["name"]), priority=int(column.get("priority") or 0))
        for column in page.get("columnDefinitions") or []
    ]
    rows = [_read_row(resource, row) for row in page.get("rows") or []]
    return PrintedTable(columns=tuple(columns), rows=tuple(rows))


def _read_row(resource: Resource, row: dict[str, Any]) -> Row:
    """A row; the type of its object is ours, since the server calls it PartialObjectMetadata."""
    named = {"kind": resource.kind, "apiVersion": resource.api_version}
    item = shape({**(row.get("object") or {}), **named}, resource.kind, resource.api_version)
    return Row(cells=tuple(row.get("cells") or ()), object=drop_last_applied(item))
