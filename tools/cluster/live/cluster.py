"""A live cluster, read through its API server."""

import asyncio
import builtins
import time
from datetime import UTC, datetime
from types import TracebackType

from domain.errors import ClusterUnavailable, KubewhyError, NotFound
from domain.objects import KubeObject, ObjectRef
from tools.cluster.events import Event
from tools.cluster.identity import has_uid, read_uids
from tools.cluster.live.api import KubernetesApi, ReadLimits
from tools.cluster.live.discovery import discover
from tools.cluster.live.login import Login
from tools.cluster.live.logs import read_log
from tools.cluster.live.pages import list_pages, shape
from tools.cluster.live.request import ReadRequest, get_log, get_object, list_objects
from tools.cluster.live.tables import read_server_table
from tools.cluster.reader import LogLine, PrintedTable, Resource
from tools.cluster.resources import builtin_kind

DISCOVERY_SECONDS = 600.0
"""How long what discovery said is believed; a kind that is missing from it asks anew at once."""


class LiveCluster:
    """A ``ClusterReader`` and ``TableReader`` over the Kubernetes API.

    Use it within one event loop, and close it there. What it cannot see it says: every method raises
    ``ClusterUnavailable`` with the reason, and for a 403 with the RBAC rule that would allow it.
    ``MalformedSettings`` is raised where the kubeconfig is at fault.
    ``list``, ``table`` and ``get`` also take ``Kind.group``.
    """

    def __init__(self, name: str, login: Login, limits: ReadLimits | None = None) -> None:
        """Name the cluster and say how to log in; nothing is read or connected yet."""
        self._name = name
        self._api = KubernetesApi(login, limits or ReadLimits())
        self._discovery: asyncio.Task[builtins.list[Resource]] | None = None
        self._discovered = 0.0

    async def __aenter__(self) -> "LiveCluster":
        """Itself; nothing is connected yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close every connection; a later request opens new ones."""
        if self._discovery is not None and not self._discovery.done():
            self._discovery.cancel()
            await asyncio.wait([self._discovery])
        await self._api.close()

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        return self._name

    async def now(self) -> datetime:
        """The clock of this machine, timezone-aware."""
        return datetime.now(UTC)

    async def resources(self) -> builtins.list[Resource]:
        """Every resource type served, custom ones included."""
        return builtins.list(await self._discover(DISCOVERY_SECONDS))

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind by namespace and name; empty for a kind that the cluster does not serve.

        Raises:
            RefusedCommand: a selector cannot be used for this kind.
        """
        resource = await self._find(kind)
        if resource is None:
            return []
        return await list_pages(self._api, list_objects(resource, namespace, labels, fields))

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object; the namespace is ignored for kinds that have none.

        Raises:
            NotFound: there is none of that name, or no such kind.
        """
        resource = await self._find(kind)
        if resource is None:
            raise NotFound(f"The cluster serves no kind {kind}.")
        item = await self._api.read_json(get_object(resource, name, namespace))
        return shape(item, item.get("kind") or resource.kind, item.get("apiVersion") or resource.api_version)

    async def table(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        name: str = "",
        labels: str = "",
        fields: str = "",
        whole: bool = False,
    ) -> PrintedTable | None:
        """Objects as the server prints them, in its order; None for a kind that it prints no table of.

        Raises:
            NotFound: there is none of that name.
            RefusedCommand: a selector cannot be used for this kind.
        """
        resource = await self._find(kind)
        if resource is None:
            return None
        if name:
            request = get_object(resource, name, namespace or "")
        else:
            request = list_objects(resource, namespace, labels, fields)
        return await read_server_table(self._api, request, resource, whole=whole)

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Events, oldest first. Those about an earlier object of the same name are left out of ``about``."""
        selected, uids = "", set[str]()
        if about is not None:
            uids = await self._uids(about)
            selected = f"involvedObject.kind={about.kind},involvedObject.name={about.name}"
            namespace = namespace or about.namespace or None
        found = await self.list("Event", namespace, fields=selected)
        kept = [
            (event, item)
            for item, event in ((item, Event.of(item)) for item in found)
            if about is None or (event.about == about and has_uid(item, uids))
        ]
        return [item for _, item in sorted(kept, key=lambda pair: pair[0].last)]

    async def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: datetime | None = None,
    ) -> builtins.list[LogLine]:
        """A container's log, oldest line first; of one over 32 MiB the end.

        Raises:
            NotFound: no such Pod or container, or it has no (previous) log.
        """
        request = get_log(pod, namespace, container)
        return await read_log(self._api, request, previous=previous, tail=tail, since=since)

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """``PodMetrics`` or ``NodeMetrics`` objects for kind ``Pod`` or ``Node``.

        Raises:
            ClusterUnavailable: there is no metrics server, or it does not answer.
        """
        resource = await self._find(f"{kind}Metrics")
        if resource is None:
            raise ClusterUnavailable(
                f"Metrics of {kind} objects cannot be read: the cluster runs no metrics server "
                "(metrics.k8s.io is not served)."
            )
        return await list_pages(self._api, list_objects(resource, namespace, "", ""))

    async def version(self) -> str:
        """The server's gitVersion, such as ``v1.34.2``."""
        return str((await self._api.read_json(ReadRequest("/version"))).get("gitVersion") or "")

    async def _uids(self, about: ObjectRef) -> set[str]:
        try:
            return read_uids(await self.get(about.kind, about.name, about.namespace))
        except KubewhyError:  # gone, or not ours to see: its events may still be read
            return set()

    async def _find(self, kind: str) -> Resource | None:
        found = _match(kind, await self._discover(DISCOVERY_SECONDS))
        if found is None and builtin_kind(kind) is None:
            found = _match(kind, await self._discover(0.0))
        return found

    async def _discover(self, believed: float) -> builtins.list[Resource]:
        """The resource types, asked for once by all who want to know at the same time."""
        task = self._discovery
        if task is None or (task.done() and not self._is_believed(task, believed)):
            task = self._discovery = asyncio.create_task(discover(self._api))
            self._discovered = time.monotonic()
        return await asyncio.shield(task)

    def _is_believed(self, task: "asyncio.Task[builtins.list[Resource]]", seconds: float) -> bool:
        failed = task.cancelled() or task.exception() is not None
        return not failed and time.monotonic() - self._discovered <= seconds


def _match(kind: str, resources: builtins.list[Resource]) -> Resource | None:
    plain = (r for r in resources if r.kind == kind)
    qualified = (r for r in resources if f"{r.kind}.{r.group}" == kind)
    return next(plain, None) or next(qualified, None)
