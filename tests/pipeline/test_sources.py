"""The plain process: lines, the forward protocol in all its modes, http; what is answered when."""

import asyncio
import gzip
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import msgpack
import orjson
import pytest

from domain.errors import MalformedRecording, MalformedSettings
from domain.settings import IngestSettings
from pipeline.assemble import open_pipeline
from pipeline.intake import Intake
from pipeline.sources.forward import listen_forward
from pipeline.sources.http import listen_http
from pipeline.sources.lines import ingest_file, ingest_lines
from tests.loopback.opensearch import WHOLE, LoopbackOpenSearch
from tests.pipeline.parts import describe
from tests.pipeline.records import container_line

MOST = 2**20
EVENT_TIME = msgpack.ExtType(0, struct.pack(">II", 1795529124, 291753518))
ENTRIES = [[EVENT_TIME, {"log": "first", "n": 1}], [1795529125, {"log": "second"}]]
FLUENT_BIT_4 = [[[EVENT_TIME, {}], {"log": "first"}], [[EVENT_TIME, {}], {"log": "second"}]]
PACKED = b"".join(map(msgpack.packb, ENTRIES))
TWO = b"".join(msgpack.packb([[EVENT_TIME, {}], {"log": log}]) for log in "ab")


@pytest.fixture
async def intake(opensearch: LoopbackOpenSearch, tmp_path: Path) -> AsyncIterator[Intake]:
    async with open_pipeline(describe(opensearch.url, tmp_path / "dead.ndjson")) as pipeline:
        yield Intake(pipeline, IngestSettings(batch_records=50))


def messages(opensearch: LoopbackOpenSearch) -> list[str]:
    return sorted(document["message"] for document in opensearch.lines())


async def send(port: int, *data: bytes, answers: int = 0) -> list[Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in data:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    unpacker = msgpack.Unpacker()
    found: list[Any] = []
    while len(found) < answers and (part := await asyncio.wait_for(reader.read(1024), 5)):
        unpacker.feed(part)
        found += list(unpacker)
    writer.close()
    await writer.wait_closed()
    return found


@pytest.mark.parametrize(
    "message",
    [
        ["kube", ENTRIES],
        ["kube", FLUENT_BIT_4],
        ["kube", PACKED],
        ["kube", PACKED.decode("utf-8", "surrogateescape")],
        ["kube", gzip.compress(PACKED), {"compressed": "gzip"}],
        ["kube", gzip.compress(PACKED[:30]) + gzip.compress(PACKED[30:]), {"compressed": "gzip"}],
    ],
)
async def test_forward_in_every_mode(
    intake: Intake, opensearch: LoopbackOpenSearch, message: list[Any]
) -> None:
    option = {**(message[2] if len(message) > 2 else {}), "chunk": "p8n9gmxTQVC8/nh2wlKKeQ==", "size": 2}
    data = msgpack.packb([*message[:2], option], unicode_errors="surrogateescape")
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        answers = await send(port, b"\xc0", data[:7], data[7:], answers=1)
    assert answers == [{"ack": option["chunk"]}]
    assert [text.split()[0].strip('{"') for text in messages(opensearch)] in (
        ["first", "second"],
        ['log":"first","n":1}', "second"],
    )


async def test_forward_of_one_event_keeps_its_nanoseconds(
    intake: Intake, opensearch: LoopbackOpenSearch
) -> None:
    message = ["kube.x", EVENT_TIME, {"log": "only"}, {"chunk": "c"}]
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        await send(port, msgpack.packb(message), answers=1)
    (document,) = opensearch.lines()
    assert document["@timestamp"] == "2026-11-24T14:05:24.291753+00:00"


async def test_forward_sent_again_changes_nothing(intake: Intake, opensearch: LoopbackOpenSearch) -> None:
    named, unnamed = ["t", [[17, {"log": "a"}]], {"chunk": "c1"}], ["t", [[17, {"log": "b"}]]]
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        for _ in range(2):
            await send(port, msgpack.packb(unnamed), msgpack.packb(named), answers=1)
    assert messages(opensearch) == ["a", "b"]


async def test_forward_answers_only_when_it_is_written(
    intake: Intake, opensearch: LoopbackOpenSearch
) -> None:
    opensearch.script = [WHOLE]
    message = msgpack.packb(["t", ENTRIES, {"chunk": "c"}])
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(message)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.15)
        assert await asyncio.wait_for(reader.read(100), 5) == msgpack.packb({"ack": "c"})
        writer.close()
    assert len(opensearch.lines()) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        msgpack.packb(["tag"]),
        msgpack.packb([1, 2, 3]),
        msgpack.packb(["t", [["x"]]]),
        msgpack.packb(["t", b"\xc1\xc1\xc1"]),
        msgpack.packb(["t", b"no gzip", {"compressed": "gzip"}]),
        msgpack.packb(["t", b"x" * (MOST + 2**19)]),
        msgpack.packb(["t", [[msgpack.ExtType(0, b"abc"), {"log": "x"}]]]),
    ],
)
async def test_forward_ends_a_connection_that_speaks_something_else(intake: Intake, data: bytes) -> None:
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(1), 5) == b""
        writer.close()
        answers = await send(port, msgpack.packb(["t", [[17, {"log": "a"}]], {"chunk": "c"}]), answers=1)
    assert answers == [{"ack": "c"}]


