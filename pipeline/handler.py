"""The Lambda function on a Kinesis stream: ``pipeline.handler.handler``.

Its event source mapping needs ``ReportBatchItemFailures``; with ``BisectBatchOnFunctionError``,
``MaximumRetryAttempts`` and an on-failure destination a batch that OpenSearch does not take for very long
ends there. It answers with the records to deliver again; Kinesis goes back to the first of them, and what
follows it is found already written.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    EventType,
    async_process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from domain.errors import DeliveryFailed
from domain.settings import load_settings
from pipeline.assemble import open_pipeline
from pipeline.delivery import Delivery
from pipeline.process import Pipeline

SERVICE = "kubewhy-ingest"
NAMESPACE = "Kubewhy"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
processor = AsyncBatchProcessor(EventType.KinesisDataStreams, raise_on_entire_batch_failure=False)


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the log records of an event; the answer lists those to deliver again (``batchItemFailures``)."""
    batch = _Batch(event["Records"])
    answer = async_process_partial_response(
        event=event, record_handler=batch.settle, processor=processor, context=context
    )
    return cast(dict[str, Any], answer)


class _Batch:
    """One event. powertools asks for each record by itself; all of them wait for the one batch."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        self._records = [KinesisStreamRecord(record) for record in records]
        self._work: asyncio.Task[dict[str, str]] | None = None

    async def settle(self, record: KinesisStreamRecord) -> None:
        """Come back when the record is written or put aside.

        Raises:
            DeliveryFailed: it has to be delivered again.
        """
        if self._work is None:
            self._work = asyncio.create_task(self._process())
        failed = await self._work
        if record.kinesis.sequence_number in failed:
            raise DeliveryFailed(failed[record.kinesis.sequence_number])

    async def _process(self) -> dict[str, str]:
        """Sequence numbers of the records to deliver again, with the reason."""
        pipeline = await warm.open()
        report = await pipeline.process([_deliver(record) for record in self._records])
        for name, count in report.counts.items():
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
        if report.failed:
            logger.warning("records are to be delivered again", count=len(report.failed), reason=report.why)
        return {self._records[index].kinesis.sequence_number: report.why for index in report.failed}


class Warm:
    """The pipeline of this container, kept between events for as long as their event loop is the same."""

    def __init__(self) -> None:
        """Nothing is opened before the first event."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stack = AsyncExitStack()
        self._pipeline: Pipeline | None = None

    async def open(self) -> Pipeline:
        """The pipeline; made anew for another loop, since connections belong to one."""
        loop = asyncio.get_running_loop()
        if self._pipeline is None or self._loop is not loop:
            self._stack = AsyncExitStack()
            self._pipeline = await self._stack.enter_async_context(open_pipeline(load_settings()))
            self._loop = loop
        return self._pipeline

    async def close(self) -> None:
        """End its connections, where another than Lambda runs the handler. It opens again when needed."""
        self._pipeline = None
        await self._stack.aclose()


warm = Warm()


def _deliver(record: KinesisStreamRecord) -> Delivery:
    kinesis = record.kinesis
    arrived = datetime.fromtimestamp(kinesis.approximate_arrival_timestamp, UTC)
    try:
        data = kinesis.data_as_bytes()
    except ValueError:
        data = kinesis.data.encode()
    return Delivery(record.event_id, data, arrived)
