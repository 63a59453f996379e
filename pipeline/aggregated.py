"""Records that the Kinesis Producer Library (and ``aggregation`` of the Go plugin) packed into one.

The form is that of github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md: four magic
bytes, a protobuf message, and the MD5 of the message. The library ``aws-kinesis-agg`` reads it too, but
prints errors and passes broken records on as whole ones.
"""

from functools import lru_cache
from hashlib import md5
from typing import Any

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST = 16
_MESSAGES = {
    "Record": (
        ("partition_key_index", 1, "uint64"),
        ("explicit_hash_key_index", 2, "uint64"),
        ("data", 3, "bytes"),
    ),
    "AggregatedRecord": (
        ("partition_key_table", 1, "[string]"),
        ("explicit_hash_key_table", 2, "[string]"),
        ("records", 3, "[Record]"),
    ),
}


def is_aggregated(data: bytes) -> bool:
    """Whether these bytes hold several records; a wrong digest means that they only look alike."""
    return data.startswith(MAGIC) and md5(data[4:-_DIGEST], usedforsecurity=False).digest() == data[-_DIGEST:]


def split_aggregated(data: bytes) -> list[bytes]:
    """The records in an aggregated one.

    Raises:
        ValueError: the message cannot be parsed.
    """
    from google.protobuf.message import DecodeError

    message = _message_class()()
    try:
        message.ParseFromString(data[4:-_DIGEST])
    except DecodeError as error:
        raise ValueError(f"an aggregated record cannot be parsed: {error}") from error
    return [record.data for record in message.records]


@lru_cache(maxsize=1)
def _message_class() -> Any:
    """Built when first needed: most streams are not aggregated, and protobuf takes time to import."""
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    kinds = {
        "uint64": FieldDescriptorProto.TYPE_UINT64,
        "bytes": FieldDescriptorProto.TYPE_BYTES,
        "string": FieldDescriptorProto.TYPE_STRING,
        "Record": FieldDescriptorProto.TYPE_MESSAGE,
    }
    file = FileDescriptorProto(name="kinesis_aggregation.proto", package="kinesis", syntax="proto2")
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, number, kind in fields:
            bare = kind.strip("[]")
            label = (
                FieldDescriptorProto.LABEL_REPEATED if kind != bare else FieldDescriptorProto.LABEL_OPTIONAL
            )
            added = described.field.add(name=name, number=number, type=kinds[bare], label=label)
            if bare in _MESSAGES:
                added.type_name = f".kinesis.{bare}"
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("kinesis.AggregatedRecord"))
