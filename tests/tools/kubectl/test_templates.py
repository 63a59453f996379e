"""kubectl's JSONPath dialect."""

from typing import Any

import pytest

from domain.errors import RefusedCommand
from tools.kubectl.templates import MAX_PIECES, find_values, relax, render_template

LIST: dict[str, Any] = {
    "items": [
        {
            "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x", "k-v": "y"}},
            "status": {"ready": True, "count": 3, "conditions": [{"type": "Ready", "status": "False"}]},
        },
        {"metadata": {"name": "b"}, "status": {"count": 1.5}},
    ]
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.items[*].metadata.name}", "a b"),
        ("{.items[0].metadata.name}", "a"),
        ("{.items[-1:].metadata.name}", "b"),
        ("{.items[0:2].metadata.name}", "a b"),
        ("{$.items[1].metadata.name}", "b"),
        ("{..name}", "a b"),
        ("{.items[*].missing}", ""),
        ("names: {.items[*].metadata.name}!", "names: a b!"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.status.count}{"\\n"}{end}', "a\t3\nb\t1.5\n"),
        (
            '{range .items[*]}{@.metadata.name}{" "}{range .status.conditions[*]}{.type};{end}{end}',
            "a Ready;b ",
        ),
        ('{.items[?(@.metadata.name=="b")].status.count}', "1.5"),
        ("{.items[?(@.status.count>2)].metadata.name}", "a"),
        ('{.items[?(@.metadata.name=="a" || @.status.count<2)].metadata.name}', "a b"),
        ("{.items[?(@.status.ready)].metadata.name}", "a"),
        ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"),
        ("{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "x"),
        ("{.items[0].metadata.labels.k-v}", "y"),
        ("{.items[0].metadata.labels.*}", "x y"),
        ("{.items[0].status.conditions}", '[{"type":"Ready","status":"False"}]'),
        ("{.items[0].status.ready}", "true"),
        (".items[*].metadata.name", "a b"),
        ("{.items[*]['metadata','status'].count}", "3 1.5"),
    ],
)
def test_renders(template: str, text: str) -> None:
    assert render_template(template, LIST) == text


@pytest.mark.parametrize(
    "template",
    [
        "{.items[*}",
        "{range .items[*]}{.metadata.name}",
        "{.x}{end}",
        "{.items[?(@.name=~'a.*')]}",
        "{.items[?(length(@.name)>1)]}",
        "{.a..b..c..d}",
        "{.items",
        "{'unclosed}",
        "{.items[?(@.a==)]}",
        "{range .items[*]}{$.items[*].metadata.name}{end}",
        "{range .items[*]}{range ..name}{end}{end}",
    ],
)
def test_refuses_what_it_cannot_read(template: str) -> None:
    with pytest.raises(RefusedCommand):
        render_template(template, LIST)


def test_paths_may_be_written_in_three_ways() -> None:
    assert {relax("metadata.name"), relax(".metadata.name"), relax("{.metadata.name}")} == {".metadata.name"}
    assert find_values(".items[*].metadata.name", LIST) == ["a", "b"]


def test_output_is_bounded_however_ranges_are_nested() -> None:
    wide = {"items": [{"items": [{"items": list(range(100))}] * 100}] * 100}
    nested = "{range .items[*]}{range .items[*]}{range .items[*]}x{end}{end}{end}"
    assert 0 < len(render_template(nested, wide)) <= MAX_PIECES
