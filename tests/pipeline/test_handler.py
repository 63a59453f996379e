"""From a stream through the handler to OpenSearch, as Lambda would call it, with moto's Kinesis and SQS."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from domain.settings import load_settings
from tests.loopback.bedrock import DENIED, LoopbackBedrock, serve_bedrock
from tests.loopback.eventsource import EventSourceMapping
from tests.loopback.opensearch import WHOLE, LoopbackOpenSearch, serve_opensearch
from tests.loopback.threads import in_thread
from tests.pipeline.producer import pack, put
from tests.pipeline.records import container_line, kubelet_line, kubernetes_event

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def opensearch() -> Iterator[LoopbackOpenSearch]:
    with in_thread(serve_opensearch()) as opensearch:
        yield opensearch


@pytest.fixture
def bedrock() -> Iterator[LoopbackBedrock]:
    with in_thread(serve_bedrock()) as bedrock:
        yield bedrock


@pytest.fixture
def kinesis(aws: str, environment: None) -> Any:
    return boto3.client("kinesis", region_name=REGION, endpoint_url=aws)


@pytest.fixture
def queue(aws: str, environment: None, request: pytest.FixtureRequest) -> str:
    client = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    return str(client.create_queue(QueueName=f"dead-{abs(hash(request.node.name))}")["QueueUrl"])


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, opensearch: LoopbackOpenSearch, bedrock: LoopbackBedrock
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_LAMBDA_FUNCTION_NAME": "kubewhy-ingest",
        "KUBEWHY_OPENSEARCH__URL": opensearch.url,
        "KUBEWHY_OPENSEARCH__VECTORS": "line",
        "KUBEWHY_EMBEDDINGS__USE": "titan",
        "KUBEWHY_EMBEDDINGS__ENDPOINT_URL": bedrock.url,
        "KUBEWHY_INGEST__REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch, aws: str, queue: str) -> Iterator[Any]:
    """The handler in a container of its own: its event loop lives as long as that does."""
    from pipeline import handler as function

    monkeypatch.setenv("KUBEWHY_INGEST__DEAD_LETTERS", queue)
    monkeypatch.setenv("KUBEWHY_INGEST__ENDPOINT_URL", aws)
    load_settings.cache_clear()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield function.handler
    loop.run_until_complete(function.warm.close())
    asyncio.set_event_loop(None)
    loop.close()
    load_settings.cache_clear()


def open_stream(kinesis: Any, name: str, shards: int = 2) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    return name


def receive(aws: str, queue: str) -> list[dict[str, str]]:
    client = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    letters: list[dict[str, str]] = []
    while found := client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        letters += [json.loads(message["Body"]) for message in found]
        for message in found:
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return letters


@pytest.mark.parametrize("form", ["plain", "gzip", "glued", "aggregated"])
def test_every_line_is_there_once_in_whatever_form_it_came(
    kinesis: Any, opensearch: LoopbackOpenSearch, handler: Any, form: str
) -> None:
    records = [container_line(f"request {n} took {n * 7} ms", n) for n in range(60)]
    records += [kubelet_line("synced"), kubernetes_event("Failed", "no image")]
    stream = open_stream(kinesis, f"form-{form}")
    put(kinesis, stream, pack(records, form))
    EventSourceMapping(handler, batch_size=25).drain(kinesis, stream)
    assert len(opensearch.lines()) == len(records)
    assert set(opensearch.created.values()) == {1}


def test_failures_are_retried_from_the_first_on_and_poison_is_put_aside(
    kinesis: Any, opensearch: LoopbackOpenSearch, handler: Any, aws: str, queue: str
) -> None:
    packed = pack([container_line(f"line {n:03d}x", n) for n in range(90)], "plain")
    packed[10:10] = [b"no json", b"\x1f\x8bbroken"]
    stream = open_stream(kinesis, "failures", shards=1)
    put(kinesis, stream, [*packed, *packed[20:30]])
    opensearch.script = [[201] * 7 + [429] + [201] * 40, WHOLE, [503] * 12, WHOLE]
    mapping = EventSourceMapping(handler, batch_size=40)
    mapping.drain(kinesis, stream)
    assert mapping.given_up == []
    assert Counter(document["message"] for document in opensearch.lines()) == {
        f"line {n:03d}x": 1 for n in range(90)
    }
    assert set(opensearch.created.values()) == {1}
    letters = {letter["id"]: letter for letter in receive(aws, queue)}
    assert sorted(letter.get("record", "binary") for letter in letters.values()) == ["binary", "no json"]
    assert all(letter["reason"].startswith("It cannot be decoded") for letter in letters.values())


def test_a_stream_goes_on_when_opensearch_never_answers(
    kinesis: Any, opensearch: LoopbackOpenSearch, handler: Any
) -> None:
    stream = open_stream(kinesis, "outage", shards=1)
    put(kinesis, stream, pack([container_line("x", n) for n in range(3)], "plain"))
    opensearch.script = [WHOLE] * 100
    mapping = EventSourceMapping(handler, attempts=4)
    mapping.drain(kinesis, stream)
    assert (len(mapping.given_up), mapping.invocations) == (3, 4)
    assert opensearch.lines() == []


def test_a_failing_model_costs_no_line_and_metrics_say_so(
    kinesis: Any,
    opensearch: LoopbackOpenSearch,
    bedrock: LoopbackBedrock,
    handler: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bedrock.failures = [DENIED] * 10
    stream = open_stream(kinesis, "no-model", shards=1)
    put(kinesis, stream, pack([container_line("disk full", n) for n in range(5)], "plain"))
    EventSourceMapping(handler).drain(kinesis, stream)
    assert len(opensearch.lines()) == 5
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    told = {key: value for found in metrics for key, value in found.items()}
    assert metrics[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Kubewhy"
    assert (told["DocumentsWritten"], told["DocumentsWithoutVector"], told["EmbeddingErrors"]) == (
        [5.0],
        [5.0],
        [1.0],
    )


def test_a_cold_start_imports_no_more_than_it_needs() -> None:
    code = "import sys, pipeline.handler; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {
        "boto3",
        "drain3",
        "langgraph",
        "langchain_core",
        "kubernetes",
        "msgpack",
        "google.protobuf",
        "rich",
    }
    assert not heavy & set(loaded)
