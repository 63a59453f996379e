"""What a command may cost: time and memory stay bounded whatever the expression and whatever the objects."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.errors import MalformedRecording, RefusedCommand
from tools.cluster.recorded import RecordedCluster
from tools.kubectl import Kubectl
from tools.kubectl.documents import render_documents, sort_items
from tools.kubectl.parts import Output
from tools.kubectl.paths import Budget, find_values
from tools.kubectl.templates import MAX_CHARACTERS, render_template
from tools.kubectl.text import MAX_CELL, align, escape_control

SECONDS = 5.0
"""Of one processor, for what would otherwise take minutes or for ever."""


def make_items(count: int) -> list[dict[str, Any]]:
    env = [{"name": f"E{n}", "value": "v"} for n in range(10)]
    containers = [{"name": "app", "image": "web:1", "env": env}]
    return [{"metadata": {"name": f"p{n}"}, "spec": {"containers": containers}} for n in range(count)]


LIST = {"items": make_items(2000)}


@pytest.mark.parametrize(
    "path",
    [
        "..*..zzz",
        ".items[*,*,*,*][*,*,*,*][*,*,*,*][*,*,*,*].zzz",
        ".items[?(@[?(@[?(@..zzz)])])]",
        ".items[?(@[*,*,*][*,*,*][*,*,*].zzz)]",
        ".items[0:2000,0:2000][*,*,*,*,*,*,*,*][*,*,*,*,*,*,*,*][*,*,*,*].zzz",
    ],
)
def test_a_path_that_multiplies_runs_out_of_budget(path: str) -> None:
    budget = Budget(50_000)
    started = time.process_time()
    with pytest.raises(RefusedCommand, match="looks at too many values"):
        for _ in range(20):
            find_values(path, LIST, budget)
    assert time.process_time() - started < SECONDS


def test_text_is_a_value_and_no_document_to_be_read() -> None:
    item = {"notes": ['{"a": "inner"}', "no json", "[1]"]}
    assert render_template("{range .notes[*]}<{.a}{[0]}>{end}", item) == "<><><>"


def test_what_people_ask_of_large_clusters_is_within_the_budget() -> None:
    names = '{range .items[*]}{.metadata.name}{"\\t"}{.spec.containers[*].image}{"\\n"}{end}'
    large = {"items": make_items(5000)}
    assert render_template(names, large).count("\n") == 5000
    assert len(find_values("..image", large)) == 5000


def test_text_is_bounded_however_often_a_template_repeats_it() -> None:
    started = time.process_time()
    for template in ("{.items}" * 200, "{['items','items','items','items','items']}", "{@}{..*}"):
        assert len(render_template(template, LIST)) < 2 * MAX_CHARACTERS, template
    assert time.process_time() - started < SECONDS


def test_one_long_value_does_not_widen_every_row() -> None:
    items = make_items(1000)
    items[0]["metadata"]["name"] = "x" * 1_000_000
    output = Output(format="custom-columns", expression="NAME:.metadata.name,IMAGE:..image")
    text = render_documents(items, output, is_single=False, header=True)
    assert max(map(len, text.split("\n"))) < MAX_CELL + 100


def test_many_columns_of_one_line_cost_no_more_than_its_cells() -> None:
    started = time.process_time()
    text = align("\n".join(["a\tb"] * 5000 + ["\t" * 100_000]))
    assert text.startswith("a  b\n")
    assert time.process_time() - started < SECONDS


def test_objects_are_sorted_by_whatever_stands_there() -> None:
    values = ["x" * 100_000, "9" * 10_000, "²", "v10", "v9", True, 3, 1.5, "2Gi", None, ["a"], {"a": 1}]
    items = [{"metadata": {"name": str(n), "value": value}} for n, value in enumerate(values)]
    ranked = [item["metadata"]["value"] for item in sort_items(items, ".metadata.value")]
    assert ranked[0] is None
    assert ranked.index("v9") < ranked.index("v10")


async def test_the_order_of_objects_does_not_tell_what_was_applied(tmp_path: Path) -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "shop", "annotations": {key: said, "note": said}},
        }
        for name, said in (("a", "2"), ("b", "1"))
    ]
    (tmp_path / "objects.yaml").write_text(yaml.safe_dump_all(pods))
    kubectl = Kubectl(RecordedCluster(tmp_path), namespace="shop")
    spelled = key.replace(".", "\\.")
    by_note = await kubectl.run("get pods -o name --sort-by=.metadata.annotations.note")
    by_applied = await kubectl.run(f"get pods -o name --sort-by='.metadata.annotations.{spelled}'")
    assert by_note.text.split() == ["pod/b", "pod/a"]
    assert by_applied.text.split() == ["pod/a", "pod/b"]


@pytest.mark.parametrize(
    "character", ["\u200b", "\u200d", "\ufeff", "\u2028", "\u00ad", "\U000e0041", "\ud800", "\x1b", "\r"]
)
def test_what_is_not_seen_is_shown(character: str) -> None:
    assert escape_control(f"a{character}b") == f"a\\x{ord(character):02x}b"


async def test_an_error_about_an_object_says_no_more_than_it_must(tmp_path: Path) -> None:
    pod: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
    }
    pod["spec"] = {"containers": [{"name": "a", "ports": {"password=hunter2-the-second": 1}}]}
    pod["status"] = {"containerStatuses": [{"name": "a", "restartCount": "password=hunter2-the-second"}]}
    (tmp_path / "objects.yaml").write_text(yaml.safe_dump(pod))
    kubectl = Kubectl(RecordedCluster(tmp_path, now=datetime(2026, 11, 24, tzinfo=UTC)), namespace="shop")
    for line in ("get pods", "describe pod web"):
        try:
            said = (await kubectl.run(line)).text
        except MalformedRecording as error:
            said = str(error)
        assert "hunter2" not in said, line
