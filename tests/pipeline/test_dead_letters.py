"""Dead letters in a file, and through the real boto3 in moto's SQS and S3."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from domain.errors import DeadLettersUnavailable, MalformedSettings
from pipeline.dead_letters import MAX_RECORD, open_dead_letters
from pipeline.delivery import Poison

REGION = "eu-central-1"
POISONS = [
    Poison(number, f"shard-0:{number}", b'{"log": %d' % number, "It is not JSON.") for number in range(23)
]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def receive(client: Any, url: str) -> list[dict[str, str]]:
    letters: list[dict[str, str]] = []
    while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        letters += [json.loads(message["Body"]) for message in found]
        for message in found:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return letters


async def test_a_queue_takes_every_letter(aws: str) -> None:
    client = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    url = client.create_queue(QueueName="dead")["QueueUrl"]
    await open_dead_letters(url, REGION, aws).send(POISONS)
    letters = receive(client, url)
    assert {letter["position"] for letter in letters} == {poison.position for poison in POISONS}
    assert {letter["reason"] for letter in letters} == {"It is not JSON."}


async def test_a_fifo_queue_drops_repetitions(aws: str) -> None:
    client = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    url = client.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    letters = open_dead_letters(url, REGION, aws)
    await letters.send(POISONS[:3])
    await letters.send(POISONS[:3])
    assert len(receive(client, url)) == 3


async def test_large_letters_fit(aws: str) -> None:
    client = boto3.client("sqs", region_name=REGION, endpoint_url=aws)
    url = client.create_queue(QueueName="large")["QueueUrl"]
    large = [Poison(0, f"s:{number}", b"x" * 2**20, "too large") for number in range(4)]
    await open_dead_letters(url, REGION, aws).send(large)
    assert [len(letter["record"]) for letter in receive(client, url)] == [MAX_RECORD] * 4


async def test_a_bucket_holds_one_object_a_letter(aws: str) -> None:
    client = boto3.client("s3", region_name=REGION, endpoint_url=aws)
    client.create_bucket(Bucket="dead", CreateBucketConfiguration={"LocationConstraint": REGION})
    letters = open_dead_letters("s3://dead/logs/", REGION, aws)
    await letters.send(POISONS[:2])
    await letters.send(POISONS[:2])
    found = client.list_objects_v2(Bucket="dead", Prefix="logs/")["Contents"]
    assert len(found) == 2
    body = json.loads(client.get_object(Bucket="dead", Key=found[0]["Key"])["Body"].read())
    assert body["position"].startswith("shard-0:")


async def test_a_queue_that_is_not_there(aws: str) -> None:
    with pytest.raises(DeadLettersUnavailable, match="SQS answers"):
        await open_dead_letters(f"{aws}/123456789012/nowhere", REGION, aws).send(POISONS[:1])


async def test_a_file_has_one_letter_a_line_and_shows_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "made" / "dead.ndjson"
    letters = open_dead_letters(str(path), REGION)
    await letters.send([*POISONS[:1], Poison(1, "s:2", {"password": "correct-horse-battery"}, "refused")])
    await letters.send([Poison(2, "s:3", b"\xff\xfe", "It is not JSON.")])
    first, second, third = map(json.loads, path.read_text().splitlines())
    assert first["record"] == '{"log": 0'
    assert "correct-horse" not in second["record"]
    assert third["record_base64"] == "//4="


@pytest.mark.parametrize("target", ["", "s3://", "ftp://x/y", "arn:aws:sqs://x"])
def test_a_target_that_is_none(target: str) -> None:
    with pytest.raises(MalformedSettings, match=r"ingest\.dead_letters"):
        open_dead_letters(target, REGION)
