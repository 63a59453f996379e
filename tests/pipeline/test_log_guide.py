"""The guide to structured logging: its example is valid, and its fields end where it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.documents import build_draft
from pipeline.multiline import join_lines
from pipeline.records import Context, read_record
from tests.pipeline.records import ARRIVED, container_line
from tools.logs.store import Level, LogDocument

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "log-record.schema.json").read_text())
GUIDE = (DOCS / "structured-logging.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)\n```", GUIDE, re.S)


def read(line: dict[str, Any]) -> LogDocument:
    entry = read_record(container_line(json.dumps(line)), Context("c", "s:1", ARRIVED, 0, 0))
    assert entry is not None
    return build_draft(join_lines([entry])[0].entry).document


def test_the_schema_is_one_and_the_guides_example_follows_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert EXAMPLES
    for example in EXAMPLES:
        Draft202012Validator(SCHEMA).validate(json.loads(example))


@pytest.mark.parametrize(
    "change",
    [
        {"msg": ""},
        {"msg": None},
        {"level": "ERROR!"},
        {"trace_id": "xyz"},
        {"duration_ms": -1},
        {"error": {}},
    ],
)
def test_the_schema_refuses_what_would_not_be_found(change: dict[str, Any]) -> None:
    line = json.loads(EXAMPLES[0]) | change
    assert not Draft202012Validator(SCHEMA).is_valid(line)


def test_every_field_of_the_schema_is_found_in_the_document_under_its_name() -> None:
    values: dict[str, Any] = {name: f"value of {name}" for name in SCHEMA["properties"]}
    values |= {"level": "warn", "time": "2026-11-24T14:05:24Z", "status": 503, "duration_ms": 12.5}
    document = read(values)
    assert document.level is Level.WARNING
    told = {name: str(value) for name, value in values.items() if name not in ("level", "time", "msg")}
    assert told.items() <= document.fields.items()
    assert "value of msg" in document.message


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ({"traceId": "a1"}, "trace_id", "a1"),
        ({"dd": {"trace_id": "a1"}}, "trace_id", "a1"),
        ({"err": {"message": "refused", "stack": "at x"}}, "error", "refused"),
        ({"err": {"message": "refused", "stack": "at x"}}, "stack_trace", "at x"),
        ({"exc_info": "Traceback"}, "stack_trace", "Traceback"),
        ({"http.status_code": 503}, "status", "503"),
        ({"logger_name": "shop.Orders"}, "logger", "shop.Orders"),
    ],
)
def test_what_loggers_call_it_is_understood(line: dict[str, Any], field: str, value: str) -> None:
    assert read({"level": "error", "msg": "x", **line}).fields[field] == value


def test_the_guide_names_every_field_of_the_schema() -> None:
    assert {name for name in SCHEMA["properties"] if f"`{name}`" not in GUIDE} <= {"time"}
