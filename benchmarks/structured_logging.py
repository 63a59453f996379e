"""What structured lines change for a search: the rank of the decisive line, as words and in fields.

Forty failures, each alone among 2,000 lines of bystanders, and asked for by what a person would say. The
store is the embedded one, which ranks by words. Run it with ``make bench``.
"""

import asyncio
import sys
from collections.abc import Sequence
from random import Random

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import SERVICES, START, Record, take_plain, take_structured, wrap
from pipeline.documents import build_draft
from pipeline.multiline import join_lines
from pipeline.records import Context, read_record
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import LogQuery

BYSTANDERS = 2_000
FAILURES = 40
DEPTH = 20

_FAULTS = (
    (
        "cannot open session store",
        "dial tcp: lookup {other}-cache: no such host",
        "why are sessions of {service} lost",
    ),
    ("giving up on upstream", "{other}: certificate has expired", "{service} does not trust {other}"),
    ("request aborted", "{other} answered 503", "{service} gets errors from {other}"),
    ("falling back to stale data", "read {other}: i/o timeout", "{service} shows old data"),
    ("cannot write export", "/data/{other}: no space left on device", "exports of {service} are missing"),
)
"""What the program was about to do, the error that it got, and the question."""


def make_failures(structured: bool) -> list[tuple[Record, str]]:
    """The decisive records, each with its question."""
    random = Random(4)  # noqa: S311 (no secret)
    found = []
    for number in range(FAILURES):
        service, other = random.sample(SERVICES, 2)
        doing, error, question = (
            text.format(service=service, other=other) for text in random.choice(_FAULTS)
        )
        line = {"level": "error", "msg": doing, "error": error, "logger": service}
        text = orjson.dumps(line).decode() if structured else f"{service} {doing} ({error})"
        record = wrap(BYSTANDERS * (number + 1) // FAILURES, f"{service}-6d5f8b7c9d-zz{number:03d}", text)
        found.append((record, question))
    return found


def open_store(records: Sequence[Record]) -> EmbeddedLogStore:
    """The records as the pipeline makes them."""
    contexts = (Context("c", f"s:{n}", START, n, n) for n in range(len(records)))
    entries = (read_record(record, context) for record, context in zip(records, contexts, strict=False))
    joined = join_lines(entry for entry in entries if entry)
    return EmbeddedLogStore.open([build_draft(one.entry).document for one in joined])


async def rank_all(structured: bool) -> list[int]:
    """Where each decisive line stands in the answer; 0 where it is not among the first ``DEPTH``."""
    bystanders = list((take_structured if structured else take_plain)(BYSTANDERS))
    return [await _rank(bystanders, record, question) for record, question in make_failures(structured)]


async def _rank(bystanders: Sequence[Record], record: Record, question: str) -> int:
    store = open_store([*bystanders, record])
    hits = await store.search(LogQuery(text=question, limit=DEPTH))
    await store.close()
    pods = [hit.document.pod for hit in hits]
    pod = record["kubernetes"]["pod_name"]
    return pods.index(pod) + 1 if pod in pods else 0


def main() -> int:
    """Measure, and print."""
    table = Table(
        "lines", title=f"{FAILURES} decisive lines, each among {BYSTANDERS:,}", title_justify="left"
    )
    for heading in ("hit@1", "hit@5", "MRR"):
        table.add_column(heading, justify="right")
    for name, structured in (("as words", False), ("in fields", True)):
        ranks = asyncio.run(rank_all(structured))
        first, five = (sum(0 < rank <= most for rank in ranks) / FAILURES for most in (1, 5))
        mean = sum(1 / rank for rank in ranks if rank) / FAILURES
        table.add_row(name, f"{first:.0%}", f"{five:.0%}", f"{mean:.2f}")
    Console(width=100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
