"""A checked command together with the cluster it is about, and how objects are looked up for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from domain.errors import NotFound
from domain.objects import KubeObject
from tools.cluster.events import Event
from tools.cluster.reader import ClusterReader, Resource
from tools.kubectl.command import KubectlCommand
from tools.kubectl.parts import Target
from tools.kubectl.tables.columns import name_of, part

Found = Sequence[tuple[Resource, Target]]


@dataclass(frozen=True)
class Request:
    """What a verb needs to answer.

    Attributes:
        found: the resource types of the command with their targets, as the policy let them pass.
        resources: every type the cluster serves.
        namespace: where namespaced names are looked up.
        now: the moment that ages are counted from.
    """

    reader: ClusterReader
    command: KubectlCommand
    found: Found
    resources: Sequence[Resource]
    namespace: str
    now: datetime

    def where(self, resource: Resource) -> str | None:
        """The namespace to list a type in; None for all, or for types without one."""
        return self.namespace if resource.namespaced and not self.command.all_namespaces else None


@dataclass(frozen=True)
class Lookup:
    """The objects of one type that were found, and a line for each name that was not."""

    resource: Resource
    items: Sequence[KubeObject]
    errors: Sequence[str] = ()


async def look_up(request: Request, resource: Resource, target: Target) -> Lookup:
    """Get the named objects of a type, or list all that the selectors let pass."""
    if not target.names:
        return Lookup(resource, await list_objects(request, resource))
    answers = await asyncio.gather(*(get_or_explain(request, resource, name) for name in target.names))
    return Lookup(
        resource,
        [answer for answer in answers if not isinstance(answer, str)],
        [answer for answer in answers if isinstance(answer, str)],
    )


async def list_objects(request: Request, resource: Resource) -> list[KubeObject]:
    """Objects of a type under the command's namespace and selectors; events oldest first."""
    command = request.command
    items = await request.reader.list(
        resource.kind, request.where(resource), labels=command.selector, fields=command.field_selector
    )
    return sorted(items, key=lambda item: Event.of(item).last) if resource.kind == "Event" else items


async def get_or_explain(request: Request, resource: Resource, name: str) -> KubeObject | str:
    """One object, or the line in which kubectl says that there is none."""
    try:
        return await request.reader.get(resource.kind, name, request.where(resource) or "")
    except NotFound:
        return await tell_not_found(request, resource, name)


async def tell_not_found(request: Request, resource: Resource, name: str) -> str:
    """The line of kubectl for a missing object, with the nearest names there are."""
    group = f".{resource.group}" if resource.group else ""
    line = f'Error from server (NotFound): {resource.plural}{group} "{name}" not found'
    items = await request.reader.list(resource.kind)
    elsewhere = [str(part(i, "metadata", "namespace")) for i in items if name_of(i) == name]
    if elsewhere and resource.namespaced:
        return f"{line} in namespace {request.namespace}; one of that name is in {', '.join(elsewhere)}"
    home = request.where(resource)
    names = {name_of(i) for i in items if home is None or part(i, "metadata", "namespace") == home}
    nearest = [
        found
        for found, _, _ in process.extract(name, sorted(names), scorer=fuzz.ratio, limit=3, score_cutoff=70)
    ]
    return f"{line} (nearest: {', '.join(nearest)})" if nearest else line
