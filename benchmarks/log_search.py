"""How long the log stores take to search 200,000 and 1,000,000 lines.

``python -m benchmarks.log_search [LINES ...]``; OpenSearch is put together and started as for the live tests.
The lines are of 200 services with forty kinds of lines each, over six hours; one in a hundred is an error.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from statistics import quantiles
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from domain.scope import TimeWindow
from domain.settings import OpenSearchSettings
from tests.live.opensearch.server import OpenSearch, assemble, make_folder
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.opensearch.client import OpenSearchClient, connect
from tools.logs.opensearch.documents import encode
from tools.logs.opensearch.naming import IndexPattern, index_name
from tools.logs.opensearch.schema import prepare
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import Level, LogDocument, LogQuery, LogStore

SIZES = (200_000, 1_000_000)
BEGIN = datetime(2026, 11, 24, 8, tzinfo=UTC)
SPAN = timedelta(hours=6)
SERVICES, KINDS, REPLICAS, NAMESPACES = 200, 40, 3, 20
BATCH = 2_000
NOUNS = (
    "payment",
    "order",
    "invoice",
    "cart",
    "session",
    "token",
    "cache",
    "queue",
    "ledger",
    "quote",
    "label",
)
VERBS = (
    "created",
    "loaded",
    "sent",
    "stored",
    "refreshed",
    "served",
    "checked",
    "merged",
    "queued",
    "expired",
)
FAILURES = (
    "connect to {host}:5432: connection refused",
    "timeout after {n}ms waiting for {noun} from {host}",
    "open /etc/app/{noun}-config.yaml: no such file or directory",
    "java.lang.IllegalStateException: {noun} pool exhausted",
)


@dataclass
class Timings:
    """Seconds of filling a store, and of each call by what was asked."""

    filling: float
    calls: dict[str, list[float]] = field(default_factory=dict)


def generate(count: int, random: Random) -> Iterator[LogDocument]:
    """Lines in time order, the same for the same seed."""
    some = random.choice
    kinds = [
        f"{some(NOUNS)} {{n}} {some(VERBS)} for {some(NOUNS)} by step {chr(97 + kind % 26)}"
        for kind in range(KINDS * 5)
    ]
    for number in range(count):
        service = random.randrange(SERVICES)
        values = {"n": random.randrange(10_000), "noun": random.choice(NOUNS), "host": f"svc-{service % 50}"}
        failed = random.random() < 0.01
        form = (
            random.choice(FAILURES) if failed else kinds[(service * 7 + random.randrange(KINDS)) % len(kinds)]
        )
        level = Level.ERROR if failed else Level.INFO
        yield LogDocument(
            id=f"{number:x}",
            time=BEGIN + SPAN * number / count,
            message=f"{level.name} {form.format(**values)}",
            level=level,
            namespace=f"team-{service % NAMESPACES}",
            pod=f"svc-{service}-{service * 7919 % 99991:x}-{random.randrange(REPLICAS)}",
            container=f"svc-{service}",
            service=f"svc-{service % 20}",
            cluster="prod",
        )


def write_calls(store: LogStore, random: Random) -> dict[str, Callable[[], Awaitable[object]]]:
    """One call of each kind, different each time."""
    noun, other = random.choice(NOUNS), random.choice(NOUNS)
    start = BEGIN + SPAN * random.random() * 0.9
    hour = TimeWindow(start=start, end=start + timedelta(hours=1))
    scope: dict[str, Any] = {"namespaces": (f"team-{random.randrange(NAMESPACES)}",), "window": hour}
    wide = LogQuery(text=f"why does the {noun} service fail to reach the {other} connection")
    scoped = wide.model_copy(update=scope)

    async def around() -> object:
        (hit, *_) = await store.search(LogQuery(limit=1, **scope))
        begin = perf_counter()
        await store.around(hit.document, 5, 5)
        return perf_counter() - begin

    return {
        "search everything": lambda: store.search(wide),
        "search a namespace's hour": lambda: store.search(scoped),
        "errors of a namespace's hour": lambda: store.search(LogQuery(min_level=Level.ERROR, **scope)),
        "around": around,
        "patterns of a namespace's hour": lambda: store.patterns(LogQuery(**scope)),
        "histogram of everything": lambda: store.histogram(LogQuery(), timedelta(minutes=5)),
    }


async def measure(store: LogStore, filling: float, rounds: int) -> Timings:
    """Ask everything ``rounds`` times, after two rounds that do not count."""
    timings, random = Timings(filling), Random(7)  # noqa: S311
    for number in range(rounds + 2):
        for name, call in write_calls(store, random).items():
            begin = perf_counter()
            inner = await call()
            took = inner if isinstance(inner, float) else perf_counter() - begin
            if number >= 2:
                timings.calls.setdefault(name, []).append(took)
    return timings


async def measure_embedded(count: int, rounds: int) -> Timings:
    """The store in memory; its templates are mined by the first rounds."""
    documents = list(generate(count, Random(1)))  # noqa: S311
    begin = perf_counter()
    store = await asyncio.to_thread(EmbeddedLogStore.open, documents)
    timings = await measure(store, perf_counter() - begin, rounds)
    await store.close()
    return timings


async def measure_opensearch(server: OpenSearch, count: int, rounds: int) -> Timings:
    """A real OpenSearch on one node of 1 GB, without replicas."""
    settings = OpenSearchSettings(
        url=server.url, prefix=f"n{count}-", alias=f"all-{count}", replicas=0, timeout_seconds=120
    )
    client = connect(settings)
    await prepare(client, settings)
    begin = perf_counter()
    await fill(client, IndexPattern.of(settings), generate(count, Random(1)))  # noqa: S311
    await client.ask("POST", f"/{settings.alias}/_refresh")
    store = OpenSearchLogStore(client, settings, cluster="prod")
    timings = await measure(store, perf_counter() - begin, rounds)
    await store.close()
    return timings


async def fill(client: OpenSearchClient, pattern: IndexPattern, documents: Iterator[LogDocument]) -> None:
    """Write in bulks, one after the other."""
    while batch := list(islice(documents, BATCH)):
        rows: list[dict[str, Any]] = []
        for document in batch:
            rows += [
                {"create": {"_index": index_name(document, pattern), "_id": document.id}},
                encode(document),
            ]
        await client.ask("POST", "/_bulk", rows)


def tabulate(found: dict[tuple[str, int], Timings]) -> Table:
    """One row for each call, store and size."""
    table = Table("call", "store", title="Searching logs, in milliseconds", title_justify="left")
    for heading in ("lines", "p50", "p95"):
        table.add_column(heading, justify="right")
    for call in next(iter(found.values())).calls:
        for (store, count), timings in found.items():
            cuts = quantiles(timings.calls[call], n=20)
            table.add_row(call, store, f"{count:,}", f"{cuts[9] * 1000:.1f}", f"{cuts[18] * 1000:.1f}")
        table.add_section()
    for (store, count), timings in found.items():
        table.add_row("filling it, in seconds", store, f"{count:,}", f"{timings.filling:.0f}", "")
    return table


async def measure_all(sizes: Sequence[int], rounds: int) -> dict[tuple[str, int], Timings]:
    """Both stores at every size; OpenSearch is started for it and removed again."""
    found: dict[tuple[str, int], Timings] = {}
    for count in sizes:
        found["embedded", count] = await measure_embedded(count, rounds)
    server = await asyncio.to_thread(lambda: OpenSearch(assemble(), make_folder()))
    try:
        await asyncio.to_thread(server.start)
        for count in sizes:
            found["OpenSearch", count] = await measure_opensearch(server, count, rounds)
    finally:
        await asyncio.to_thread(server.remove)
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time searches of generated log lines in both stores.")
    parser.add_argument("lines", nargs="*", type=int, default=SIZES, help="how many lines")
    parser.add_argument("--rounds", type=int, default=40, help="how often everything is asked")
    arguments = parser.parse_args()
    found = asyncio.run(measure_all(arguments.lines, arguments.rounds))
    Console(width=110).print(tabulate(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
