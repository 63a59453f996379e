"""Records a second of the Lambda handler, beside a loop that only decodes and writes.

Both write to the same loopback OpenSearch, which runs in a process of its own and takes everything at once:
what is measured is our work, not OpenSearch's. Run it with ``make bench``, or with a number of records.
"""

import argparse
import asyncio
import base64
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2s
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import CORPORA, START
from domain.settings import OpenSearchSettings, load_settings
from tools.logs.opensearch.client import OpenSearchClient, connect

BATCH = 500
RUNS = 3
Event = dict[str, Any]


def serve(connection: Connection) -> None:
    """Take every bulk, in a process of its own."""
    from aiohttp import web

    async def take(request: web.Request) -> web.Response:
        created = {"create": {"status": 201}}
        rows = (await request.read()).count(b"\n") // 2 if request.path == "/_bulk" else 0
        return web.json_response({"errors": False, "items": [created] * rows, "docs": []})

    async def run() -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        connection.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def start_server() -> Iterator[str]:
    """The address of that process, which ends with the block."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def make_events(corpus: str, count: int) -> list[Event]:
    """Lambda's events for a corpus."""
    packed = [orjson.dumps(record) for record in CORPORA[corpus](count)]
    rows = [_wrap(number, data) for number, data in enumerate(packed)]
    return [{"Records": rows[start : start + BATCH]} for start in range(0, count, BATCH)]


def _wrap(number: int, data: bytes) -> Event:
    kinesis = {
        "sequenceNumber": f"{number:056d}",
        "partitionKey": "k",
        "data": base64.b64encode(data).decode(),
        "approximateArrivalTimestamp": START.timestamp(),
    }
    return {"eventID": f"shardId-000000000000:{number:056d}", "kinesis": kinesis}


async def write_plainly(client: OpenSearchClient, event: Event) -> None:
    """Decode, name the index by the day, send a bulk: what a pipeline does at least."""
    lines: list[bytes] = []
    for row in event["Records"]:
        data = base64.b64decode(row["kinesis"]["data"])
        record: Mapping[str, Any] = orjson.loads(data)
        key = blake2s(row["eventID"].encode(), digest_size=16).hexdigest()
        index = f"logs-{record['time'][:10]}"
        lines += [orjson.dumps({"create": {"_index": index, "_id": key}}), orjson.dumps(record)]
    await client.ask("POST", "/_bulk", b"\n".join(lines) + b"\n")


def time_loop(url: str, events: list[Event]) -> float:
    """Seconds of the loop."""

    async def run() -> float:
        client = connect(OpenSearchSettings(url=url))
        start = perf_counter()
        for event in events:
            await write_plainly(client, event)
        seconds = perf_counter() - start
        await client.close()
        return seconds

    return asyncio.get_event_loop().run_until_complete(run())


def time_handler(url: str, events: list[Event]) -> float:
    """Seconds of the handler, warm."""
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from pipeline.handler import handler

    context: Any = LambdaContext()
    context._function_name, context._memory_limit_in_mb = "kubewhy-ingest", 512
    context._invoked_function_arn, context._aws_request_id = "arn", "id"
    handler(events[0], context)
    start = perf_counter()
    for event in events:
        answer = handler(event, context)
        assert not answer["batchItemFailures"]
    return perf_counter() - start


def close() -> None:
    """End the handler's connections."""
    from pipeline.handler import warm

    loop = asyncio.get_event_loop()
    loop.run_until_complete(warm.close())
    loop.close()


def prepare_environment(url: str, folder: str) -> None:
    """What Lambda and the settings would say; EMF and logs go nowhere."""
    os.environ.update(
        LAMBDA_TASK_ROOT=folder,
        KUBEWHY_OPENSEARCH__URL=url,
        KUBEWHY_INGEST__DEAD_LETTERS=f"{folder}/dead.ndjson",
        POWERTOOLS_METRICS_DISABLED="true",
        POWERTOOLS_LOG_LEVEL="CRITICAL",
    )
    load_settings.cache_clear()


def measure(timing: Callable[[str, list[Event]], float], url: str, events: list[Event], count: int) -> float:
    """Records a second, the median of some runs."""
    return median(count / timing(url, events) for _ in range(RUNS))


def main() -> int:
    """Measure both on each corpus, and print."""
    parser = argparse.ArgumentParser(description="Time the Lambda handler beside a plain loop.")
    parser.add_argument("records", nargs="?", type=int, default=5_000, help="records of each run")
    count: int = parser.parse_args().records
    table = Table(
        "corpus", title=f"Records a second, {count:,} records in batches of {BATCH}", title_justify="left"
    )
    for heading in ("plain loop", "handler", "µs a record", "share"):
        table.add_column(heading, justify="right")
    asyncio.set_event_loop(asyncio.new_event_loop())
    with start_server() as url, tempfile.TemporaryDirectory() as folder:
        prepare_environment(url, folder)
        for corpus in CORPORA:
            events = make_events(corpus, count)
            plain, ours = (measure(timing, url, events, count) for timing in (time_loop, time_handler))
            numbers = (f"{plain:,.0f}", f"{ours:,.0f}", f"{1e6 / ours:,.0f}", f"{ours / plain:.0%}")
            table.add_row(corpus, *numbers)
        close()
    Console(width=100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
