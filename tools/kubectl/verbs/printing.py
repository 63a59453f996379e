"""Tables of ``kubectl get``: the server's own where there is a server, else printed here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import KubeObject
from tools.cluster.events import Event
from tools.cluster.reader import Column, PrintedTable, Resource, Row, join_tables, read_table
from tools.cluster.resources import is_builtin_group
from tools.kubectl.command import KubectlCommand
from tools.kubectl.documents import rank_by, write_path
from tools.kubectl.parts import Target
from tools.kubectl.policy import is_secret
from tools.kubectl.tables import find_printer
from tools.kubectl.tables.columns import is_shown, mapping, part, write_cell
from tools.kubectl.tables.formats import format_labels
from tools.kubectl.text import lay_out_table
from tools.kubectl.verbs.request import Lookup, Request, look_up, tell_not_found

_EMPTY = PrintedTable(columns=())


@dataclass(frozen=True)
class TableLookup:
    """The table of one type, and a line for each name that was not found."""

    resource: Resource
    table: PrintedTable
    errors: Sequence[str] = ()


async def look_up_table(request: Request, resource: Resource, target: Target) -> TableLookup:
    """The table of the named objects of a type, or of all that the selectors let pass, in its order."""
    lookup = await _ask_server(request, resource, target)
    if lookup is None:
        found = await look_up(request, resource, target)
        lookup = TableLookup(resource, await _print(request, found), found.errors)
    return TableLookup(resource, _order(request, resource, lookup.table), lookup.errors)


async def _ask_server(request: Request, resource: Resource, target: Target) -> TableLookup | None:
    """What the server prints; None where it prints nothing, or might print what must not be seen.

    The columns of a custom resource that holds secret values can show them.
    """
    if is_secret(resource) and resource.group:
        return None
    if not target.names:
        table = await _read(request, resource, "")
        return None if table is None else TableLookup(resource, table)
    answers = await asyncio.gather(*(_read_or_explain(request, resource, name) for name in target.names))
    if any(answer is None for answer in answers):
        return None
    errors = [answer for answer in answers if isinstance(answer, str)]
    table = join_tables([answer for answer in answers if isinstance(answer, PrintedTable)])
    return TableLookup(resource, table or _EMPTY, errors)


async def _read_or_explain(request: Request, resource: Resource, name: str) -> PrintedTable | str | None:
    try:
        return await _read(request, resource, name)
    except NotFound:
        return await tell_not_found(request, resource, name)


async def _read(request: Request, resource: Resource, name: str) -> PrintedTable | None:
    command = request.command
    wanted = command.sort_by.lstrip("{.")
    return await read_table(
        request.reader,
        resource.kind,
        request.where(resource),
        name=name,
        labels=command.selector,
        fields=command.field_selector,
        whole=resource.kind == "Event" or bool(wanted and not wanted.startswith("metadata.")),
    )


async def _print(request: Request, lookup: Lookup) -> PrintedTable:
    """The table of objects that no server printed."""
    if not lookup.items:
        return _EMPTY
    definitions = await _list_definitions(request, lookup.resource)
    return find_printer(lookup.items, definitions).print(lookup.items, request.now)


async def _list_definitions(request: Request, resource: Resource) -> Sequence[KubeObject]:
    """The definition of a custom resource; none where it cannot be seen or would show secret values."""
    if is_builtin_group(resource.group) or is_secret(resource):
        return ()
    selected = f"metadata.name={resource.plural}.{resource.group}"
    try:
        return await request.reader.list("CustomResourceDefinition", fields=selected)
    except ClusterUnavailable:
        return ()


def _order(request: Request, resource: Resource, table: PrintedTable) -> PrintedTable:
    """As ``--sort-by`` says; without it events come oldest first, and all else as the server lists it."""
    if request.command.sort_by:
        rank = rank_by(request.command.sort_by)
        rows = sorted(table.rows, key=lambda row: rank(row.object))
    elif resource.kind == "Event":
        rows = sorted(table.rows, key=lambda row: Event.of(row.object).last)
    else:
        return table
    return table.model_copy(update={"rows": tuple(rows)})


def render_table(request: Request, resource: Resource, table: PrintedTable) -> str:
    """A table as kubectl lays it out, with the columns that flags add."""
    command = request.command
    with_kind = command.show_kind or len(request.found) > 1
    with_namespace = command.all_namespaces and resource.namespaced
    shown = [is_shown(column, wide=command.output.format == "wide") for column in table.columns]
    rows = [] if command.no_headers else [_header(table.columns, shown, command, with_namespace)]
    for row in table.rows:
        cells = [write_cell(cell) for cell in row.cells]
        if with_kind:
            cells = _prefix_name(cells, table.columns, row)
        kept = [cell for cell, is_kept in zip(cells, shown, strict=False) if is_kept]
        rows.append(_frame(kept, row.object, command, with_namespace))
    return lay_out_table(rows)


def _header(
    columns: Sequence[Column], shown: Sequence[bool], command: KubectlCommand, with_namespace: bool
) -> list[str]:
    names = [column.name.upper() for column, is_kept in zip(columns, shown, strict=True) if is_kept]
    labels = [key.rpartition("/")[2].upper() for key in command.label_columns]
    return ["NAMESPACE"] * with_namespace + names + labels + ["LABELS"] * command.show_labels


def _prefix_name(cells: list[str], columns: Sequence[Column], row: Row) -> list[str]:
    """``pod/web`` in the column of the name, where there is one."""
    place = next((n for n, column in enumerate(columns) if column.name.upper() == "NAME"), None)
    if place is None:
        return cells
    kind = write_path(row.object).partition("/")[0]
    return [*cells[:place], f"{kind}/{cells[place]}", *cells[place + 1 :]]


def _frame(cells: list[str], item: KubeObject, command: KubectlCommand, with_namespace: bool) -> list[str]:
    labels = mapping(item, "metadata", "labels")
    cells = [str(part(item, "metadata", "namespace") or "")] * with_namespace + cells
    cells += [str(labels.get(key, "")) for key in command.label_columns]
    if command.show_labels:
        cells.append(format_labels(labels))
    return cells
