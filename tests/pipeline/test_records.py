"""Fluent Bit's records, of every input and in every wrapping -> lines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.entry import Entry
from pipeline.place import name_owner
from pipeline.records import Context, read_record
from tests.pipeline.records import ARRIVED, container_line, kubelet_line, kubernetes_event
from tools.logs.store import Level

FILE = "/var/log/containers/web-0_shop_web-" + "ab" * 32 + ".log"
MOMENT = "2026-11-24T14:05:24.291753518Z"


def read(record: dict[str, Any], position: str = "s:1") -> Entry:
    entry = read_record(record, Context("main", position, ARRIVED, 0, 0))
    assert entry is not None
    return entry


def test_a_containers_line() -> None:
    entry = read(container_line("hello", 291753))
    assert (entry.text, entry.stream, entry.partial) == ("hello", "stderr", False)
    assert entry.time == datetime(2026, 11, 24, 14, 5, 24, 291753, tzinfo=UTC)
    assert entry.place.service == "webshop"
    assert entry.place.labels["tier"] == "front"


@pytest.mark.parametrize(
    "record",
    [
        {"log": f"{MOMENT} stderr F hello", "file": FILE},
        {"log": '{"log":"hello\\n","stream":"stderr","time":"' + MOMENT + '"}', "filename": FILE},
        {
            "log": "hello",
            "stream": "stderr",
            "time": MOMENT,
            "tag": "kube.var.log.containers." + FILE.rpartition("/")[2],
        },
        {
            "message": "hello",
            "stream": "stderr",
            "@timestamp": MOMENT,
            "path": "/var/log/pods/shop_web-0_" + "0a1b2c3d-" * 4 + "/web/0.log",
        },
    ],
)
def test_without_the_kubernetes_filter_the_files_name_tells_the_place(record: dict[str, Any]) -> None:
    entry = read(record)
    assert (entry.text, entry.stream) == ("hello", "stderr")
    assert (entry.place.namespace, entry.place.pod, entry.place.container) == ("shop", "web-0", "web")
    assert entry.place.service == "web"
    assert entry.time == datetime(2026, 11, 24, 14, 5, 24, 291753, tzinfo=UTC)


@pytest.mark.parametrize(
    "record",
    [
        {"log": f"{MOMENT} stdout P the first ha", "file": FILE},
        container_line("the first ha", logtag="P"),
        {"log": '{"log":"the first ha","stream":"stdout","time":"' + MOMENT + '"}', "file": FILE},
    ],
)
def test_a_line_that_the_runtime_cut_is_known_for_one(record: dict[str, Any]) -> None:
    assert read(record).partial


@pytest.mark.parametrize(
    "record", [container_line(""), container_line(" \n"), {"log": f"{MOMENT} stdout F "}]
)
def test_a_blank_line_is_none(record: dict[str, Any]) -> None:
    assert read_record(record, Context("main", "s:1", ARRIVED, 0, 0)) is None


def test_fields_that_fluent_bit_merged_stand_in_for_the_line() -> None:
    record = container_line("", level="error", msg="lost", trace_id="t1")
    del record["log"]
    assert '"trace_id":"t1"' in read(record).text


def test_what_a_node_parsed_is_the_line_and_nothing_else_is() -> None:
    record = container_line("", log_processed={"level": "error", "msg": "lost", "path": "/pay"}, extra="x")
    del record["log"]
    assert read(record).text == '{"level":"error","msg":"lost","path":"/pay"}'


def test_a_line_that_fluent_bit_joined_is_whole() -> None:
    record = container_line("all of a long line", _p="P")
    del record["logtag"]
    assert not read(record).partial


@pytest.mark.parametrize("record", [{}, {"log": 5}, {"kubernetes": {"pod_name": "web-0"}}, {"time": MOMENT}])
def test_a_record_without_a_text_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="holds no text"):
        read_record(record, Context("main", "s:1", ARRIVED, 0, 0))


def test_an_event() -> None:
    entry = read(kubernetes_event("Failed", 'Error: configmap "cache-config" not found', version=12))
    assert entry.text == 'Warning Failed Pod/web-7d9f8c7b6d-x2k4p: Error: configmap "cache-config" not found'
    assert entry.level is Level.WARNING
    assert (entry.place.namespace, entry.place.container, entry.place.host) == ("shop", "web", "node-a")
    assert entry.fields["count"] == "12"
    assert entry.time == datetime(2026, 11, 24, 14, 5, tzinfo=UTC)


def test_each_update_of_an_event_is_a_line_and_each_repetition_the_same() -> None:
    first, second = (kubernetes_event("BackOff", "x", version=version) for version in (1, 2))
    assert read(first, "s:1").id == read(first, "s:2").id != read(second).id


def test_an_event_of_the_newer_api() -> None:
    record = kubernetes_event(
        "Killing", "", note="Stopping container", eventTime="2026-11-24T14:05:24.291753Z"
    )
    record |= {"regarding": record.pop("involvedObject"), "lastTimestamp": None, "type": "Normal"}
    entry = read(record)
    assert entry.text.endswith("Stopping container")
    assert (entry.level, entry.time.microsecond) == (Level.INFO, 291753)


def test_the_kubelets_journal() -> None:
    entry = read(kubelet_line('E1124 14:05:24.291753    1 pod_workers.go:1301] "Error syncing pod"'))
    assert (entry.place.service, entry.place.host, entry.level) == ("kubelet", "node-a", Level.ERROR)
    assert entry.time == datetime(2026, 11, 24, 14, 5, 24, 291753, tzinfo=UTC) - timedelta(0)
    stripped = {key.lstrip("_"): value for key, value in kubelet_line("ok").items()}
    assert read(stripped).place == entry.place
    assert read(kubelet_line("link down", PRIORITY="3")).level is Level.ERROR


def test_a_line_has_one_id_wherever_it_stands_in_the_stream() -> None:
    line = container_line("retry", 5)
    assert read(line, "shard-0:17").id == read(line, "shard-3:99").id
    assert (
        read(line).id
        != read(container_line("retry", 6)).id
        != read(container_line("retry", 6, pod="web-1")).id
    )


def test_equal_lines_of_one_second_are_told_apart_by_their_position() -> None:
    line = container_line("retry", time="2026-11-24T14:05:24Z")
    assert read(line, "s:1").id == read(line, "s:1").id != read(line, "s:2").id


@pytest.mark.parametrize(
    ("labels", "pod", "service"),
    [
        ({"app.kubernetes.io/name": "a", "app": "b"}, "web-7d9f8c7b6d-x2k4p", "a"),
        ({"app": "b"}, "web-7d9f8c7b6d-x2k4p", "b"),
        ({}, "web-7d9f8c7b6d-x2k4p", "web"),
        ({}, "cache-0", "cache"),
        ({}, "node-exporter-x2k4p", "node-exporter"),
        ({}, "backup-28712345-x2k4p", "backup"),
        ({}, "lonely", "main"),
    ],
)
def test_the_service_is_named_by_label_then_owner_then_container(
    labels: dict[str, str], pod: str, service: str
) -> None:
    record = {"log": "x", "kubernetes": {"pod_name": pod, "container_name": "main", "labels": labels}}
    assert read(record).place.service == service


@pytest.mark.parametrize("name", ["payment-service", "web", "redis-master", "api-gateway"])
def test_a_name_that_was_given_has_no_owner_in_it(name: str) -> None:
    assert name_owner(name) == ""
