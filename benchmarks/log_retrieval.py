"""Whether the line that explains the trouble is found among 200,000 that do not.

``python -m benchmarks.log_retrieval [--lines N] [--embedder wordllama|minilm]``. The questions and their
decisive lines are in ``log_questions.txt``: each was written once, by the program that is at fault, which is
not always the one that is asked about. Bystanders are plain, structured and recorded services in three
namespaces, and many of their lines are errors. Where meaning is compared, the model has to be installed.
"""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

from rich.console import Console
from rich.table import Table

from agents import log_retrieval
from agents.naming import content_words
from benchmarks.corpora import START, Record, take_all_recorded, take_plain, take_structured, wrap
from benchmarks.embedders import EMBEDDERS
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow
from tools.embeddings.embedder import Embedder
from tools.logs.documents import documents_of_records
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import LogDocument, LogQuery, LogStore

QUESTIONS = Path(__file__).with_name("log_questions.txt")
LINES = 200_000
DEPTH = 50
"""A decisive line further down counts as not found."""

Method = Callable[["Question", frozenset[str]], Awaitable[Sequence[str]]]
"""Ids of the lines that a question brings, best first, enough of them to leave others out."""


@dataclass(frozen=True)
class Question:
    """``line`` was written by a Pod of ``speaker``; people ask about ``asked``."""

    asked: str
    speaker: str
    text: str
    line: str


@dataclass(frozen=True)
class Outcome:
    """The rank of the decisive line for each question (0: not among the first), and the seconds it took."""

    ranks: tuple[int, ...]
    seconds: float

    def hit(self, depth: int) -> float:
        """The share of questions whose line is among the first ``depth``."""
        return sum(0 < rank <= depth for rank in self.ranks) / len(self.ranks)

    def reciprocal(self) -> float:
        """The mean reciprocal rank."""
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks)


def load_questions() -> list[Question]:
    """The labelled questions."""
    rows = (row for row in QUESTIONS.read_text(encoding="utf-8").splitlines() if not row.startswith("#"))
    return [Question(*(part.strip() for part in row.split("|", 3))) for row in rows if row.strip()]


def make_documents(questions: Sequence[Question], count: int) -> tuple[list[LogDocument], list[str]]:
    """Bystanders with the decisive lines among them, in time order, and those lines' ids by question."""
    places = Random(5).sample(range(count), len(questions))  # noqa: S311 (no secret)
    decisive = dict(zip(places, questions, strict=True))
    records: list[Record] = []
    for number, record in enumerate(_take_bystanders(count)):
        if asked := decisive.get(number):
            records.append(wrap(number, f"{asked.speaker}-6d5f8b7c9d-x2k4p", asked.line))
        else:
            records.append(record)
    documents = documents_of_records(records)
    by_text = {document.message: document.id for document in documents}
    return documents, [by_text[question.line] for question in questions]


def _take_bystanders(count: int) -> Iterator[Record]:
    """A third from each corpus, in turn; of another corpus, another namespace."""
    corpora = {"shop": take_plain(count), "data": take_structured(count), "legacy": take_all_recorded(count)}
    places = list(corpora)
    for number in range(count):
        place = places[number % len(places)]
        record = next(corpora[place])
        kubernetes = {**record["kubernetes"], "namespace_name": place}
        yield wrap(number, "", "") | {"log": record["log"], "kubernetes": kubernetes}


