"""The templates of shipped lines: counted by OpenSearch, or mined here where lines carry none."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from tools.logs.embedded import EmbeddedLogStore
from tools.logs.lines import read_line
from tools.logs.opensearch import searches
from tools.logs.opensearch.filters import Clause, passes
from tools.logs.opensearch.index import SearchedIndices, Tally
from tools.logs.store import Level, LogDocument, LogPattern, LogQuery
from tools.logs.templates import find_template

MOST_MINED = 2_000
"""Lines whose templates are mined here: the newest, and the newest that sound severe."""

Filter = Callable[[LogQuery], list[Clause]]


async def find_patterns(indices: SearchedIndices, query: LogQuery, filter_by: Filter) -> list[LogPattern]:
    """The templates of the lines that pass the query's filters, most severe first, then rarest."""
    tallies = await indices.tally(searches.count_templates(filter_by(query)))
    if not tallies:
        return await _mine(indices, query, filter_by(query))
    tallies.sort(key=lambda tally: (-tally.severity, tally.count, tally.first))
    chosen = tallies[: query.limit]
    samples, new = await asyncio.gather(
        _find_samples(indices, chosen, filter_by(query)), _find_new(indices, chosen, query, filter_by)
    )
    return [
        LogPattern(
            template=find_template(read_line(samples[tally.template].message).text),
            count=tally.count,
            first_seen=tally.first,
            last_seen=tally.last,
            level=Level(tally.severity),
            new=tally.template in new,
            sample=samples[tally.template],
        )
        for tally in chosen
        if tally.template in samples
    ]


async def _find_samples(
    indices: SearchedIndices, tallies: Sequence[Tally], filters: Sequence[Clause]
) -> dict[str, LogDocument]:
    names = [tally.template for tally in tallies]
    found = await indices.find(searches.sample_templates(names, filters))
    return {line.document.template_id: line.document for line in found}


async def _find_new(
    indices: SearchedIndices, tallies: Sequence[Tally], query: LogQuery, filter_by: Filter
) -> set[str]:
    """Those that no line had before the window began, while there are older lines."""
    if query.window is None:
        return set()
    ever = filter_by(query.model_copy(update={"window": None}))
    beginning, spans = await asyncio.gather(
        _find_beginning(indices, ever),
        indices.tally(searches.count_templates(ever, [tally.template for tally in tallies])),
    )
    if beginning is None or beginning >= query.window.start:
        return set()
    return {span.template for span in spans if span.first >= query.window.start}


async def _find_beginning(indices: SearchedIndices, filters: Sequence[Clause]) -> datetime | None:
    """When the oldest line was written."""
    oldest = await indices.find(searches.find_oldest(filters))
    return oldest[0].document.time if oldest else None


async def _mine(indices: SearchedIndices, query: LogQuery, filters: Sequence[Clause]) -> list[LogPattern]:
    found = await asyncio.gather(
        indices.find(searches.find_worst(filters, MOST_MINED)),
        indices.find(searches.find_alarms(filters, MOST_MINED)),
    )
    lines = [line.document for lines in found for line in lines if passes(line.document, query)]
    store = await asyncio.to_thread(EmbeddedLogStore.open, lines)
    try:
        return await store.patterns(query.model_copy(update={"clusters": (), "window": None}))
    finally:
        await store.close()
