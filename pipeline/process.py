"""One batch, from deliveries to documents. What follows from a failure is decided here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.errors import DeadLettersUnavailable
from pipeline.dead_letters import DeadLetters
from pipeline.decode import decode
from pipeline.delivery import BatchReport, Delivery, Poison
from pipeline.documents import Draft, build_draft
from pipeline.entry import Entry
from pipeline.multiline import Joined, join_lines
from pipeline.records import Context, read_record
from pipeline.sink import DocumentSink, Write, WriteResult
from pipeline.vectors import Vectors
from tools.embeddings.embedder import Vector


@dataclass(frozen=True)
class _Unit:
    """What is written as one, with the deliveries it came in."""

    draft: Draft
    sources: frozenset[int]


class Pipeline:
    """Takes batches. It keeps nothing of one but the vectors of templates.

    A batch may be repeated as often as one likes, whole or from any of the failed deliveries on: a document's
    id comes from its line, and what is there already is left alone.
    """

    def __init__(
        self, sink: DocumentSink, dead_letters: DeadLetters, vectors: Vectors | None = None, cluster: str = ""
    ) -> None:
        """Write to a sink. ``cluster`` names the cluster of records that do not name their own."""
        self._sink = sink
        self._dead_letters = dead_letters
        self._vectors = vectors
        self._cluster = cluster

    async def process(self, deliveries: Sequence[Delivery]) -> BatchReport:
        """Write what is good, put aside what is not, and say what has to be delivered again."""
        counts: Counter[str] = Counter(Deliveries=len(deliveries))
        entries, poisons = self._read(deliveries, counts)
        units, strays = _build(join_lines(entries), deliveries)
        poisons += strays
        results = await self._write(units, counts)
        poisons += [
            _refuse(unit, result, deliveries) for unit, result in _only(Write.REFUSED, units, results)
        ]
        busy = _only(Write.BUSY, units, results)
        failed = {source for unit, _ in busy for source in unit.sources}
        why = busy[0][1].reason if busy else ""
        if poisons and (reason := await self._put_aside(poisons, counts)):
            failed |= {poison.source for poison in poisons}
            why = why or reason
        failed = complete(failed, [unit.sources for unit in units])
        counts["DeliveriesFailed"] += len(failed)
        return BatchReport(frozenset(failed), why, counts)

    def _read(self, deliveries: Sequence[Delivery], counts: Counter[str]) -> tuple[list[Entry], list[Poison]]:
        entries: list[Entry] = []
        poisons: list[Poison] = []
        for index, delivery in enumerate(deliveries):
            try:
                records = [delivery.data] if isinstance(delivery.data, Mapping) else decode(delivery.data)
            except ValueError as error:
                reason = f"It cannot be decoded: {error}."
                poisons.append(Poison(index, delivery.position, delivery.data, reason))
                continue
            counts["Records"] += len(records)
            for number, record in enumerate(records):
                position = f"{delivery.position}#{number}"
                context = Context(self._cluster, position, delivery.arrived, index, len(entries))
                entry = _read_entry(record, context)
                if isinstance(entry, Entry):
                    entries.append(entry)
                elif entry is None:
                    counts["BlankLines"] += 1
                else:
                    poisons.append(entry)
        return entries, poisons

    async def _write(self, units: Sequence[_Unit], counts: Counter[str]) -> list[WriteResult]:
        if not units:
            return []
        vectors: dict[str, Vector] = {}
        if self._vectors:
            templates = {unit.draft.document.template_id: unit.draft.template for unit in units}
            vectors = await self._vectors.resolve(templates, counts)
            counts["DocumentsWithoutVector"] += sum(
                unit.draft.document.template_id not in vectors for unit in units
            )
        carried = vectors if self._vectors and self._vectors.on_lines else {}
        documents = [(unit.draft.document, carried.get(unit.draft.document.template_id)) for unit in units]
        results = await self._sink.write(documents)
        counts.update(f"Documents{result.outcome.value.capitalize()}" for result in results)
        return results

    async def _put_aside(self, poisons: Sequence[Poison], counts: Counter[str]) -> str:
        """Send the dead letters; why not, if they could not be sent."""
        try:
            await self._dead_letters.send(poisons)
        except DeadLettersUnavailable as error:
            counts["DeadLetterErrors"] += 1
            return str(error)
        counts["DeadLetters"] += len(poisons)
        return ""


def complete(failed: set[int], groups: Sequence[frozenset[int]]) -> set[int]:
    """Add what has to come again together with what failed.

    A stream delivers again from the first failed record on. A trace whose first lines came before that and
    whose last lines come after it would lose its head: its deliveries fail too, back to the first of them.
    """
    if not failed:
        return failed
    first = min(failed)
    while cut := [group for group in groups if min(group) < first <= max(group)]:
        failed = failed.union(*cut)
        first = min(failed)
    return failed


def _read_entry(record: Mapping[str, Any], context: Context) -> Entry | Poison | None:
    try:
        return read_record(record, context)
    except Exception as error:  # whatever one record does to us, the others of its batch do not suffer for it
        reason = f"It cannot be read ({type(error).__name__}): {error}."
        return Poison(context.source, context.position, record, reason)


def _build(joined: Sequence[Joined], deliveries: Sequence[Delivery]) -> tuple[list[_Unit], list[Poison]]:
    units, poisons = [], []
    for one in joined:
        try:
            units.append(_Unit(build_draft(one.entry), one.sources))
        except Exception as error:  # as above
            reason = f"It cannot be made a document ({type(error).__name__}): {error}."
            for source in sorted(one.sources):
                poisons.append(Poison(source, deliveries[source].position, deliveries[source].data, reason))
    return units, poisons


def _only(
    outcome: Write, units: Sequence[_Unit], results: Sequence[WriteResult]
) -> list[tuple[_Unit, WriteResult]]:
    return [pair for pair in zip(units, results, strict=True) if pair[1].outcome is outcome]


def _refuse(unit: _Unit, result: WriteResult, deliveries: Sequence[Delivery]) -> Poison:
    source, document = min(unit.sources), unit.draft.document
    data = orjson.dumps(document.model_dump(mode="json"))
    return Poison(source, f"{deliveries[source].position}#{document.id}", data, result.reason)
