"""The read-only face of a Kubernetes cluster. There is no method that writes."""

import builtins
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from domain.objects import KubeObject, ObjectRef


class LogLine(BaseModel):
    """One line of a container's log; ``time`` is None where the recording has no timestamps."""

    model_config = ConfigDict(frozen=True)

    text: str
    time: datetime | None = None


class Resource(BaseModel):
    """A resource type as discovery names it: ``deployments`` / ``Deployment`` / ``apps/v1``."""

    model_config = ConfigDict(frozen=True)

    kind: str
    plural: str
    api_version: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """``apps``, or the empty string for the core group."""
        return self.api_version.rpartition("/")[0]


class ClusterReader(Protocol):
    """A cluster that can be looked at. Every method may raise ``ClusterUnavailable``."""

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        ...

    async def now(self) -> datetime:
        """The cluster's present: the clock, or the moment a recording was taken. Timezone-aware."""
        ...

    async def resources(self) -> builtins.list[Resource]:
        """Every resource type served, custom ones included."""
        ...

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind (``Deployment``), in one namespace or (None) in all; selectors as in kubectl.

        Items carry ``kind`` and ``apiVersion``. Secrets carry their keys only; all values are None.
        """
        ...

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object.

        Raises:
            NotFound: there is none of that name.
        """
        ...

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Core/v1 events, oldest first, of a namespace or all, or only those about one object."""
        ...

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
        """A container's log, oldest line first.

        Raises:
            NotFound: no such pod or container, or it has no (previous) log.
        """
        ...

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """``PodMetrics`` or ``NodeMetrics`` objects (metrics.k8s.io) for kind ``Pod`` or ``Node``.

        Raises:
            ClusterUnavailable: metrics were not recorded, or there is no metrics server.
        """
        ...

    async def version(self) -> str:
        """The server's gitVersion, such as ``v1.34.2``."""
        ...
