"""What is no secret stays: logs and objects remain readable, and no fact that decides a diagnosis is lost."""

from pathlib import Path

import orjson
import pytest
import yaml

from tests.tools.redaction.ordinary import write_lines
from tools.incidents import INCIDENTS
from tools.redaction import ObjectRedactor, Redactor, redact

MOST_FALSE_ALARMS = 10
"""In 10,000 lines, all of them bare numbers of 16 digits with the check digit of a card."""

LOGS = sorted(INCIDENTS.glob("*/logs/**/*.log"))
OBJECTS = sorted(
    path for path in INCIDENTS.glob("*/cluster/**/*") if path.suffix in (".json", ".yaml", ".yml")
)


def count_changed(text: str) -> list[str]:
    lines = text.splitlines()
    return [
        f"{old}\n    -> {new}"
        for old, new in zip(lines, redact(text).splitlines(), strict=True)
        if old != new
    ]


@pytest.mark.parametrize("seed", range(3))
def test_few_ordinary_lines_change(seed: int) -> None:
    changed = count_changed("\n".join(write_lines(20_000, seed)))

    print(f"{len(changed) / 2:.1f} false alarms in 10,000 lines")
    assert [line for line in changed if not line.endswith("shipped")] == []
    assert len(changed) / 2 <= MOST_FALSE_ALARMS


def test_recorded_logs_stay_as_they_are() -> None:
    assert LOGS
    for path in LOGS:
        assert count_changed(path.read_text(encoding="utf-8", errors="replace")) == [], path


def test_recorded_objects_stay_as_they_are() -> None:
    redactor = ObjectRedactor(Redactor())
    assert OBJECTS
    for path in OBJECTS:
        for item in read_objects(path):
            if item.get("kind") != "Secret":
                assert redactor.redact(item) is item, path


def read_objects(path: Path) -> list[dict[str, object]]:
    text = path.read_bytes()
    documents = [orjson.loads(text)] if path.suffix == ".json" else list(yaml.safe_load_all(text))
    return [
        item
        for document in documents
        if isinstance(document, dict)
        for item in (document["items"] if isinstance(document.get("items"), list) else [document])
    ]
