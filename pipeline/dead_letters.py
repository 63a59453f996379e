"""Where records go that cannot be used: each with the reason, none twice for the same reader.

A letter's id is the same at every repetition. It is redacted like a log line, and bounded: the whole record
is still in the stream, at ``position``, for as long as the stream keeps it.
"""

import asyncio
import json
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2s
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from domain.errors import DeadLettersUnavailable, MalformedSettings
from pipeline.delivery import Poison
from tools.aws import call, create_client
from tools.redaction import redact

MAX_RECORD = 100_000
"""Characters kept of a record; an SQS message takes 256 KiB."""

MAX_REASON = 2_000

_SQS_BATCH = 10

Letter = dict[str, str]


class DeadLetters(Protocol):
    """Takes what cannot be used."""

    async def send(self, poisons: Sequence[Poison]) -> None:
        """Keep them all.

        Raises:
            DeadLettersUnavailable: not all were kept; sending them again does no harm.
        """
        ...


def write_letter(poison: Poison) -> Letter:
    """What is kept of a record: id, position, reason, the record as text or in base64, and the moment."""
    record = _show(poison.data)
    content = f"{poison.position}\0{record}".encode("utf-8", "replace")
    return {
        "id": blake2s(content, digest_size=16).hexdigest(),
        "position": poison.position,
        "reason": redact(poison.reason)[:MAX_REASON],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        **record,
    }


def _show(data: bytes | Mapping[str, Any]) -> Letter:
    if isinstance(data, Mapping):
        return {"record": redact(json.dumps(data, default=str)[:MAX_RECORD])}
    try:
        return {"record": redact(data.decode()[:MAX_RECORD])}
    except UnicodeDecodeError:
        return {"record_base64": b64encode(data[: MAX_RECORD * 3 // 4]).decode()}


def open_dead_letters(target: str, region: str, endpoint_url: str | None = None) -> DeadLetters:
    """The place that a setting names: an SQS queue's URL, ``s3://bucket/prefix``, or a file.

    Raises:
        MalformedSettings: it names none of them.
    """
    parts = urlsplit(target)
    if parts.scheme in ("http", "https"):
        return QueueDeadLetters(target, region, endpoint_url)
    if parts.scheme == "s3" and parts.netloc:
        return BucketDeadLetters(parts.netloc, parts.path.strip("/"), region, endpoint_url)
    if not target or "://" in target or target.startswith("arn:"):
        raise MalformedSettings(
            f"Setting ingest.dead_letters is {target!r}: name the URL of an SQS queue, s3://bucket/prefix "
            "or a file."
        )
    return FileDeadLetters(Path(target))


class FileDeadLetters:
    """A file, one letter a line, on the disk before it is called kept."""

    def __init__(self, path: Path) -> None:
        """Append to a file; its folder is made when the first letter comes."""
        self._path = path
        self._lock = asyncio.Lock()

    async def send(self, poisons: Sequence[Poison]) -> None:
        """See ``DeadLetters``."""
        lines = b"".join(orjson.dumps(write_letter(poison)) + b"\n" for poison in poisons)
        async with self._lock:
            try:
                await asyncio.to_thread(self._append, lines)
            except OSError as error:
                raise DeadLettersUnavailable(f"{self._path} cannot be written: {error.strerror}.") from error

    def _append(self, lines: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


class QueueDeadLetters:
    """An SQS queue. A FIFO queue (its name ends in ``.fifo``) drops repetitions by the letter's id."""

    def __init__(self, url: str, region: str, endpoint_url: str | None) -> None:
        """Name the queue; the client is made when the first letter comes."""
        self._url = url
        self._place = (region, endpoint_url)

    async def send(self, poisons: Sequence[Poison]) -> None:
        """See ``DeadLetters``."""
        entries = [self._entry(number, write_letter(poison)) for number, poison in enumerate(poisons)]
        for start in range(0, len(entries), _SQS_BATCH):
            await call(DeadLettersUnavailable, "SQS", self._send_some, entries[start : start + _SQS_BATCH])

    def _send_some(self, entries: Sequence[Mapping[str, str]]) -> None:
        client = create_client("sqs", *self._place)
        if sum(len(entry["MessageBody"]) for entry in entries) > MAX_RECORD:
            answers = [client.send_message_batch(QueueUrl=self._url, Entries=[entry]) for entry in entries]
        else:
            answers = [client.send_message_batch(QueueUrl=self._url, Entries=list(entries))]
        failed = [failure for answer in answers for failure in answer.get("Failed", [])]
        if failed:
            raise DeadLettersUnavailable(f"SQS refused {len(failed)} letters: {failed[0].get('Message')}")

    def _entry(self, number: int, letter: Letter) -> dict[str, str]:
        entry = {"Id": str(number), "MessageBody": orjson.dumps(letter).decode()}
        if self._url.endswith(".fifo"):
            entry |= {"MessageGroupId": "kubewhy", "MessageDeduplicationId": letter["id"]}
        return entry


class BucketDeadLetters:
    """An S3 bucket, one object a letter, named after its id: a repetition replaces itself."""

    def __init__(self, bucket: str, prefix: str, region: str, endpoint_url: str | None) -> None:
        """Name the bucket; the client is made when the first letter comes."""
        self._bucket = bucket
        self._prefix = prefix
        self._place = (region, endpoint_url)

    async def send(self, poisons: Sequence[Poison]) -> None:
        """See ``DeadLetters``."""
        letters = map(write_letter, poisons)
        await asyncio.gather(*(call(DeadLettersUnavailable, "S3", self._put, letter) for letter in letters))

    def _put(self, letter: Letter) -> None:
        key = "/".join(filter(None, (self._prefix, f"{letter['id']}.json")))
        create_client("s3", *self._place).put_object(Bucket=self._bucket, Key=key, Body=orjson.dumps(letter))
