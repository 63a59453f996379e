"""The audit log in OpenSearch, beside the file: nobody waits for it, and the file holds what it misses."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from domain.errors import LogsUnavailable, MalformedSettings
from domain.settings import Settings
from tools.logs.opensearch.client import OpenSearchClient, connect

MOST_WAITING = 5_000
"""Lines kept while OpenSearch is down; of more, the oldest are in the file alone."""

MOST_AT_ONCE = 200
RETRY_SECONDS = 5.0
CLOSE_SECONDS = 5.0

_log = logging.getLogger(__name__)


class AuditIndex:
    """Lines on their way into an index."""

    def __init__(self, client: OpenSearchClient, index: str) -> None:
        """Write to ``index`` through a client that somebody else closes."""
        self._client = client
        self._index = index
        self._waiting: dict[str, Mapping[str, Any]] = {}
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, line: Mapping[str, Any]) -> None:
        """Have a line written, some time."""
        self._waiting[uuid4().hex] = line
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._idle.clear()
        self._news.set()

    async def run(self) -> None:
        """Write what comes, for ever; a line is written again until it is taken, under the same id."""
        while True:
            await self._news.wait()
            self._news.clear()
            while batch := [*self._waiting.items()][:MOST_AT_ONCE]:
                try:
                    await self._write(batch)
                except LogsUnavailable as error:
                    _log.warning("the audit log is in its file alone for now: %s", error)
                    await asyncio.sleep(RETRY_SECONDS)
            self._idle.set()

    async def flush(self) -> None:
        """Wait until all is written."""
        await self._idle.wait()

    async def _write(self, batch: list[tuple[str, Mapping[str, Any]]]) -> None:
        body = [
            part for id_, line in batch for part in ({"index": {"_index": self._index, "_id": id_}}, line)
        ]
        answer = await self._client.ask("POST", "/_bulk", body)
        for (id_, _), item in zip(batch, answer["items"], strict=True):
            status = item["index"]["status"]
            if status == 429 or status >= 500:
                continue
            if status >= 400:
                _log.warning("a line of the audit log is in its file alone: OpenSearch answers %d", status)
            self._waiting.pop(id_, None)
        if any(id_ in self._waiting for id_, _ in batch):
            raise LogsUnavailable("OpenSearch is overloaded.")


@asynccontextmanager
async def open_audit_index(settings: Settings) -> AsyncIterator[AuditIndex | None]:
    """The index that ``[slack] audit_index`` names, if any; what waits when the block ends is given 5 s.

    Raises:
        MalformedSettings: there is no OpenSearch, or it cannot be used.
    """
    if not settings.slack.audit_index:
        yield None
        return
    if not settings.opensearch.url:
        raise MalformedSettings(
            "[slack] audit_index needs an OpenSearch: set [opensearch] url, or leave it out."
        )
    client = await asyncio.to_thread(connect, settings.opensearch)
    index = AuditIndex(client, settings.slack.audit_index)
    task = asyncio.create_task(index.run())
    try:
        yield index
        with suppress(TimeoutError):
            await asyncio.wait_for(index.flush(), CLOSE_SECONDS)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.close()
