from datetime import UTC, datetime, timedelta

import pytest

from domain.case import CaseFile, CommandRecord, count_tokens
from domain.evidence import Evidence, Finding, IssueType, Source
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
POD = ObjectRef(kind="Pod", namespace="shop", name="web-1")
SCOPE = Scope(cluster="local", window=TimeWindow(start=NOW - timedelta(hours=1), end=NOW))


def observe(text: str, source: Source = Source.LOG, minutes: int = 0) -> Evidence:
    return Evidence(source=source, text=text, object=POD, time=NOW - timedelta(minutes=minutes))


def open_case(*evidence: Evidence, cited: Evidence | None = None) -> CaseFile:
    finding = Finding(
        rule="r",
        object=POD,
        subject=POD,
        issue_type=IssueType.RUNTIME,
        cause="c",
        confidence=0.5,
        evidence=(cited.id,) if cited else (),
    )
    return CaseFile(question="why?", scope=SCOPE, evidence=evidence, findings=(finding,))


def test_an_id_follows_from_the_content() -> None:
    assert observe("refused").id == observe("refused", minutes=5).id
    assert observe("refused").id != observe("refused", Source.EVENT).id
    assert observe("refused").id.startswith("E")
    assert len(observe("refused").id) == 9


def test_the_case_fits_a_budget_with_the_cited_and_the_newest_first() -> None:
    cited = observe("cited " * 40, minutes=50)
    newest, oldest = observe("new " * 40, minutes=1), observe("old " * 40, minutes=30)
    case = open_case(oldest, newest, cited, cited=cited)

    fitted = case.fit(count_tokens(cited.text) + count_tokens(newest.text))

    assert fitted.evidence == (newest, cited)
    assert case.fit(1).evidence == (cited,)
    assert case.fit(10_000) == case


@pytest.mark.parametrize(("line", "has_run"), [("kubectl get pods", True), ("kubectl get nodes", False)])
def test_commands_are_remembered(line: str, has_run: bool) -> None:
    case = open_case().model_copy(update={"commands": (CommandRecord(line="kubectl get pods"),)})

    assert case.has_run(line) is has_run
