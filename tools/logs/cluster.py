"""A log store over the cluster's own logs, for clusters whose logs nobody ships."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.errors import ClusterUnavailable, LogsUnavailable, NotFound
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import Container, is_well, list_containers
from tools.cluster.reader import ClusterReader
from tools.logs.documents import build_documents
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import LogCount, LogDocument, LogHit, LogPattern, LogQuery

MOST_PODS = 50
"""Pods whose logs are read for one investigation, those that are not well first."""

TAIL = 500
"""Lines read of each container; of one that restarted, of its previous run too."""


class ClusterLogStore:
    """Reads the tails of the logs in a query's namespaces once, and searches in them.

    What a node has rotated away, and Pods that are gone, it cannot know: a shipped log store can.
    """

    def __init__(self, reader: ClusterReader) -> None:
        """Name the cluster; nothing is read yet."""
        self._reader = reader
        self._stores: dict[tuple[str, ...], asyncio.Task[EmbeddedLogStore]] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack: nothing that could not be seen is passed over."""
        return ()

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query; see ``LogStore``.

        Raises:
            LogsUnavailable: no log could be read.
        """
        return await (await self._open(query.namespaces)).search(_of_this(query))

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines around one; see ``LogStore``."""
        return await (await self._open((document.namespace,))).around(document, before, after)

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the filters; see ``LogStore``."""
        return await (await self._open(query.namespaces)).patterns(_of_this(query))

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the query's filters, by interval and severity; see ``LogStore``."""
        return await (await self._open(query.namespaces)).histogram(_of_this(query), interval)

    async def close(self) -> None:
        """Release what was read."""
        for task in self._stores.values():
            if task.done() and not task.cancelled() and task.exception() is None:
                await task.result().close()
            task.cancel()
        self._stores.clear()

    async def _open(self, namespaces: Sequence[str]) -> EmbeddedLogStore:
        """The store of those namespaces; callers that come at once share one reading."""
        key = tuple(sorted(namespaces))
        if key not in self._stores:
            self._stores[key] = asyncio.create_task(self._read(key))
        return await asyncio.shield(self._stores[key])

    async def _read(self, namespaces: Sequence[str]) -> EmbeddedLogStore:
        try:
            lists = await asyncio.gather(
                *(self._reader.list("Pod", namespace) for namespace in namespaces or (None,))
            )
        except ClusterUnavailable as error:
            raise LogsUnavailable(f"The logs of the cluster could not be read: {error}") from error
        now = await self._reader.now()
        pods = sorted((pod for found in lists for pod in found), key=lambda pod: is_well(pod, now))
        documents = await read_pods(self._reader, pods[:MOST_PODS], now)
        return await asyncio.to_thread(EmbeddedLogStore.open, documents)


async def read_pods(reader: ClusterReader, pods: Iterable[KubeObject], now: datetime) -> list[LogDocument]:
    """The tails of the logs of some Pods, previous runs too; ``now`` dates lines that tell no time.

    Raises:
        LogsUnavailable: no log could be read.
    """
    runs = [run for pod in pods for run in _list_runs(pod)]
    read = await asyncio.gather(*(_read_run(reader, *run, now) for run in runs), return_exceptions=True)
    documents = [document for found in read if isinstance(found, list) for document in found]
    failures = [found for found in read if isinstance(found, ClusterUnavailable)]
    if failures and not documents:
        raise LogsUnavailable(f"The logs of the cluster could not be read: {failures[0]}")
    return documents


async def _read_run(
    reader: ClusterReader, pod: KubeObject, container: Container, previous: bool, now: datetime
) -> list[LogDocument]:
    ref = ObjectRef.of(pod)
    try:
        lines = await reader.logs(ref.name, ref.namespace, container.name, previous=previous, tail=TAIL)
    except NotFound:
        return []
    return build_documents(
        lines,
        start=now,
        namespace=ref.namespace,
        pod=ref.name,
        container=container.name,
        host=(pod.get("spec") or {}).get("nodeName") or "",
        labels=(pod.get("metadata") or {}).get("labels"),
        previous=previous,
    )


def _of_this(query: LogQuery) -> LogQuery:
    """Lines that were read from a cluster need not name it."""
    return query.model_copy(update={"clusters": ()})


def _list_runs(pod: KubeObject) -> Iterable[tuple[KubeObject, Container, bool]]:
    for container in list_containers(pod):
        if container.running or container.ended:
            yield pod, container, False
        if container.restarts:
            yield pod, container, True
