"""Descriptions of all kinds, read back into objects."""

from typing import Any

import pytest

from tests.tools.importers.descriptions import CASES, DEPLOYMENT, NOW, read, read_one
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.section import Section


def value_at(item: Any, path: str, keys: set[str]) -> Any:
    if path in keys:
        return item[path]
    for step in path.split("."):
        item = item[step]
    return item


@pytest.mark.parametrize(("command", "text", "expected"), CASES, ids=[command for command, _, _ in CASES])
def test_the_facts_of_a_description_survive(command: str, text: str, expected: dict[str, Any]) -> None:
    item = read_one(command, text)
    for path, value in expected.items():
        assert value_at(item, path, set(item)) == value, path


@pytest.mark.parametrize(("command", "text", "expected"), CASES, ids=[command for command, _, _ in CASES])
def test_a_description_is_recognised_without_its_command(
    command: str, text: str, expected: dict[str, Any]
) -> None:
    told = read_one(command, text)
    (found,) = assemble("test", [Section(text)], NOW).objects
    assert (found["kind"], found["metadata"]["name"]) == (told["kind"], told["metadata"]["name"])


def test_several_descriptions_in_one_text_are_several_objects() -> None:
    found = read(
        "kubectl describe deploy -n shop", DEPLOYMENT + "\n\n" + DEPLOYMENT.replace("basket", "front")
    )
    assert [(item["kind"], item["metadata"]["name"]) for item in found] == [
        ("Deployment", "basket"),
        ("Deployment", "front"),
    ]