async def test_forward_stops_while_a_sender_waits(intake: Intake, opensearch: LoopbackOpenSearch) -> None:
    opensearch.script = [WHOLE] * 100
    async with asyncio.timeout(5), listen_forward("127.0.0.1", 0, intake, MOST) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(msgpack.packb(["t", ENTRIES, {"chunk": "c"}]))
        await asyncio.sleep(0.1)
    assert await reader.read(10) == b"", "no answer: its sender sends it again"
    writer.close()


async def test_a_port_that_is_taken(intake: Intake) -> None:
    async with listen_forward("127.0.0.1", 0, intake, MOST) as port:
        with pytest.raises(MalformedSettings, match=f"Port {port}"):
            async with listen_http("127.0.0.1", port, intake, MOST):
                pass


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'[{"date":1795529124.291753,"log":"a"},{"date":1795529124.291754,"log":"b"}]', {}),
        (b'{"date":1795529124.291753,"log":"a"}\n{"date":1795529124.291754,"log":"b"}\n', {}),
        (gzip.compress(b'{"log":"a"}{"log":"b"}'), {"Content-Encoding": "gzip"}),
        (gzip.compress(b'{"log":"a"}{"log":"b"}'), {}),
        (TWO, {"Content-Type": "application/msgpack"}),
        (gzip.compress(TWO), {"Content-Type": "application/msgpack", "Content-Encoding": "gzip"}),
    ],
)
async def test_http(
    intake: Intake, opensearch: LoopbackOpenSearch, body: bytes, headers: dict[str, str]
) -> None:
    async with listen_http("127.0.0.1", 0, intake, MOST) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/logs"
        for _ in range(2):
            async with session.post(url, data=body, headers=headers) as answer:
                assert (answer.status, await answer.json()) == (200, {"records": 2})
    assert messages(opensearch) == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "form", "status"),
    [
        (b"no json", "json", 400),
        (b"", "json", 400),
        (b" " * (MOST + 1), "json", 413),
        (b"no msgpack", "msgpack", 400),
        (b"\xc1", "msgpack", 400),
    ],
)
async def test_http_refuses(intake: Intake, body: bytes, form: str, status: int) -> None:
    headers = {"Content-Type": f"application/{form}"}
    async with listen_http("127.0.0.1", 0, intake, MOST) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/"
        async with session.post(url, data=BytesIO(body), headers=headers) as answer:
            assert answer.status == status
        async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200


async def test_a_file_of_a_node_and_one_of_records(
    intake: Intake, opensearch: LoopbackOpenSearch, tmp_path: Path
) -> None:
    node = tmp_path / f"web-0_shop_web-{'ab' * 32}.log"
    node.write_text(
        "2026-11-24T14:05:24.1234567Z stderr P one \n2026-11-24T14:05:24.1234568Z stderr F line\n"
    )
    records = tmp_path / "records.ndjson"
    records.write_bytes(orjson.dumps(container_line("record")) + b"\n\n" + b"no json at all")
    for path in (node, records, node, records):
        await ingest_file(path, intake)
    assert messages(opensearch) == ["no json at all", "one line", "record"]
    (line,) = (document for document in opensearch.lines() if document["message"] == "one line")
    assert line["kubernetes"]["namespace_name"] == "shop"
    assert (line["kubernetes"]["pod_name"], line["kubernetes"]["container_name"]) == ("web-0", "web")


async def test_a_file_that_is_not_there(intake: Intake, tmp_path: Path) -> None:
    with pytest.raises(MalformedRecording, match="cannot be read"):
        await ingest_file(tmp_path / "none", intake)


async def test_many_lines_go_in_bounded_batches(intake: Intake, opensearch: LoopbackOpenSearch) -> None:
    lines = b"".join(orjson.dumps(container_line(f"line {n}", n)) + b"\n" for n in range(2_000))
    opensearch.script = [[201, 429] * 25, WHOLE]
    assert await ingest_lines(BytesIO(lines), intake, "pipe") == 2_000
    assert len(opensearch.lines()) == 2_000
    assert set(opensearch.created.values()) == {1}
    assert intake.counts["DocumentsWritten"] == 2_000
