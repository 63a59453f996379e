"""``kubectl get``."""

import asyncio
from collections.abc import Sequence

from domain.objects import KubeObject
from tools.cluster.reader import Resource
from tools.kubectl.command import KubectlCommand
from tools.kubectl.documents import render_documents, sort_items, write_path
from tools.kubectl.tables import View, table_for
from tools.kubectl.tables.columns import Table, mapping, part
from tools.kubectl.tables.formats import format_labels
from tools.kubectl.text import lay_out_table
from tools.kubectl.verbs.request import Lookup, Request, look_up


async def get(request: Request) -> str:
    """Tables, or documents with ``-o``; a line for each name that was not found."""
    lookups = await asyncio.gather(*(look_up(request, *pair) for pair in request.found))
    errors = [] if request.command.ignore_not_found else [e for lookup in lookups for e in lookup.errors]
    sections = [_sorted(lookup, request.command) for lookup in lookups if lookup.items]
    if not request.command.output.is_table:
        return "\n".join([_render_documents(sections, request.command), *errors]).strip("\n")
    texts = _render_tables(sections, request)
    if not texts and not errors and not request.command.ignore_not_found:
        return tell_none(request)
    return "\n\n".join(texts + ["\n".join(errors)] * bool(errors))


def _sorted(lookup: Lookup, command: KubectlCommand) -> Lookup:
    if not command.sort_by:
        return lookup
    return Lookup(lookup.resource, sort_items(lookup.items, command.sort_by))


def _render_documents(sections: Sequence[Lookup], command: KubectlCommand) -> str:
    items = [item for section in sections for item in section.items]
    is_single = sum(len(target.names) for target in command.targets) == 1
    return render_documents(items, command.output, is_single=is_single, header=not command.no_headers)


def _render_tables(sections: Sequence[Lookup], request: Request) -> list[str]:
    with_kind = request.command.show_kind or len(request.found) > 1
    return [_render_table(section.resource, section.items, request, with_kind) for section in sections]


def _render_table(resource: Resource, items: Sequence[KubeObject], request: Request, with_kind: bool) -> str:
    command = request.command
    view = View(request.now, wide=command.output.format == "wide")
    table = table_for(items)
    with_namespace = command.all_namespaces and resource.namespaced
    rows = [] if command.no_headers else [_header(table, view, command, with_namespace)]
    for item in items:
        cells = table.row(item, view)
        if with_kind and "NAME" in table.header(view):
            cells[table.header(view).index("NAME")] = write_path(item)
        rows.append(_frame(cells, item, command, with_namespace))
    return lay_out_table(rows)


def _header(table: Table, view: View, command: KubectlCommand, with_namespace: bool) -> list[str]:
    labels = [key.rpartition("/")[2].upper() for key in command.label_columns]
    extra = [*labels, "LABELS"] if command.show_labels else labels
    return ["NAMESPACE"] * with_namespace + table.header(view) + extra


def _frame(cells: list[str], item: KubeObject, command: KubectlCommand, with_namespace: bool) -> list[str]:
    labels = mapping(item, "metadata", "labels")
    cells = [str(part(item, "metadata", "namespace") or "")] * with_namespace + cells
    cells += [str(labels.get(key, "")) for key in command.label_columns]
    if command.show_labels:
        cells.append(format_labels(labels))
    return cells


def tell_none(request: Request) -> str:
    """The line of kubectl for an empty list."""
    if any(request.where(resource) for resource, _ in request.found):
        return f"No resources found in {request.namespace} namespace."
    return "No resources found"
