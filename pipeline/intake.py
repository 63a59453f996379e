"""A plain process's way into the pipeline: it comes back when everything is written."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Sequence

from domain.settings import IngestSettings
from pipeline.delivery import Delivery
from pipeline.process import Pipeline

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
"""Seconds before a batch is tried again: doubled each time, and spread, lest processes beat as one."""

_log = logging.getLogger("kubewhy.ingest")


class Intake:
    """Takes deliveries from any number of sources.

    Whoever submits waits: a source that reads on only afterwards is slowed down to what OpenSearch takes, and
    memory holds no more than what is in flight.
    """

    def __init__(self, pipeline: Pipeline, settings: IngestSettings) -> None:
        """Write with a pipeline. ``counts`` are its counts of all batches so far."""
        self._pipeline = pipeline
        self._size = settings.batch_records
        self._slots = asyncio.Semaphore(settings.in_flight)
        self.counts: Counter[str] = Counter()

    async def submit(self, deliveries: Sequence[Delivery]) -> None:
        """Write them all, or put them aside. Cancel it to give up: what was written stays written."""
        for start in range(0, len(deliveries), self._size):
            async with self._slots:
                await self._write(deliveries[start : start + self._size])

    async def _write(self, batch: Sequence[Delivery]) -> None:
        wait = FIRST_WAIT
        while True:
            report = await self._pipeline.process(batch)
            self.counts.update(report.counts)
            if not report.failed:
                return
            batch = [batch[index] for index in sorted(report.failed)]
            _log.warning("%d records wait %.1f s to be written again: %s", len(batch), wait, report.why)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
            wait = min(wait * 2, LONGEST_WAIT)
