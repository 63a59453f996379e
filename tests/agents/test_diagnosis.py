"""Citations are checked, and a recovery is judged by what is there now."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.diagnosis import check_citations, judge_recovery, lower_confidence
from domain.case import CaseFile
from domain.diagnosis import Diagnosis, Link, Outcome
from domain.evidence import Evidence, Source
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
CACHE = ObjectRef(kind="Deployment", namespace="prod-apps", name="cache-service")
CONFIG = ObjectRef(kind="ConfigMap", namespace="prod-apps", name="cache-config")
SEEN = Evidence(
    source=Source.EVENT,
    object=ObjectRef(kind="Pod", namespace="prod-apps", name="cache-service-6465c58795-qt664"),
    text='Warning Failed: Error: configmap "cache-config" not found',
)
OTHER = Evidence(source=Source.LOG, text="GET /healthz 200", object=CACHE)
CASE = CaseFile(
    question="why?",
    scope=Scope(cluster="local", window=TimeWindow(start=NOW - timedelta(hours=1), end=NOW)),
    evidence=(SEEN, OTHER),
)
GOOD = Diagnosis(
    outcome=Outcome.DIAGNOSED,
    summary="ConfigMap cache-config does not exist.",
    root_cause="ConfigMap cache-config does not exist, so cache-service cannot start.",
    object=CACHE,
    missing=CONFIG,
    confidence=0.9,
    cited=(SEEN.id,),
)


def test_a_cause_shown_by_what_it_cites_is_supported() -> None:
    assert check_citations(GOOD, CASE) == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cited": ("E00000000",)}, "evidence E00000000 does not exist"),
        ({"cited": ()}, "the cause cites no evidence"),
        ({"cited": (OTHER.id,)}, "ConfigMap prod-apps/cache-config occurs in no cited evidence"),
        (
            {"root_cause": "cache-config names redis-master-0:6380 with password s3cr3t of 10.0.0.7"},
            "the cause says more than the cited evidence shows",
        ),
        (
            {"chain": (Link(object=CACHE, statement="x", evidence=("Edeadbeef",)),)},
            "evidence Edeadbeef does not exist",
        ),
    ],
)
def test_what_the_evidence_does_not_show_is_a_problem(change: dict[str, object], problem: str) -> None:
    assert problem in check_citations(GOOD.model_copy(update=change), CASE)


def test_lowered_confidence_says_why() -> None:
    lowered = lower_confidence(GOOD, ("evidence E1 does not exist",))

    assert lowered.confidence == 0.45
    assert lowered.caveats == ("Confidence lowered: evidence E1 does not exist.",)


@pytest.mark.parametrize(
    ("now", "outcome", "told"),
    [
        (Diagnosis(outcome=Outcome.HEALTHY, summary="Nothing wrong found."), Outcome.VERIFIED, "Recovered"),
        (GOOD, Outcome.NOT_VERIFIED, "the same cause is still there"),
        (
            GOOD.model_copy(update={"root_cause": "it is killed for memory"}),
            Outcome.NOT_VERIFIED,
            "something else is wrong now",
        ),
        (Diagnosis(outcome=Outcome.UNKNOWN, summary="Blind."), Outcome.UNKNOWN, "cannot be told"),
    ],
)
def test_recovery_is_judged_by_a_fresh_look(now: Diagnosis, outcome: Outcome, told: str) -> None:
    judged = judge_recovery(GOOD, now)

    assert judged.outcome is outcome
    assert told in judged.summary
