"""The scorers tell right from wrong, and say why."""

from typing import Any

import pytest

from domain.diagnosis import Diagnosis, Hypothesis, Link, Outcome
from domain.evidence import Evidence, IssueType, Source
from domain.objects import ObjectRef
from evals.dataset import Case, Expectation
from evals.scorers import (
    score_blame,
    score_citations,
    score_facts,
    score_issue_type,
    score_object,
    score_object_in_top,
    score_outcome,
)
from tools.incidents import open_incident

CACHE = ObjectRef(kind="Deployment", namespace="shop", name="cache")
MAILER = ObjectRef(kind="Deployment", namespace="shop", name="mailer")
WEB = ObjectRef(kind="Deployment", namespace="shop", name="web")
CONFIG = ObjectRef(kind="ConfigMap", namespace="shop", name="cache-config")
SEEN = Evidence(source=Source.EVENT, text='Error: configmap "cache-config" not found', object=CACHE)


def make_case(**expected: Any) -> Case:
    incident = open_incident("healthy-noisy")
    defaults: dict[str, Any] = {"issue_type": IssueType.CONFIGURATION, "object": CACHE}
    return Case(incident=incident, expected=Expectation(**(defaults | expected)))


def suppose(ref: ObjectRef) -> Hypothesis:
    return Hypothesis(object=ref, issue_type=IssueType.RUNTIME, cause=f"{ref.name} is broken", confidence=0.5)


def make_diagnosis(**fields: Any) -> Diagnosis:
    defaults: dict[str, Any] = {
        "outcome": Outcome.DIAGNOSED,
        "summary": "The cache does not start.",
        "issue_type": IssueType.CONFIGURATION,
        "object": CACHE,
        "cited": (SEEN.id,),
        "evidence": (SEEN,),
    }
    return Diagnosis(**(defaults | fields))


HEALTHY_CASE = make_case(issue_type=IssueType.NONE, object=None)
HEALTHY = Diagnosis(outcome=Outcome.HEALTHY, summary="Nothing is wrong.", issue_type=IssueType.NONE)
TWO_FAULTS = make_case(also=(MAILER,))


@pytest.mark.parametrize(
    ("case", "diagnosis", "right"),
    [
        (make_case(), make_diagnosis(), True),
        (make_case(), make_diagnosis(object=WEB), False),
        (make_case(), make_diagnosis(object=CACHE.model_copy(update={"namespace": "other"})), False),
        (make_case(), make_diagnosis(object=CACHE.model_copy(update={"kind": "Service"})), False),
        (make_case(), make_diagnosis(object=WEB, also=(suppose(CACHE),)), False),
        (make_case(), HEALTHY, False),
        (make_case(accept=(CONFIG,)), make_diagnosis(object=CONFIG), True),
        (TWO_FAULTS, make_diagnosis(also=(suppose(MAILER),)), True),
        (TWO_FAULTS, make_diagnosis(object=MAILER, also=(suppose(CACHE),)), True),
        (TWO_FAULTS, make_diagnosis(), False),
        (TWO_FAULTS, make_diagnosis(alternatives=(suppose(MAILER),)), False),
        (HEALTHY_CASE, HEALTHY, True),
        (HEALTHY_CASE, make_diagnosis(), False),
    ],
)
def test_the_object_has_to_come_first(case: Case, diagnosis: Diagnosis, right: bool) -> None:
    score = score_object(case, diagnosis)

    assert score.right is right
    assert bool(score.reason) is not right


