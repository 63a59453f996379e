"""``kubewhy ingest`` as a program of its own, over a loopback OpenSearch."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgpack
import orjson
import pytest

from tests.loopback.opensearch import LoopbackOpenSearch, serve_opensearch
from tests.loopback.threads import in_thread
from tests.pipeline.records import container_line

COMMAND = [sys.executable, "-m", "surfaces.cli.app", "ingest"]


@pytest.fixture
def opensearch() -> Iterator[LoopbackOpenSearch]:
    with in_thread(serve_opensearch()) as opensearch:
        yield opensearch


@pytest.fixture
def environment(opensearch: LoopbackOpenSearch, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "KUBEWHY_OPENSEARCH__URL": opensearch.url,
        "KUBEWHY_INGEST__DEAD_LETTERS": str(tmp_path / "dead.ndjson"),
    }


def run(environment: dict[str, str], *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *words], input=given, capture_output=True, env=environment, timeout=60)


def test_a_pipe_and_a_file(
    environment: dict[str, str], opensearch: LoopbackOpenSearch, tmp_path: Path
) -> None:
    (tmp_path / "plain.log").write_text("2026-11-24T14:05:24Z ERROR disk full\n")
    piped = b"".join(orjson.dumps(container_line(f"line {n}", n)) + b"\n" for n in range(3)) + b"[1]\n"
    done = run(environment, "--stdin", "--file", str(tmp_path / "plain.log"), given=piped)
    assert done.returncode == 0
    assert done.stdout == b""
    assert b"4 lines written" in done.stderr
    assert b"1 put aside" in done.stderr
    assert len(opensearch.lines()) == 4
    again = run(environment, "--stdin", given=piped)
    assert b"0 lines written, 3 were there already" in again.stderr


@pytest.mark.parametrize(
    ("words", "url", "complaint"),
    [
        ((), "http://127.0.0.1:1", b"at least one source"),
        (("--stdin",), "", rb"\[opensearch\] url"),
        (("--file", "none.log"), "loopback", b"none.log cannot be read"),
        (("--stdin",), "http://127.0.0.1:1", b"cannot be reached"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    environment: dict[str, str], words: tuple[str, ...], url: str, complaint: bytes
) -> None:
    done = run(environment if url == "loopback" else environment | {"KUBEWHY_OPENSEARCH__URL": url}, *words)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert re.search(complaint, done.stderr)


def test_a_listener_answers_and_ends_when_it_is_told_to(
    environment: dict[str, str], opensearch: LoopbackOpenSearch
) -> None:
    with subprocess.Popen(
        [*COMMAND, "--forward", "0", "--http", "0"], stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stderr
        try:
            port, _ = (read_port(process.stderr) for _ in range(2))
            assert send(port, ["kube", [[17, {"log": "a"}]], {"chunk": "c1"}]) == {"ack": "c1"}
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert b"1 lines written" in process.stderr.read()
        finally:
            process.kill()
    assert [document["message"] for document in opensearch.lines()] == ["a"]


def read_port(stderr: IO[bytes]) -> int:
    """The port that a line of its output names."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (line := stderr.readline()):
        if found := re.search(rb"127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("it does not listen")


def send(port: int, message: list[Any]) -> Any:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(msgpack.packb(message))
        return msgpack.unpackb(connection.recv(1024))
