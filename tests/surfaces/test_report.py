import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from domain.diagnosis import Diagnosis, Hypothesis, Link, Outcome
from domain.evidence import Evidence, Fix, IssueType, PlannedCommand, Source
from domain.objects import ObjectRef
from surfaces.citing import number_evidence
from surfaces.cli.report import print_report
from surfaces.text import sanitise

CACHE = ObjectRef(kind="Deployment", name="cache", namespace="shop")
BASKET = ObjectRef(kind="Deployment", name="basket", namespace="shop")
LONG = "kubectl create configmap cache-config -n shop " + " ".join(
    f"--from-literal=k{n}=v" for n in range(20)
)


def seen(text: str, ref: ObjectRef = CACHE) -> Evidence:
    return Evidence(
        source=Source.EVENT,
        text=text,
        object=ref,
        time=datetime(2026, 5, 4, 12, 1, 2, tzinfo=UTC),
        command=f"kubectl describe {ref.path} -n shop",
    )


FIRST, SECOND, THIRD = seen("configmap not found"), seen("refused", BASKET), seen("third")


def diagnosis(**changes: object) -> Diagnosis:
    given = Diagnosis(
        outcome=Outcome.DIAGNOSED,
        summary="ConfigMap cache-config does not exist. That is why basket is in trouble.",
        issue_type=IssueType.CONFIGURATION,
        root_cause="ConfigMap cache-config does not exist.",
        object=CACHE,
        confidence=0.9,
        chain=(
            Link(object=CACHE, statement="ConfigMap cache-config does not exist.", evidence=(FIRST.id,)),
            Link(object=BASKET, statement="It cannot reach cache.", evidence=(SECOND.id,)),
        ),
        cited=(FIRST.id,),
        evidence=(SECOND, THIRD, FIRST),
        fix=Fix(summary="Create it.", commands=(LONG,), patch="apiVersion: v1\nkind: ConfigMap"),
        verification=(PlannedCommand(line="kubectl get pods -n shop", purpose="ready?"),),
        not_seen=("The metrics could not be read.",),
        caveats=("Confidence lowered: of this.",),
        cluster="test",
    )
    return given.model_copy(update=changes)


def shown(given: Diagnosis, width: int = 80, color: bool = False, thread: str = "") -> str:
    out = io.StringIO()
    system = "truecolor" if color else None
    print_report(given, thread, Console(file=out, width=width, force_terminal=color, color_system=system))
    return out.getvalue()


def test_evidence_is_numbered_in_the_order_of_the_argument():
    assert number_evidence(diagnosis()) == {FIRST.id: 1, SECOND.id: 2}
    report = shown(diagnosis())
    assert report.index("[1] Deployment shop/cache") < report.index("[2] Deployment shop/basket")
    assert "It cannot reach cache. [2]" in report
    assert "third" not in report


def test_a_citation_of_nothing_gets_no_number():
    assert "E00000bad" not in number_evidence(diagnosis(cited=("E00000bad", FIRST.id)))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_paragraphs_fit_and_what_is_copied_stays_whole(width: int):
    lines = shown(diagnosis(root_cause="why " * 60, summary="because " * 60), width).splitlines()
    assert f"    {LONG}" in lines
    prose = [line for line in lines if "kubectl" not in line]
    assert max(map(len, prose)) <= width
    assert not any(line != line.rstrip() for line in lines)


def test_sections_come_in_the_order_a_reader_needs():
    report = shown(diagnosis(also=(hypothesis("mail"),), alternatives=(hypothesis("dns"),)), thread="t1")
    heads = ["Diagnosed", "Independently", "Why\n", "Evidence\n", "Fix\n", "How to verify\n", "Less likely\n"]
    places = [report.index(head) for head in (*heads, "Not seen\n")]
    assert places == sorted(places)
    assert report.rstrip().endswith('kubewhy ask --thread t1 "did the fix work?"')


def hypothesis(name: str) -> Hypothesis:
    ref = ObjectRef(kind="Service", name=name, namespace="shop")
    return Hypothesis(object=ref, issue_type=IssueType.NETWORKING, cause="it is odd", confidence=0.4)


def test_empty_sections_are_left_out():
    healthy = Diagnosis(outcome=Outcome.HEALTHY, summary="Nothing wrong found: all is well.")
    report = shown(healthy)
    for head in ("Why", "Evidence", "Fix", "How to verify", "Not seen"):
        assert head not in report


def test_log_text_cannot_steer_the_terminal_or_the_markup():
    evil = seen("\x1b]0;owned\x07\x1b[31mred\x1b[0m [bold]loud[/bold] \u202etxet")
    report = shown(diagnosis(evidence=(evil,), cited=(evil.id,), chain=()))
    assert "\x1b" not in report and "\x07" not in report and "\u202e" not in report
    assert "[bold]loud[/bold]" in report


def test_colour_only_where_there_is_a_terminal():
    assert "\x1b[" in shown(diagnosis(), color=True)
    assert "\x1b[" not in shown(diagnosis())


def test_long_evidence_is_cut():
    long = seen("\n".join(f"line {n} " + "x" * 90 for n in range(100)))
    report = shown(diagnosis(evidence=(long,), cited=(long.id,), chain=()))
    assert "line 0" in report
    assert "line 50" not in report
    assert " ..." in report


def test_lines_and_tabs_survive_sanitising():
    assert sanitise("a\tb\nc\r\x00d") == "a\tb\ncd"
