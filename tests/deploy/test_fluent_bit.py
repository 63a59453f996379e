"""Fluent Bit's configuration: it collects what it should, safely, in shapes that the pipeline understands."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.assemble import open_pipeline
from pipeline.process import Pipeline
from tests.deploy.fluent_bit import FOLDER, Config, Node, find, load, put_to_kinesis
from tests.deploy.fluent_bit_options import KNOWN, SERVICE
from tests.loopback.opensearch import LoopbackOpenSearch
from tests.pipeline.parts import describe
from tests.pipeline.records import deliver, kubernetes_event

OUTPUTS = ("kinesis", "ingest", "opensearch")
NAMES = [f"{what}-to-{to}" for what in ("node", "events") for to in OUTPUTS]
TIMES = [f"2026-11-24T14:05:24.29175351{digit}Z" for digit in range(10)]
JAVA = [
    'Exception in thread "main" java.lang.IllegalStateException: no data source',
    "\tat com.example.Shop.open(Shop.java:42)",
    "Caused by: java.net.ConnectException: Connection refused",
]


@pytest.fixture
async def pipeline(opensearch: LoopbackOpenSearch, tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with open_pipeline(describe(opensearch.url, tmp_path / "dead.ndjson")) as pipeline:
        yield pipeline


async def ingest(pipeline: Pipeline, opensearch: LoopbackOpenSearch, *data: Any) -> list[dict[str, Any]]:
    """The documents of records, which are delivered twice, under other sequence numbers."""
    for _ in range(2):
        report = await pipeline.process(deliver(*data))
        assert not report.failed
        assert report.counts["DeadLetters"] == 0
        data = (b'{"log": "moves the others on"}', *data)
    documents = [line for line in opensearch.lines() if line["message"] != "moves the others on"]
    return sorted(documents, key=lambda document: document["@timestamp"])


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_one_of_its_plugin(name: str) -> None:
    config = load(name)
    assert config["service"].keys() <= SERVICE
    for section in ("inputs", "filters", "outputs"):
        assert config[section] or (name.startswith("events") and section == "filters")
        for plugin in config[section]:
            assert plugin.keys() <= KNOWN[plugin["name"]] | {"name", "match", "tag"}, plugin["name"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_only_in_memory_and_nothing_is_unbounded(name: str) -> None:
    config = load(name)
    assert config["service"]["storage.path"].startswith("/var/lib/fluent-bit/")
    assert int(config["service"]["storage.max_chunks_up"]) <= 128
    for plugin in config["inputs"]:
        assert plugin["storage.type"] == "filesystem"
    for plugin in config["outputs"]:
        assert plugin["retry_limit"] == "no_limits" and plugin["storage.total_limit_size"]
    for plugin in config["filters"]:
        if plugin["name"] == "multiline":
            assert plugin["emitter_storage.type"] == "filesystem"


@pytest.mark.parametrize("to", OUTPUTS)
def test_a_node_ships_containers_and_the_kubelet(to: str) -> None:
    config = load(f"node-to-{to}")
    assert [plugin["name"] for plugin in config["inputs"]] == ["tail", "systemd"]
    order = [plugin["name"] for plugin in config["filters"]]
    assert order[:3] == ["multiline", "kubernetes", "grep"], "labels are known only after the second"
    assert find(config, "filters", "multiline")["multiline.parser"] == "java, python, go"
    tail, kubernetes = find(config, "inputs", "tail"), find(config, "filters", "kubernetes")
    assert tail["multiline.parser"] == "cri"
    path = tail["path"].removesuffix("*.log").strip("/").replace("/", ".")
    assert kubernetes["kube_tag_prefix"] == f"{tail['tag'].removesuffix('*')}{path}."
    assert (kubernetes["k8s-logging.parser"], kubernetes["k8s-logging.exclude"]) == ("on", "on")
    assert "_SYSTEMD_UNIT=kubelet.service" in find(config, "inputs", "systemd")["systemd_filter"]


def test_kubewhys_own_pods_are_left_out() -> None:
    config = load("node-to-kinesis")
    patterns = find(config, "inputs", "tail")["exclude_path"].split(",")
    own = f"/var/log/containers/kubewhy-5f7d-x2_kubewhy_kubewhy-{'ab' * 32}.log"
    others = f"/var/log/containers/kubewhy-5f7d-x2_shop_kubewhy-{'ab' * 32}.log"
    assert any(Path(own).match(pattern) for pattern in patterns)
    assert not any(Path(others).match(pattern) for pattern in patterns)
    accessor, pattern = find(config, "filters", "grep")["exclude"].split(" ")
    assert accessor == "$kubernetes['labels']['app.kubernetes.io/part-of']"
    assert re.search(pattern, "kubewhy") and not re.search(pattern, "kubewhy-demo")


async def test_lines_and_traces_arrive_over_kinesis(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch
) -> None:
    config = load("node-to-kinesis")
    node = Node(config, cluster="prod")
    records = [
        node.container((TIMES[0], "F", "ERROR cannot open /etc/app.conf")),
        node.container((TIMES[1], "P", "a" * 3_000), (TIMES[1], "F", "bc")),
        node.container((TIMES[2], "F", "the next line")),
        node.container(*((TIMES[3], "F", line) for line in JAVA)),
    ]
    told = [put_to_kinesis(config, record, TIMES[9]) for record in records]
    documents = await ingest(pipeline, opensearch, *told)
    messages = sorted(document["message"] for document in documents)
    assert messages == sorted(
        ["ERROR cannot open /etc/app.conf", "a" * 3_000 + "bc", "the next line", "\n".join(JAVA)]
    )
    for document in documents:
        assert document["cluster"] == "prod"
        assert document["kubernetes"]["pod_name"] == "web-7d9f8c7b6d-x2k4p"
        assert document["service"] == "webshop"
        assert document["@timestamp"] == "2026-11-24T14:05:24.291753+00:00"


async def test_what_the_node_parsed_is_read_from_where_it_put_it(
    pipeline: Pipeline, opensearch: LoopbackOpenSearch
) -> None:
    config = load("node-to-kinesis")
    said = {"level": "error", "msg": "payment refused", "time": "x", "trace_id": "t1", "path": "/pay"}
    record = Node(config).container((TIMES[0], "F", orjson.dumps(said).decode()), parsed=said)
    assert "log" not in record, "it is sent once"
    (document,) = await ingest(pipeline, opensearch, put_to_kinesis(config, record, TIMES[9]))
    assert "payment refused" in document["message"] and document["level"] == "error"
    assert document["fields"] == {"trace_id": "t1", "path": "/pay"}
    assert document["@timestamp"] == "2026-11-24T14:05:24.291753+00:00"


def test_without_the_pipeline_a_line_stays_as_it_was() -> None:
    record = Node(load("node-to-opensearch")).container((TIMES[0], "F", '{"msg":"x"}'), parsed={"msg": "x"})
    assert record["log"] == '{"msg":"x"}', "two services' fields of one name and two types exclude each other"
    assert "log_processed" not in record


@pytest.mark.parametrize("to", ["kinesis", "ingest"])
async def test_the_kubelets_journal(pipeline: Pipeline, opensearch: LoopbackOpenSearch, to: str) -> None:
    config = load(f"node-to-{to}")
    record = Node(config, node="worker-7").journal('E1124 14:05:24.291753 1 pod_workers.go:1 "Error"')
    assert "_CMDLINE" not in record
    told = put_to_kinesis(config, record, TIMES[0]) if to == "kinesis" else record | {"date": TIMES[0]}
    (document,) = await ingest(pipeline, opensearch, told)
    assert (document["kubernetes"]["host"], document["service"]) == ("worker-7", "kubelet")
    assert document["level"] == "error"
    assert document["@timestamp"] == "2026-11-24T14:05:24.291753+00:00"


async def test_events_and_their_repetitions(pipeline: Pipeline, opensearch: LoopbackOpenSearch) -> None:
    config = load("events-to-kinesis")
    assert "db" not in find(config, "inputs", "kubernetes_events"), "it would drop repetitions"
    items = [kubernetes_event("BackOff", f"restarting, {n}", version=n, eventTime=None) for n in (1, 2)]
    told = [put_to_kinesis(config, Node(config).event(item), TIMES[0]) for item in items]
    documents = await ingest(pipeline, opensearch, *told)
    assert sorted(document["message"].partition(": ")[2] for document in documents) == [
        "restarting, 1",
        "restarting, 2",
    ]
    assert {document["cluster"] for document in documents} == {"main"}
    assert {document["@timestamp"] for document in documents} == {"2026-11-24T14:05:00+00:00"}


LINES = {
    "nginx": '10.1.2.3 - - [24/Nov/2026:14:05:24 +0000] "GET /pay HTTP/1.1" 502 157 "-" "curl/8.5.0"',
    "apache": '10.1.2.3 - - [24/Nov/2026:14:05:24 +0000] "GET /pay HTTP/1.1" 502 157 "-" "curl/8.5.0"',
}


def read_parsers() -> dict[str, Config]:
    found: dict[str, Config] = {}
    for block in (FOLDER / "parsers.conf").read_text().split("[PARSER]")[1:]:
        pairs = [line.split(None, 1) for line in block.splitlines() if line.startswith("    ")]
        options = {key.lower(): value for key, value in pairs}
        found[options["name"]] = options
    return found


def test_parsers_that_annotations_may_name() -> None:
    parsers = read_parsers()
    assert load("node-to-kinesis")["service"]["parsers_file"] == "parsers.conf"
    assert [parsers[name]["format"] for name in ("json", "logfmt")] == ["json", "logfmt"]
    for name, line in LINES.items():
        match = re.match(parsers[name]["regex"].replace("(?<", "(?P<"), line)
        assert match and (match["method"], match["path"], match["code"]) == ("GET", "/pay", "502")


def test_only_the_one_stream_may_be_written_to() -> None:
    policy = orjson.loads((FOLDER.parent / "iam-policy.json").read_bytes())
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["kinesis:PutRecords"]
    assert re.fullmatch(r"arn:aws:kinesis:[^:*]+:[^:*]+:stream/[^*]+", statement["Resource"])
