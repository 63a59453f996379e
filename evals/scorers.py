"""The scorers: each a pure function from a case and its diagnosis to one verdict with a reason."""

import re
from collections.abc import Callable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from domain.diagnosis import Diagnosis, Outcome
from domain.objects import ObjectRef
from evals.dataset import Case, Expectation

TOP = 3

_GENERATED = "[bcdfghjklmnpqrstvwxz2456789]"
"""The letters of generated names: k8s.io/apimachinery/pkg/util/rand leaves out vowels, 0, 1 and 3."""


class Score(BaseModel):
    """One verdict, and why it is not right where it is not."""

    model_config = ConfigDict(frozen=True)

    name: str
    right: bool
    reason: str = ""


Scorer = Callable[[Case, Diagnosis], Score]


def score_outcome(case: Case, diagnosis: Diagnosis) -> Score:
    """Diagnosed where something is wrong, healthy where nothing is."""
    wanted = Outcome.DIAGNOSED if case.expected.object else Outcome.HEALTHY
    return _judge("outcome", diagnosis.outcome is wanted, f"{diagnosis.outcome}, not {wanted}")


def score_object(case: Case, diagnosis: Diagnosis) -> Score:
    """The object to fix comes first, and every independent fault is named as one."""
    named = _list_blamed(diagnosis)
    right = _is_fault(diagnosis.object, case.expected) and not _find_missing(case.expected, named)
    return _judge("object", right, f"{_list(named)}, not {_list_faults(case.expected)}")


def score_object_in_top(case: Case, diagnosis: Diagnosis) -> Score:
    """Every fault is among the first three objects: those named as faults, then the alternatives."""
    named = [*_list_blamed(diagnosis), *(h.object for h in diagnosis.alternatives)]
    top = list(dict.fromkeys(named))[: max(TOP, len(case.expected.faults))]
    right = not _find_missing(case.expected, top) if case.expected.faults else not diagnosis.object
    return _judge("top-3", right, f"{_list(top)} without {_list_faults(case.expected)}")


def score_issue_type(case: Case, diagnosis: Diagnosis) -> Score:
    """The kind of trouble."""
    given, wanted = diagnosis.issue_type, case.expected.issue_type
    return _judge("type", given is wanted, f"{given}, not {wanted}")


def score_facts(case: Case, diagnosis: Diagnosis) -> Score:
    """What a reader has to find is in the answer."""
    text = "\n".join(_read_aloud(diagnosis)).casefold()
    absent = [fact for fact in case.expected.must_mention if fact.casefold() not in text]
    return _judge("facts", not absent, f"not mentioned: {', '.join(absent)}")


def score_blame(case: Case, diagnosis: Diagnosis) -> Score:
    """No workload that is fine is called a fault, neither by its own name nor by one of its Pods'."""
    innocent = case.expected.must_not_blame
    blamed = [ref for ref in _list_blamed(diagnosis) if any(_belongs(ref, name) for name in innocent)]
    return _judge("blame", not blamed, f"blames {_list(blamed)}")


def score_citations(case: Case, diagnosis: Diagnosis) -> Score:
    """Every citation is an observation in the answer, and a diagnosed cause has at least one."""
    made_up = diagnosis.citations() - {item.id for item in diagnosis.evidence}
    if made_up:
        return _judge("citations", False, f"not among the evidence: {', '.join(sorted(made_up))}")
    rests = diagnosis.outcome is not Outcome.DIAGNOSED or bool(diagnosis.cited)
    return _judge("citations", rests, "the cause rests on nothing")


SCORERS: tuple[Scorer, ...] = (
    score_object,
    score_object_in_top,
    score_issue_type,
    score_facts,
    score_blame,
    score_outcome,
    score_citations,
)

DECISIVE = frozenset({"object", "facts", "blame", "outcome", "citations"})
"""The scores without which an answer is not right; the others tell how near it came."""


def _judge(name: str, right: bool, reason: str) -> Score:
    return Score(name=name, right=right, reason="" if right else reason)


def _list_blamed(diagnosis: Diagnosis) -> list[ObjectRef]:
    return [ref for ref in (diagnosis.object, *(fault.object for fault in diagnosis.also)) if ref]


def _is_fault(ref: ObjectRef | None, expected: Expectation) -> bool:
    if ref is None:
        return not expected.faults
    return any(ref in fault for fault in expected.faults)


def _find_missing(expected: Expectation, named: Sequence[ObjectRef]) -> list[frozenset[ObjectRef]]:
    return [fault for fault in expected.faults if fault.isdisjoint(named)]


def _belongs(ref: ObjectRef, workload: str) -> bool:
    hash_, suffix = f"-{_GENERATED}{{1,10}}", rf"-(?:{_GENERATED}{{5}}|\d+)"
    return re.fullmatch(f"{re.escape(workload)}(?:{hash_})?(?:{suffix})?", ref.name) is not None


def _list(refs: Sequence[ObjectRef]) -> str:
    return " and ".join(map(str, refs)) or "nothing"


def _list_faults(expected: Expectation) -> str:
    main = (expected.object,) if expected.object else ()
    return _list((*main, *expected.also))


def _read_aloud(diagnosis: Diagnosis) -> Iterator[str]:
    """What a person reads about the faults; other explanations and the commands to verify do not count."""
    yield from (diagnosis.summary, diagnosis.root_cause, str(diagnosis.object), str(diagnosis.missing or ""))
    for link in diagnosis.chain:
        yield from (str(link.object), link.statement)
    for hypothesis in diagnosis.also:
        yield from (str(hypothesis.object), hypothesis.cause)
    yield from (diagnosis.fix.summary, *diagnosis.fix.commands, diagnosis.fix.patch)
    yield from (item.text for item in diagnosis.evidence)
