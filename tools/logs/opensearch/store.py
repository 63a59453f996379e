"""The log store of production: searches in what the pipeline, or plain Fluent Bit, shipped to OpenSearch."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from domain.errors import EmbeddingUnavailable, LogsUnavailable
from domain.objects import ObjectRef
from domain.settings import OpenSearchSettings
from tools.embeddings.embedder import Embedder
from tools.logs.fusion import rank
from tools.logs.opensearch import searches
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.filters import Clause, filter_lines, match_exactly, passes
from tools.logs.opensearch.index import Found, SearchedIndices, Tally, read_buckets
from tools.logs.opensearch.meaning import MeaningSearch
from tools.logs.opensearch.patterns import find_patterns
from tools.logs.ranking import Candidate, choose
from tools.logs.store import Level, LogCount, LogDocument, LogHit, LogPattern, LogQuery
from tools.logs.words import query_words

MOST_LINES = 100
"""Lines that one ranking contributes, unless more are wanted."""

TIES = 20
"""Lines of one moment that ``around`` tells apart, beyond those that are wanted."""


class OpenSearchLogStore:
    """A ``LogStore`` over shipped logs; of one cluster, or of all that a query does not exclude.

    Words and meaning find candidates; severity, rarity and recency help to rank them. Without vectors, and in
    indices that plain Fluent Bit wrote, words alone find them, and ``notes`` says so.
    """

    def __init__(
        self,
        client: OpenSearchClient,
        settings: OpenSearchSettings,
        embedder: Embedder | None = None,
        cluster: str = "",
    ) -> None:
        """Search through a client, which ``close`` closes. ``cluster`` limits every search to its lines."""
        self._client = client
        self._indices = SearchedIndices(client, settings.search or settings.alias)
        self._meaning = MeaningSearch(client, self._indices, settings, embedder) if embedder else None
        self._cluster_field = settings.cluster_field
        self._cluster = cluster
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack; see ``LogStore``."""
        return tuple(self._notes)

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query; see ``LogStore``."""
        filters = self._filter(query)
        if not query.text.strip():
            return await self._list_worst(query, filters)
        by_words, nearness = await asyncio.gather(
            self._find_words(query, filters), self._find_near(query, filters)
        )
        by_meaning = await self._sample(query, filters, nearness)
        return await self._rank(query, filters, [*by_words, *by_meaning], nearness)

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines of the same container around one; only the line itself if the store lacks it."""
        earlier, later = await asyncio.gather(
            self._find_beside(document, max(0, before), earlier=True),
            self._find_beside(document, max(0, after), earlier=False),
        )
        unique = {found.document.id: found for found in (*earlier, *later)}
        ordered = sorted(
            unique.values(), key=lambda found: (found.order[:1], found.document.time, found.order)
        )
        documents = [found.document for found in ordered]
        here = next((row for row, one in enumerate(documents) if one.id == document.id), None)
        if here is None:
            return [document]
        return documents[max(0, here - max(0, before)) : here + max(0, after) + 1]

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the query's filters, most severe first, then rarest."""
        return await find_patterns(self._indices, query, self._filter)

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the query's filters; of unknown severity they count as INFO."""
        filters = self._filter(query)
        if query.min_level > Level.INFO:
            filters.append(searches.at_least(query.min_level))
        answer = await self._indices.ask(searches.count_lines(filters, interval))
        return [
            LogCount(start=bucket["key_as_string"], level=Level(int(level["key"])), count=level["doc_count"])
            for bucket in read_buckets(answer, "intervals")
            for level in sorted(bucket["levels"]["buckets"], key=lambda level: int(level["key"]))
        ]

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line; see ``ShippedLogs``."""
        if not pods:
            return {}
        return await self._indices.read_newest(pods, searches.find_newest(pods, self._filter(LogQuery())))

    async def close(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    def _filter(self, query: LogQuery) -> list[Clause]:
        """What every line has to pass, the store's own cluster included."""
        clauses = filter_lines(query, self._cluster_field)
        if self._cluster and self._cluster_field:
            clauses.append(match_exactly(self._cluster_field, [self._cluster]))
        return clauses

    async def _find_words(self, query: LogQuery, filters: Sequence[Clause]) -> list[Found]:
        """The best lines, the best of each template, and the best severe ones: chatter cannot crowd out."""
        if not query_words(query.text):
            return []
        size = max(MOST_LINES, query.limit)
        severe = [*filters, searches.at_least(Level.WARNING)]
        found = await asyncio.gather(
            self._indices.find(searches.find_words(query.text, filters, size)),
            self._indices.find_ours(searches.find_words(query.text, filters, MOST_LINES, by_template=True)),
            self._indices.find_ours(searches.find_words(query.text, severe, MOST_LINES, by_template=True)),
        )
        return list(chain.from_iterable(found))

    async def _find_near(self, query: LogQuery, filters: Sequence[Clause]) -> dict[str, float]:
        """Templates by their nearness to the query; none where there is nothing to compare."""
        if self._meaning is None:
            return {}
        try:
            return await self._meaning.find(query.text, filters)
        except (EmbeddingUnavailable, LogsUnavailable) as error:
            self._note(f"Logs were searched by words alone, not by meaning: {error}")
            return {}

    async def _sample(
        self, query: LogQuery, filters: Sequence[Clause], nearness: Mapping[str, float]
    ) -> list[Found]:
        if not nearness:
            return []
        return await self._indices.find(searches.sample_templates(list(nearness), filters))

    async def _rank(
        self,
        query: LogQuery,
        filters: Sequence[Clause],
        found: Sequence[Found],
        nearness: Mapping[str, float],
    ) -> list[LogHit]:
        lines = self._merge(query, found)
        known = {line.document.template_id for line in lines if line.ours}
        alike = {tally.template: tally.count for tally in await self._count(filters, sorted(known))}
        rankings = {
            "words": rank([-round(line.score, 3) for line in lines]),
            "severity": rank([-line.document.level for line in lines]),
            "recency": rank([-line.document.time.timestamp() for line in lines]),
            "rarity": rank([alike.get(line.document.template_id, 0) for line in lines]),
        }
        if nearness:
            rankings["meaning"] = rank([-nearness.get(line.document.template_id, 0.0) for line in lines])
        candidates = [
            Candidate(
                line.document,
                line.document.template_id or line.document.message,
                alike.get(line.document.template_id, 0),
                {signal: ranks[row] for signal, ranks in rankings.items()},
            )
            for row, line in enumerate(lines)
        ]
        return choose(candidates, query)

    def _merge(self, query: LogQuery, found: Sequence[Found]) -> list[Found]:
        """Each line once, with its highest score by words, newest first."""
        best: dict[str, Found] = {}
        for line in found:
            if passes(line.document, query) and line.score >= best.get(line.document.id, line).score:
                best[line.document.id] = line
        if not all(line.ours for line in best.values()):
            self._note(
                "Part of the logs was shipped by plain Fluent Bit: it was searched by words alone, and the "
                "severity of its lines was read from their text."
            )
        return sorted(best.values(), key=lambda line: line.document.time, reverse=True)

    async def _count(self, filters: Sequence[Clause], templates: Sequence[str]) -> list[Tally]:
        return await self._indices.tally(searches.count_templates(filters, templates)) if templates else []

    async def _list_worst(self, query: LogQuery, filters: Sequence[Clause]) -> list[LogHit]:
        """Without words, the most severe and newest lines; of unknown severity those that sound severe."""
        size = max(MOST_LINES, query.limit)
        found = await asyncio.gather(
            self._indices.find(searches.find_worst(filters, size)),
            self._indices.find(searches.find_alarms(filters, size)),
        )
        return await self._rank(query, filters, list(chain.from_iterable(found)), {})

    async def _find_beside(self, document: LogDocument, size: int, *, earlier: bool) -> list[Found]:
        of_cluster = self._filter(LogQuery(clusters=(document.cluster,) if document.cluster else ()))
        return await self._indices.find(searches.find_beside(document, of_cluster, size + 1 + TIES, earlier))

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None
