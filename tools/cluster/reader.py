"""The read-only face of a Kubernetes cluster. There is no method that writes."""

import builtins
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from domain.objects import KubeObject, ObjectRef


class LogLine(BaseModel):
    """One line of a container's log; ``time`` is None where the recording has no timestamps.

    ``stamp`` is the time as the runtime wrote it, to the nanosecond, where that is known.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    time: datetime | None = None
    stamp: str = ""


class Resource(BaseModel):
    """A resource type as discovery names it: ``deployments`` / ``Deployment`` / ``apps/v1``.

    ``categories`` are those of a custom type: ``all`` makes it one of ``get all``.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    plural: str
    api_version: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """``apps``, or the empty string for the core group."""
        return self.api_version.rpartition("/")[0]


class Column(BaseModel):
    """A column of a table; one with a ``priority`` above 0 is shown by ``-o wide`` only."""

    model_config = ConfigDict(frozen=True)

    name: str
    priority: int = 0


class Row(BaseModel):
    """What is printed of one object.

    Attributes:
        cells: a JSON scalar for each column.
        object: its kind, apiVersion and metadata at least, without the last applied configuration.
    """

    model_config = ConfigDict(frozen=True)

    cells: tuple[Any, ...]
    object: KubeObject


class PrintedTable(BaseModel):
    """Objects of one kind as ``kubectl get`` shows them."""

    model_config = ConfigDict(frozen=True)

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()


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


@runtime_checkable
class TableReader(Protocol):
    """What a ``ClusterReader`` may be besides: one whose server prints its objects itself.

    A reader that wraps another has the method too and asks the other through ``read_table``; it joins what
    it gets for several namespaces with ``join_tables``. None always means: list the objects and print them.
    """

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
        """Objects of a kind, or the one of that name, as the server prints them.

        Args:
            kind: as for ``ClusterReader.list``.
            namespace: one, or None for all and for kinds that have none.
            name: of the only object that is wanted.
            labels: a selector as in kubectl.
            fields: a selector as in kubectl.
            whole: whether rows need the whole object; a Secret never is.

        Raises:
            NotFound: there is none of that name.
        """
        ...


async def read_table(
    reader: ClusterReader,
    kind: str,
    namespace: str | None = None,
    *,
    name: str = "",
    labels: str = "",
    fields: str = "",
    whole: bool = False,
) -> PrintedTable | None:
    """``TableReader.table`` of a reader that has it; None for one that prints nothing itself."""
    if not isinstance(reader, TableReader):
        return None
    return await reader.table(kind, namespace, name=name, labels=labels, fields=fields, whole=whole)


def join_tables(tables: Sequence[PrintedTable | None]) -> PrintedTable | None:
    """The rows of tables of one kind below each other; None when one is missing or there are none."""
    known = [table for table in tables if table is not None]
    if not known or len(known) < len(tables):
        return None
    return known[0].model_copy(update={"rows": tuple(row for table in known for row in table.rows)})
