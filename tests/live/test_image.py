"""The Dockerfile's steps, run one after the other; and what comes out of them, run as it will be."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.live.chroot import Built, start_container
from tests.live.imagebuild import ImageBuilder, find_missing
from tests.loopback.opensearch import serve_opensearch
from tests.pipeline.records import container_line

pytestmark = pytest.mark.live

MOST_MEGABYTES = 600
_NEXT = "/2018-06-01/runtime/invocation/next"
_ANSWER = "/2018-06-01/runtime/invocation/{id}/{what}"


@pytest.fixture(scope="module")
def builder() -> ImageBuilder:
    if missing := find_missing():
        pytest.skip(missing)
    return ImageBuilder()


def run(built: Built, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of a container, and what it printed."""
    process = start_container(built, *arguments, environment=environment)
    told, _ = process.communicate(timeout=120)
    return process.returncode, told


def test_the_app_is_small_and_has_no_shell(builder: ImageBuilder) -> None:
    folder = builder.build("app").folder
    sizes = {
        (s.st_dev, s.st_ino): s.st_size for s in (p.lstat() for p in folder.rglob("*") if not p.is_dir())
    }
    assert sum(sizes.values()) < MOST_MEGABYTES * 2**20
    programs = {path.name for place in ("usr/bin", "usr/sbin") for path in (folder / place).iterdir()}
    assert "python3" in programs and not programs & {"sh", "bash", "dash", "apt-get", "dpkg", "pip"}
    assert not list(folder.glob("opt/kubewhy/lib/python3*/site-packages/pip"))


def test_the_app_starts_and_says_what_it_lacks(builder: ImageBuilder) -> None:
    built = builder.build("app")
    assert run(built, "--help")[0] == 0
    code, told = run(built)
    assert code == 2 and "KUBEWHY_SLACK__BOT_TOKEN" in told and "Traceback" not in told


def test_it_may_write_nowhere_but_to_its_folder(builder: ImageBuilder) -> None:
    built = builder.build("app")
    script = """if True:
        import os, pathlib
        assert (os.getuid(), os.getgid()) == (10001, 10001)
        pathlib.Path("kept").write_text("x")
        for place in ("/opt/kubewhy/x", "/etc/x", "/usr/bin/x"):
            try:
                pathlib.Path(place).write_text("x")
            except OSError as error:
                print(error.errno)
    """
    python = Built(**(vars(built) | {"command": ("/opt/kubewhy/bin/python", "-c")}))
    assert run(python, script) == (0, "30\n30\n30\n"), "a file system that is read-only"


class RuntimeApi:
    """What Lambda gives events with, and takes answers: one event, and no other."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._events = [event]
        self.answer: asyncio.Future[tuple[str, Any]] = asyncio.get_running_loop().create_future()

    async def give(self, _: web.Request) -> web.Response:
        if not self._events:
            await asyncio.Event().wait()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": "4102444800000",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:ingest",
            "Content-Type": "application/json",
        }
        return web.Response(body=json.dumps(self._events.pop()), headers=headers)

    async def take(self, request: web.Request) -> web.Response:
        if not self.answer.done():
            told = await request.text()
            self.answer.set_result((request.match_info["what"], json.loads(told) if told else None))
        return web.json_response({}, status=202)


@asynccontextmanager
async def serve_runtime(event: dict[str, Any]) -> AsyncIterator[tuple[RuntimeApi, str]]:
    api = RuntimeApi(event)
    app = web.Application()
    app.add_routes([web.get(_NEXT, api.give), web.post(_ANSWER, api.take)])
    app.add_routes([web.post("/2018-06-01/runtime/{id}/{what}", api.take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield api, f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def make_event(*records: dict[str, Any]) -> dict[str, Any]:
    """A Kinesis event."""
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:{number}",
                "eventSource": "aws:kinesis",
                "kinesis": {
                    "sequenceNumber": str(number),
                    "partitionKey": "x",
                    "approximateArrivalTimestamp": 1795529124.2,
                    "data": base64.b64encode(json.dumps(record).encode()).decode(),
                },
            }
            for number, record in enumerate(records)
        ]
    }


async def test_the_function_takes_an_event_of_the_stream(builder: ImageBuilder) -> None:
    built = builder.build("lambda")
    event = make_event(container_line("ERROR cannot open /etc/app.conf"))
    async with serve_opensearch() as opensearch, serve_runtime(event) as (api, address):
        environment = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "ingest",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_REGION": "eu-west-1",
            "KUBEWHY_OPENSEARCH__URL": opensearch.url,
            "KUBEWHY_INGEST__DEAD_LETTERS": "/tmp/dead-letters.ndjson",  # noqa: S108
        }
        process = start_container(built, environment=environment)
        try:
            what, answer = await asyncio.wait_for(api.answer, 60)
        finally:
            process.kill()
            told = (await asyncio.to_thread(process.communicate))[0]
        assert (what, answer) == ("response", {"batchItemFailures": []}), told
        assert [line["message"] for line in opensearch.lines()] == ["ERROR cannot open /etc/app.conf"]
