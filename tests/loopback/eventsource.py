"""Lambda's event source mapping for a Kinesis stream, as its documentation describes it.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html: a batch of one
shard; of the failures that the function reports the lowest sequence number is the checkpoint, from which on
everything is delivered again. With bisecting on, a batch whose function raised is halved. What was tried too
often goes to the on-failure destination and the shard goes on.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass
class LambdaContext:
    """What powertools reads of the context."""

    function_name: str = "kubewhy-ingest"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:kubewhy-ingest"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"


@dataclass
class EventSourceMapping:
    """``given_up`` are the sequence numbers that were tried ``attempts`` times."""

    handler: Handler
    batch_size: int = 100
    attempts: int = 10
    invocations: int = 0
    given_up: list[str] = field(default_factory=list)

    def drain(self, kinesis: Any, stream: str) -> None:
        """Deliver everything that is in the stream now, shard by shard."""
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            records = _read(kinesis, stream, shard["ShardId"])
            for start in range(0, len(records), self.batch_size):
                self._deliver(shard["ShardId"], records[start : start + self.batch_size], self.attempts)

    def _deliver(self, shard: str, batch: Sequence[dict[str, Any]], attempts: int) -> None:
        while batch and attempts:
            attempts -= 1
            self.invocations += 1
            try:
                answer = self.handler(
                    {"Records": [_event(shard, record) for record in batch]}, LambdaContext()
                )
            except Exception:
                if len(batch) > 1:
                    half = len(batch) // 2
                    self._deliver(shard, batch[:half], attempts)
                    self._deliver(shard, batch[half:], attempts)
                    return
                continue
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
            numbers = [record["SequenceNumber"] for record in batch]
            if not failed:
                return
            batch = batch[min(numbers.index(number) for number in failed) :]
        self.given_up += [record["SequenceNumber"] for record in batch]


def _read(kinesis: Any, stream: str, shard: str) -> list[dict[str, Any]]:
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    records: list[dict[str, Any]] = []
    while found := (answer := kinesis.get_records(ShardIterator=iterator, Limit=10_000))["Records"]:
        records += found
        iterator = answer["NextShardIterator"]
    return records


def _event(shard: str, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "awsRegion": "eu-central-1",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/kubewhy-ingest",
        "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/logs",
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
    }
