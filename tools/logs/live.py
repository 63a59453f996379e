"""The log store of a live cluster, as the settings say."""

import asyncio

from domain.settings import Settings
from tools.cluster.bounds import BoundedCluster
from tools.cluster.reader import ClusterReader
from tools.embeddings.choose import open_embedder
from tools.logs.bounds import BoundedLogStore
from tools.logs.cluster import ClusterLogStore
from tools.logs.fallback import FallbackLogStore
from tools.logs.store import LogStore


async def open_logs(settings: Settings, reader: ClusterReader, within: ClusterReader) -> LogStore:
    """Shipped logs of a cluster, with its own to fall back on; its own alone where none are shipped.

    The lines of a cluster carry the name it has in our settings. Where ``within`` is bounded, so are they.

    Raises:
        MalformedSettings: a setting of OpenSearch cannot be used.
    """
    store = await _open_unbounded(settings, reader)
    return BoundedLogStore(store, within) if isinstance(within, BoundedCluster) else store


async def _open_unbounded(settings: Settings, reader: ClusterReader) -> LogStore:
    own = ClusterLogStore(reader)
    if not settings.opensearch.url:
        return own
    from tools.logs.opensearch.client import connect  # OpenSearch's client only where it is used
    from tools.logs.opensearch.store import OpenSearchLogStore

    client = await asyncio.to_thread(connect, settings.opensearch)
    embedder = open_embedder(settings.embeddings)
    return FallbackLogStore(OpenSearchLogStore(client, settings.opensearch, embedder, reader.name), own)
