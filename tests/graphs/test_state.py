from datetime import UTC, datetime

from domain.diagnosis import Diagnosis, Outcome
from domain.evidence import Evidence, Source
from domain.scope import Scope, TimeWindow
from graphs.state import State, foresee, merge_evidence, merge_sentences, open_case

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SCOPE = Scope(cluster="c", window=TimeWindow(start=NOON, end=NOON))


def seen(text: str, time: datetime | None = None) -> Evidence:
    return Evidence(source=Source.LOG, text=text, time=time)


def test_evidence_seen_again_is_one_and_keeps_its_place():
    merged = merge_evidence([seen("a"), seen("b")], [seen("c"), seen("a", NOON)])
    assert [item.text for item in merged] == ["a", "b", "c"]


def test_sentences_are_said_once():
    assert merge_sentences(["x", "y"], ["y", "z", "z"]) == ["x", "y", "z"]


def test_a_node_sees_its_own_update_merged_with_what_was_there():
    state = State(question="why?", scope=SCOPE, evidence=[seen("a")], not_seen=["x"])
    ahead = foresee(state, {"evidence": [seen("b")], "findings": []})
    assert [item.text for item in open_case(ahead).evidence] == ["a", "b"]
    assert open_case(ahead).not_seen == ("x",)
    assert state["evidence"] == [seen("a")]


def test_a_diagnosis_that_was_sent_back_stands_in_for_the_previous_one():
    earlier = Diagnosis(outcome=Outcome.DIAGNOSED, summary="earlier")
    contested = Diagnosis(outcome=Outcome.DIAGNOSED, summary="contested")
    state = State(question="why?", scope=SCOPE, previous=earlier)
    assert open_case(state).previous == earlier
    assert open_case(State(**state, contested=contested)).previous == contested
