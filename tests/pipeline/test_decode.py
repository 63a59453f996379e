"""What a stream record may hold, with the library that the Kinesis Producer Library's users pack with."""

import gzip
import zlib

import orjson
import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decode import MAX_BYTES, decode

ONE, TWO = {"log": "a"}, {"log": "b"}


def aggregate(*parts: bytes) -> bytes:
    aggregator = RecordAggregator()
    for part in parts:
        aggregator.add_user_record("key", part)
    _, _, data = aggregator.clear_and_get().get_contents()
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b'[{"log":"a"},{"log":"b"}]',
        b'{"log":"a"}\n{"log":"b"}\n',
        b'{"log":"a"}{"log":"b"}',
        b'{"log":"a"}, {"log":"b"}',
        b'[{"log":"a"}]\n[{"log":"b"}]',
        gzip.compress(b'{"log":"a"}\n{"log":"b"}'),
        gzip.compress(b'{"log":"a"}\n') + gzip.compress(b'{"log":"b"}'),
        zlib.compress(b'[{"log":"a"},{"log":"b"}]'),
        aggregate(b'{"log":"a"}', b'{"log":"b"}'),
        aggregate(gzip.compress(b'{"log":"a"}'), b'{"log":"b"}'),
        gzip.compress(aggregate(b'{"log":"a"}', b'{"log":"b"}')),
    ],
)
def test_two_records_in_any_packing(data: bytes) -> None:
    assert decode(data) == [ONE, TWO]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"plain words", "not JSON"),
        (b'{"log":"a"', "not JSON"),
        (b'{"log":"a"}\n{"log":', "not JSON"),
        (b'"a"', "type str"),
        (b'[{"log":"a"}, 2]', "type int"),
        (b"\xff\xfe", "not JSON"),
        (gzip.compress(b"{}")[:-6], "too early"),
        (b"\x1f\x8b\x08\x00nonsense", "decompressed"),
        (gzip.compress(b" " * (MAX_BYTES + 1)), "more than"),
        (aggregate(b'{"log":"a"}')[:-1] + b"\0", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_cannot_be_used_is_said(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        decode(data)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 200 * 2**20, compresslevel=9)
    with pytest.raises(ValueError, match="more than"):
        decode(bomb)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x1f\x8b\x08", b"\x78\x9c", b"\xf3\x89\x9a\xc2", b'{"log":']),
)
def test_any_bytes_are_records_or_one_complaint(data: bytes, head: bytes) -> None:
    try:
        records = decode(head + data)
    except ValueError as error:
        assert str(error)
    else:
        assert all(isinstance(record, dict) for record in records)
        assert decode(b"\n".join(map(orjson.dumps, records))) == records if records else True