@pytest.mark.parametrize(
    ("case", "diagnosis", "right"),
    [
        (make_case(), make_diagnosis(object=WEB, alternatives=(suppose(MAILER), suppose(CACHE))), True),
        (make_case(), make_diagnosis(object=WEB, also=(suppose(CACHE),)), True),
        (
            make_case(),
            make_diagnosis(object=WEB, alternatives=tuple(map(suppose, (MAILER, CONFIG, CACHE)))),
            False,
        ),
        (
            make_case(),
            make_diagnosis(object=WEB, alternatives=tuple(map(suppose, (WEB, MAILER, MAILER, CACHE)))),
            True,
        ),
        (TWO_FAULTS, make_diagnosis(alternatives=(suppose(MAILER),)), True),
        (TWO_FAULTS, make_diagnosis(alternatives=(suppose(WEB),)), False),
        (HEALTHY_CASE, HEALTHY, True),
        (HEALTHY_CASE, make_diagnosis(), False),
    ],
)
def test_the_object_may_be_among_the_first_three(case: Case, diagnosis: Diagnosis, right: bool) -> None:
    assert score_object_in_top(case, diagnosis).right is right


def test_the_issue_type_has_to_be_the_expected_one() -> None:
    assert score_issue_type(make_case(), make_diagnosis()).right
    wrong = score_issue_type(make_case(), make_diagnosis(issue_type=IssueType.STORAGE))
    assert (wrong.right, wrong.reason) == (False, "storage, not configuration")


@pytest.mark.parametrize(
    "diagnosis",
    [
        make_diagnosis(summary="CACHE-CONFIG is missing", evidence=()),
        make_diagnosis(root_cause="cache-config is missing", evidence=()),
        make_diagnosis(missing=CONFIG, evidence=()),
        make_diagnosis(chain=(Link(object=CACHE, statement="needs cache-config"),), evidence=()),
        make_diagnosis(also=(suppose(CONFIG),), evidence=()),
        make_diagnosis(),
    ],
    ids=["summary", "root cause", "missing", "chain", "also", "evidence"],
)
def test_a_fact_counts_wherever_a_person_reads_it(diagnosis: Diagnosis) -> None:
    assert score_facts(make_case(must_mention=("Cache-Config",)), diagnosis).right


def test_a_fact_that_only_an_alternative_names_does_not_count() -> None:
    diagnosis = make_diagnosis(evidence=(), alternatives=(suppose(CONFIG),))

    score = score_facts(make_case(must_mention=("cache-config", "cache")), diagnosis)

    assert (score.right, score.reason) == (False, "not mentioned: cache-config")


@pytest.mark.parametrize(
    ("blamed", "right"),
    [
        ("web", False),
        ("web-7d9f8b6c4d-x2v5q", False),
        ("web-0", False),
        ("web-7d9f8b6c4d", False),
        ("web-cache", True),
        ("webhook", True),
        ("old-web", True),
    ],
)
def test_nobody_innocent_is_blamed(blamed: str, right: bool) -> None:
    case = make_case(must_not_blame=("web",))
    ref = ObjectRef(kind="Pod", namespace="shop", name=blamed)

    assert score_blame(case, make_diagnosis(object=ref)).right is right
    assert score_blame(case, make_diagnosis(also=(suppose(ref),))).right is right
    assert score_blame(case, make_diagnosis(alternatives=(suppose(ref),))).right


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_outcome_fits_the_case(outcome: Outcome) -> None:
    diagnosis = make_diagnosis(outcome=outcome)

    assert score_outcome(make_case(), diagnosis).right is (outcome is Outcome.DIAGNOSED)
    assert score_outcome(HEALTHY_CASE, diagnosis).right is (outcome is Outcome.HEALTHY)


@pytest.mark.parametrize(
    ("diagnosis", "right"),
    [
        (make_diagnosis(), True),
        (make_diagnosis(cited=()), False),
        (make_diagnosis(cited=(SEEN.id, "E00000000")), False),
        (make_diagnosis(chain=(Link(object=CACHE, statement="x", evidence=("E00000000",)),)), False),
        (make_diagnosis(evidence=()), False),
        (HEALTHY, True),
    ],
)
def test_citations_have_to_exist(diagnosis: Diagnosis, right: bool) -> None:
    assert score_citations(make_case(), diagnosis).right is right
