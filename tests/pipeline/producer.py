"""What Fluent Bit's Kinesis outputs put into a stream."""

import gzip
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import orjson
from aws_kinesis_agg.aggregator import RecordAggregator

PUT = 500
"""Records of one PutRecords."""


def put(kinesis: Any, stream: str, packed: Sequence[bytes], seed: int = 1) -> None:
    """Put records under random partition keys, as the plugin written in C does."""
    random = Random(seed)  # noqa: S311 (no secret)
    for start in range(0, len(packed), PUT):
        records = [
            {"Data": data, "PartitionKey": f"{random.getrandbits(64):x}"}
            for data in packed[start : start + PUT]
        ]
        assert kinesis.put_records(StreamName=stream, Records=records)["FailedRecordCount"] == 0


def pack(records: Sequence[dict[str, Any]], form: str) -> list[bytes]:
    """One record each with a line break (the plugin's default), gzipped, several glued, or aggregated."""
    lines = [orjson.dumps(record) + b"\n" for record in records]
    if form == "plain":
        return lines
    if form == "gzip":
        return [gzip.compress(line) for line in lines]
    groups = list(_groups(lines, 7))
    return (
        [b"".join(group) for group in groups] if form == "glued" else [_aggregate(group) for group in groups]
    )


def _groups(lines: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))


def _aggregate(lines: Sequence[bytes]) -> bytes:
    aggregator = RecordAggregator()
    for line in lines:
        aggregator.add_user_record("key", line)
    return bytes(aggregator.clear_and_get().get_contents()[2])
