"""A cluster whose objects and logs are read without the secrets in them."""

import builtins
from datetime import datetime

from domain.objects import KubeObject, ObjectRef
from tools.cluster.bounds import Bounds, read_bounds
from tools.cluster.coverage import Coverage, read_coverage
from tools.cluster.reader import ClusterReader, LogLine, PrintedTable, Resource, read_table
from tools.redaction.objects import ObjectRedactor
from tools.redaction.redactor import Redactor


class RedactedCluster:
    """Wraps a ``ClusterReader`` and answers as it does, with placeholders in place of secrets.

    Log lines pass as they are: a secret may span several, so whoever joins them redacts the text.
    """

    def __init__(self, reader: ClusterReader, redactor: Redactor) -> None:
        """Redact what ``reader`` reads, with the numbers of ``redactor``."""
        self._reader = reader
        self._objects = ObjectRedactor(redactor)

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        return self._reader.name

    @property
    def coverage(self) -> Coverage | None:
        """What the reader holds whole; see ``PartialReader``."""
        return read_coverage(self._reader)

    async def bounds(self) -> Bounds:
        """The namespaces that may be read; see ``BoundedReader``."""
        return await read_bounds(self._reader)

    async def now(self) -> datetime:
        """The cluster's present."""
        return await self._reader.now()

    async def resources(self) -> builtins.list[Resource]:
        """Every resource type served."""
        return await self._reader.resources()

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind."""
        items = await self._reader.list(kind, namespace, labels=labels, fields=fields)
        return [self._objects.redact(item) for item in items]

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object.

        Raises:
            NotFound: there is none of that name.
        """
        return self._objects.redact(await self._reader.get(kind, name, namespace))

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Events, oldest first."""
        return [self._objects.redact(event) for event in await self._reader.events(namespace, about)]

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
        """A container's log, oldest line first, as it is.

        Raises:
            NotFound: no such pod or container, or it has no (previous) log.
        """
        return await self._reader.logs(pod, namespace, container, previous=previous, tail=tail, since=since)

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """Metrics of Pods or Nodes."""
        return await self._reader.top(kind, namespace)

    async def version(self) -> str:
        """The server's gitVersion."""
        return await self._reader.version()

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
        """Objects as the server prints them; None when it does not.

        Raises:
            NotFound: there is none of that name.
        """
        table = await read_table(
            self._reader, kind, namespace, name=name, labels=labels, fields=fields, whole=whole
        )
        if table is None:
            return None
        rows = [
            row.model_copy(
                update={
                    "object": self._objects.redact(row.object),
                    "cells": tuple(self._objects.values(list(row.cells))),
                }
            )
            for row in table.rows
        ]
        return table.model_copy(update={"rows": tuple(rows)})
