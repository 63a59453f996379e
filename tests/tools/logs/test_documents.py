from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.errors import MalformedRecording
from tools.cluster.reader import LogLine
from tools.logs.documents import build_documents, documents_of_records, read_fluent_bit
from tools.logs.lines import MAX_MESSAGE, read_line
from tools.logs.store import Level, LogDocument

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
KUBERNETES = {
    "pod_name": "web-0",
    "namespace_name": "shop",
    "container_name": "web",
    "host": "node-a",
    "labels": {"app": "web"},
    "pod_id": "88727f55",
}


def build(*lines: LogLine | str, previous: bool = False) -> list[LogDocument]:
    read = [LogLine(text=line) if isinstance(line, str) else line for line in lines]
    place: dict[str, Any] = {"namespace": "shop", "pod": "web-0", "container": "web"}
    return build_documents(read, start=START, previous=previous, **place)


def record(log: str = "hello", **fields: Any) -> dict[str, Any]:
    return {
        "time": "2026-11-24T14:05:24.291753518Z",
        "stream": "stderr",
        "log": log,
        "kubernetes": KUBERNETES,
    } | fields


def test_a_line_keeps_its_text_and_gets_its_level() -> None:
    raw = '{"level":"error","msg":"lost","path":"/x"}'
    (document,) = build(LogLine(text=raw, time=START))
    assert (document.message, document.level, document.time) == (raw, Level.ERROR, START)
    assert read_line(raw).text == "lost path=/x"


def test_lines_without_a_time_take_their_own_or_the_one_before() -> None:
    documents = build(
        "first", "2026-11-24T14:30:00.5Z ERROR second", "  at third", '{"ts": 1795531800, "msg": "x"}'
    )
    half_past = START + timedelta(minutes=30)
    assert [d.time for d in documents] == [
        START,
        half_past + timedelta(seconds=0.5),
        half_past + timedelta(seconds=0.5),
        datetime.fromtimestamp(1795531800, UTC),
    ]


def test_ids_are_the_same_each_time_and_different_for_each_line() -> None:
    lines = [LogLine(text=text, time=START) for text in ("a", "a", "b")]
    ids = [document.id for document in build(*lines)]
    assert len(set(ids)) == 3
    assert ids == [document.id for document in build(*lines, previous=True)]


def test_escapes_and_control_characters_are_taken_out_and_long_lines_cut() -> None:
    coloured, long, *blank = build(
        "\x1b[31mred\x1b[0m\x07\x00 alert\x1b]0;title\x07", "x" * 20_000, "", " \t "
    )
    assert coloured.message == "red alert"
    assert len(long.message) == MAX_MESSAGE
    assert long.message.endswith("…")
    assert blank == []


def test_a_fluent_bit_record_becomes_the_same_document_as_the_line() -> None:
    (document,) = documents_of_records([record()])
    assert document.namespace == "shop"
    assert (document.pod, document.container, document.host) == ("web-0", "web", "node-a")
    assert document.labels == {"app": "web"}
    assert document.level is Level.INFO
    (line,) = build(LogLine(text="hello", time=datetime(2026, 11, 24, 14, 5, 24, 291753, tzinfo=UTC)))
    assert line.id == document.id


@pytest.mark.parametrize(
    "time",
    [
        {"time": "2026-11-24T14:05:24Z"},
        {"@timestamp": "2026-11-24T14:05:24.000Z", "time": None},
        {"date": 1795529124.0, "time": None},
        {"date": 1795529124000, "time": None},
        {"date": "2026-11-24T15:05:24+01:00", "time": None},
    ],
)
def test_the_time_of_a_record(time: dict[str, Any]) -> None:
    (document,) = documents_of_records([record(**time)])
    assert document.time == datetime(2026, 11, 24, 14, 5, 24, tzinfo=UTC)


def test_merged_fields_stand_in_for_a_line_that_was_not_kept() -> None:
    merged = record(log="", data={"level": "fatal", "msg": "no disk"})
    (document,) = documents_of_records([merged])
    assert orjson.loads(document.message) == {"data": {"level": "fatal", "msg": "no disk"}}
    (flat,) = documents_of_records([record(log="", level="warn", msg="slow")])
    assert flat.level is Level.WARNING
    (kept,) = documents_of_records([record("ERROR lost", data={"msg": "lost"})])
    assert (kept.message, kept.level) == ("ERROR lost", Level.ERROR)


def test_what_was_parsed_under_a_key_of_its_own_stands_in_for_the_line() -> None:
    parsed = record(log="", log_processed={"level": "fatal", "msg": "no disk"})
    (document,) = documents_of_records([parsed])
    assert document.level is Level.FATAL
    assert document.message == '{"level":"fatal","msg":"no disk"}'


@pytest.mark.parametrize(
    "other",
    [
        record(kubernetes=None),
        record(kubernetes={"namespace_name": "shop"}),
        record(time=None),
        record(time="yesterday"),
        record(" \n"),
        {"involvedObject": {"kind": "Pod"}, "message": "Pulled", "firstTimestamp": "2026-11-24T14:00:00Z"},
    ],
)
def test_records_that_are_no_container_lines_are_left_out(other: dict[str, Any]) -> None:
    assert documents_of_records([other, record()]) == documents_of_records([record()])


def test_a_file_of_records(tmp_path: Path) -> None:
    path = tmp_path / "containers.ndjson"
    path.write_bytes(b"\n".join(map(orjson.dumps, [record("a"), record("a"), record("b\n")])) + b"\n\n")
    documents = read_fluent_bit(path)
    assert [document.message for document in documents] == ["a", "a", "b"]
    assert len({document.id for document in documents}) == 3


@pytest.mark.parametrize(
    ("line", "complaint"), [("{", "line 2: this is not valid JSON"), ("[1]", "line 2: expected")]
)
def test_a_broken_record_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "containers.ndjson"
    path.write_text(orjson.dumps(record()).decode() + f"\n{line}\n")
    with pytest.raises(MalformedRecording, match=complaint):
        read_fluent_bit(path)