def search_plainly(documents: Sequence[LogDocument]) -> Method:
    """What anyone gets from SQLite: the whole text of the line, its usual words, BM25."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE lines USING fts5 (text)")
    texts = ((f"{d.pod} {d.container} {d.message}",) for d in documents)
    connection.executemany("INSERT INTO lines (text) VALUES (?)", texts)

    async def ask(question: Question, others: frozenset[str]) -> Sequence[str]:
        words = "".join(c if c.isalnum() else " " for c in question.text).split()
        match = " OR ".join(f'"{word}"' for word in words)
        sql = "SELECT rowid FROM lines WHERE lines MATCH ? ORDER BY bm25(lines) LIMIT ?"
        rows = connection.execute(sql, (match, DEPTH + len(others))).fetchall()
        return [documents[row - 1].id for (row,) in rows]

    return ask


async def compare_lines(documents: Sequence[LogDocument], embedder: Embedder) -> Method:
    """Every line's vector against the question's; lines of the same text share one."""
    import numpy

    texts = list({document.message: None for document in documents})
    vectors = numpy.zeros((len(texts), embedder.dimensions), "float32")
    for start in range(0, len(texts), 2_000):
        part = await embedder.embed(texts[start : start + 2_000])
        vectors[start : start + len(part)] = numpy.asarray(part, "float32")
    places = {text: place for place, text in enumerate(texts)}
    rows = numpy.asarray([places[document.message] for document in documents])

    async def ask(question: Question, others: frozenset[str]) -> Sequence[str]:
        (wanted,) = await embedder.embed([question.text])
        cosines = (vectors @ numpy.asarray(wanted, "float32"))[rows]
        return [documents[row].id for row in numpy.argsort(-cosines, kind="stable")[: DEPTH + len(others)]]

    return ask


def search_store(store: LogStore) -> Method:
    """Our store, asked once, for everything."""

    async def ask(question: Question, others: frozenset[str]) -> Sequence[str]:
        query = LogQuery(text=question.text, limit=DEPTH + len(others))
        return [hit.document.id for hit in await store.search(query)]

    return ask


def run_agent(store: LogStore, window: TimeWindow) -> Method:
    """Our agent, with the scope that ``understand`` gives it: the workload that the question names."""

    async def ask(question: Question, others: frozenset[str]) -> Sequence[str]:
        named = ObjectRef(kind="Deployment", name=question.asked, namespace="shop")
        scope = Scope(
            cluster="bench",
            window=window,
            namespaces=("shop",),
            workloads=(named,),
            words=content_words(question.text),
        )
        queries = log_retrieval.write_queries(question.text, scope)
        found = _leave_out(others, await log_retrieval.search_logs(queries, scope, store))
        lines = log_retrieval.rank_lines(found, scope)
        if further := log_retrieval.follow_trail(lines, scope, queries):
            found = _leave_out(others, await log_retrieval.search_further(further, found, store))
            lines = log_retrieval.rank_lines(found, scope)
        return [line.document.id for line in lines]

    return ask


def _leave_out(others: frozenset[str], found: log_retrieval.Found) -> log_retrieval.Found:
    kept = tuple(document for document in found.documents if document.id not in others)
    return found.model_copy(update={"documents": kept})


async def measure(method: Method, questions: Sequence[Question], wanted: Sequence[str]) -> Outcome:
    """Ask every question as if its line were the only one that explains something.

    The first is asked once before, since stores prepare themselves.
    """
    await method(questions[0], frozenset())
    ranks, begin = [], perf_counter()
    for question, id_ in zip(questions, wanted, strict=True):
        others = frozenset(wanted) - {id_}
        found = [one for one in await method(question, others) if one not in others][:DEPTH]
        ranks.append(found.index(id_) + 1 if id_ in found else 0)
    return Outcome(tuple(ranks), (perf_counter() - begin) / len(questions))


async def measure_all(count: int, embedder: Embedder | None) -> dict[str, Outcome]:
    """All methods over the same lines."""
    questions = load_questions()
    documents, wanted = make_documents(questions, count)
    window = TimeWindow(start=START, end=documents[-1].time)
    words = await asyncio.to_thread(EmbeddedLogStore.open, documents)
    methods = {"plain BM25": search_plainly(documents)}
    if embedder:
        methods["plain k-NN on every line"] = await compare_lines(documents, embedder)
    methods |= {"our store, words": search_store(words), "our agent, words": run_agent(words, window)}
    if embedder:
        both = EmbeddedLogStore.open(documents, embedder)
        methods["our store, words and meaning"] = search_store(both)
        methods["our agent, words and meaning"] = run_agent(both, window)
    return {name: await measure(method, questions, wanted) for name, method in methods.items()}


def tabulate(found: dict[str, Outcome], count: int) -> Table:
    """One row for each method."""
    (first, *_) = found.values()
    title = f"{len(first.ranks)} questions, each with one decisive line in {count:,}"
    table = Table("method", title=title, title_justify="left")
    for heading in ("hit@1", "hit@5", "hit@12", "MRR", "ms a question"):
        table.add_column(heading, justify="right")
    for name, outcome in found.items():
        hits = (f"{outcome.hit(depth):.2f}" for depth in (1, 5, 12))
        table.add_row(name, *hits, f"{outcome.reciprocal():.2f}", f"{outcome.seconds * 1000:.0f}")
    return table


def main() -> int:
    """Measure and print; fail where plain BM25 finds more than we do."""
    parser = argparse.ArgumentParser(description="Look for decisive lines among bystanders.")
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), help="a model that is installed")
    parser.add_argument("--missed", action="store_true", help="list the questions whose line is not found")
    arguments = parser.parse_args()
    embedder = EMBEDDERS[arguments.embedder]() if arguments.embedder else None
    found = asyncio.run(measure_all(arguments.lines, embedder))
    console = Console(width=110)
    console.print(tabulate(found, arguments.lines))
    agent, plain = found["our agent, words"], found["plain BM25"]
    if arguments.missed:
        for question, rank in zip(load_questions(), agent.ranks, strict=True):
            console.print(f"{rank:3} {question.asked}: {question.text} | {question.line[:70]}")
    return int(agent.hit(5) <= plain.hit(5) or agent.reciprocal() <= plain.reciprocal())


if __name__ == "__main__":
    sys.exit(main())
