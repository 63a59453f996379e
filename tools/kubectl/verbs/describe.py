"""``kubectl describe``."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from domain.errors import ClusterUnavailable
from domain.objects import KubeObject, ObjectRef
from tools.cluster.reader import Resource
from tools.kubectl.describe import NEEDS, Related, describe_object
from tools.kubectl.parts import Target
from tools.kubectl.tables.columns import name_of, part
from tools.kubectl.verbs.get import tell_none
from tools.kubectl.verbs.request import Lookup, Request, list_objects, look_up

Read = Callable[[], Awaitable[list[KubeObject]]]
"""Not begun before its task runs: a task that is cancelled earlier leaves nothing behind."""


async def describe(request: Request) -> str:
    """The descriptions of all objects found, two empty lines between them."""
    lookups = await asyncio.gather(*(_look_up(request, *pair) for pair in request.found))
    texts = await asyncio.gather(*(_describe_all(request, lookup) for lookup in lookups))
    errors = [error for lookup in lookups for error in lookup.errors]
    shown = [text for several in texts for text in several]
    if not shown and not errors:
        return tell_none(request)
    return "\n\n\n".join(shown + ["\n".join(errors)] * bool(errors))


async def _look_up(request: Request, resource: Resource, target: Target) -> Lookup:
    """As in kubectl, a single name that does not exist may be the beginning of others."""
    lookup = await look_up(request, resource, target)
    if not lookup.errors or len(target.names) != 1:
        return lookup
    items = [i for i in await list_objects(request, resource) if name_of(i).startswith(target.names[0])]
    return Lookup(resource, items) if items else lookup


async def _describe_all(request: Request, lookup: Lookup) -> list[str]:
    return list(await asyncio.gather(*(_describe(request, lookup.resource, item) for item in lookup.items)))


async def _describe(request: Request, resource: Resource, item: KubeObject) -> str:
    namespace = str(part(item, "metadata", "namespace") or "") or None
    needs = NEEDS.get(resource.kind, ())
    reads: list[Read] = [partial(request.reader.list, need, namespace) for need in needs]
    if request.command.show_events:
        reads.append(partial(request.reader.events, namespace, ObjectRef.of(item)))
    found = await asyncio.gather(*map(_try, reads))
    seen = {need: answer for need, answer in zip(needs, found, strict=False) if isinstance(answer, list)}
    events = found[-1] if request.command.show_events and isinstance(found[-1], list) else None
    text = describe_object(item, Related(request.now, events, seen))
    hidden = dict.fromkeys(answer for answer in found if isinstance(answer, str))
    return "\n".join((text, *(f"(not shown: {why})" for why in hidden)))


async def _try(read: Read) -> list[KubeObject] | str:
    """What is read, or why it cannot be: a description goes without it."""
    try:
        return await read()
    except ClusterUnavailable as error:
        return str(error)
