"""How many texts are embedded for 10,000 records by a process that knows nothing yet. Goal: 1 in 100.

Run it with ``make bench``. What is counted does not depend on the model: each is asked for the same texts.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import CORPORA, EXTREMES, START
from pipeline.delivery import Delivery, Poison
from pipeline.process import Pipeline
from pipeline.sink import Write, WriteResult
from pipeline.vectors import Vectors
from tools.embeddings.embedder import Vector
from tools.logs.store import LogDocument

RECORDS = 10_000
BATCH = 100
GOAL = 0.01


class Counting:
    """A model, an index and a sink that only count."""

    name = "counting"
    dimensions = 2

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.texts = 0
        self.templates: set[str] = set()

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """The same vector for every text."""
        self.texts += len(texts)
        return [(1.0, 0.0)] * len(texts)

    async def fetch(self, ids: Sequence[str], embedder: str) -> Mapping[str, Vector]:
        """Nothing: the index is empty."""
        return {}

    async def save(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Forget them: this process remembers."""

    async def write(self, documents: Sequence[tuple[LogDocument, Vector | None]]) -> list[WriteResult]:
        """Take everything."""
        self.templates |= {document.template_id for document, _ in documents}
        return [WriteResult(Write.WRITTEN)] * len(documents)

    async def send(self, poisons: Sequence[Poison]) -> None:
        """No record of a corpus is bad."""
        raise AssertionError(poisons[0].reason)


async def measure(corpus: str) -> tuple[Counting, Counter[str]]:
    """Send a corpus through the pipeline in Lambda's batches."""
    counting = Counting()
    pipeline = Pipeline(counting, counting, Vectors(counting, counting))
    packed = [orjson.dumps(record) for record in (CORPORA | EXTREMES)[corpus](RECORDS)]
    deliveries = [Delivery(f"s:{number}", data, START) for number, data in enumerate(packed)]
    counts: Counter[str] = Counter()
    for start in range(0, RECORDS, BATCH):
        counts += (await pipeline.process(deliveries[start : start + BATCH])).counts
    return counting, counts


def main() -> int:
    """Measure, print, and fail if a corpus misses the goal."""
    table = Table("corpus", title=f"Embedding calls for {RECORDS:,} records", title_justify="left")
    for heading in ("documents", "templates", "embedded", "of records"):
        table.add_column(heading, justify="right")
    shares = {}
    for corpus in CORPORA | EXTREMES:
        counting, counts = asyncio.run(measure(corpus))
        shares[corpus] = counting.texts / RECORDS
        numbers = (counts["DocumentsWritten"], len(counting.templates), counting.texts)
        table.add_row(corpus, *(f"{number:,}" for number in numbers), f"{shares[corpus]:.2%}")
    Console(width=100).print(table)
    missed = [corpus for corpus in CORPORA if shares[corpus] > GOAL]
    print(f"Goal: at most {GOAL:.0%}. Over it: {', '.join(missed) or 'none'}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
