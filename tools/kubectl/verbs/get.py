"""``kubectl get``."""

import asyncio
from collections.abc import Sequence

from tools.kubectl.command import KubectlCommand
from tools.kubectl.documents import render_documents, sort_items
from tools.kubectl.verbs.printing import look_up_table, render_table
from tools.kubectl.verbs.request import Lookup, Request, look_up


async def get(request: Request) -> str:
    """Tables, or documents with ``-o``; a line for each name that was not found."""
    if request.command.output.is_table:
        return await _print_tables(request)
    lookups = await asyncio.gather(*(look_up(request, *pair) for pair in request.found))
    sections = [_sorted(lookup, request.command) for lookup in lookups if lookup.items]
    errors = _keep_errors(request, [error for lookup in lookups for error in lookup.errors])
    return "\n".join([_render_documents(sections, request.command), *errors]).strip("\n")


async def _print_tables(request: Request) -> str:
    lookups = await asyncio.gather(*(look_up_table(request, *pair) for pair in request.found))
    errors = _keep_errors(request, [error for lookup in lookups for error in lookup.errors])
    texts = [render_table(request, lookup.resource, lookup.table) for lookup in lookups if lookup.table.rows]
    if not texts and not errors and not request.command.ignore_not_found:
        return tell_none(request)
    return "\n\n".join(texts + ["\n".join(errors)] * bool(errors))


def _keep_errors(request: Request, errors: list[str]) -> list[str]:
    return [] if request.command.ignore_not_found else errors


def _sorted(lookup: Lookup, command: KubectlCommand) -> Lookup:
    if not command.sort_by:
        return lookup
    return Lookup(lookup.resource, sort_items(lookup.items, command.sort_by))


def _render_documents(sections: Sequence[Lookup], command: KubectlCommand) -> str:
    items = [item for section in sections for item in section.items]
    is_single = sum(len(target.names) for target in command.targets) == 1
    return render_documents(items, command.output, is_single=is_single, header=not command.no_headers)


def tell_none(request: Request) -> str:
    """The line of kubectl for an empty list."""
    if any(request.where(resource) for resource, _ in request.found):
        return f"No resources found in {request.namespace} namespace."
    return "No resources found"
