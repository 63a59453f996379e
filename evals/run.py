"""The evaluation: every case through the solver, its answer through the scorers, the sums by issue type."""

from collections.abc import Callable, Sequence
from itertools import product
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field

from domain.diagnosis import Diagnosis
from domain.errors import KubewhyError, MalformedRecording, MalformedSettings
from domain.evidence import IssueType
from evals.dataset import Case
from evals.scorers import DECISIVE, SCORERS, Score, Scorer
from evals.solver import AS_SET, Setup, Solver, ask_graph


class CaseResult(BaseModel):
    """How one case went.

    Attributes:
        id: the incident's id.
        issue_type: the expected one: what the sums are made by.
        provenance: of the incident: ``recorded`` or ``authored``.
        summary: the answer's first sentence, or the error in place of an answer.
        scores: one a scorer; empty when there was no answer.
        seconds: wall time, from opening the recording to the answer.
        setup: the name of the setup that answered.
        reasoner: who concluded the answer.
        tokens: read and written by models.
        calls: questions to models.
        cost: US dollars; None where a price is not known.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    setup: str = ""
    issue_type: IssueType
    provenance: str
    summary: str
    scores: tuple[Score, ...]
    seconds: float
    reasoner: str = ""
    tokens: int = 0
    calls: int = 0
    cost: float | None = 0.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def right(self) -> bool:
        """Whether every decisive score is right."""
        return bool(self.scores) and all(score.right for score in self.scores if score.name in DECISIVE)


class Tally(BaseModel):
    """Sums over some cases: how many there are, how many are right, by score, and what models took."""

    model_config = ConfigDict(frozen=True)

    cases: int
    right: int
    by_score: dict[str, int]
    tokens: int
    cost: float | None

    @classmethod
    def of(cls, results: Sequence[CaseResult]) -> "Tally":
        """Count."""
        by_score: dict[str, int] = {}
        for score in (score for result in results for score in result.scores):
            by_score[score.name] = by_score.get(score.name, 0) + score.right
        costs = [result.cost for result in results]
        return cls(
            cases=len(results),
            right=sum(result.right for result in results),
            by_score=by_score,
            tokens=sum(result.tokens for result in results),
            cost=None if None in costs else round(sum(filter(None, costs)), 6),
        )


class EvalResult(BaseModel):
    """The whole evaluation. ``version`` changes when a field changes its meaning."""

    model_config = ConfigDict(frozen=True)

    version: int = 2
    cases: tuple[CaseResult, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> Tally:
        """All cases."""
        return Tally.of(self.cases)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def by_issue_type(self) -> dict[str, Tally]:
        """The cases of each expected issue type, by its name."""
        types = sorted({result.issue_type for result in self.cases})
        return {kind.value: Tally.of([r for r in self.cases if r.issue_type is kind]) for kind in types}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def by_setup(self) -> dict[str, dict[str, Tally]]:
        """The cases of each setup, by its name and the expected issue type; ``all`` sums them up."""
        found: dict[str, dict[str, Tally]] = {}
        for name in dict.fromkeys(result.setup for result in self.cases):
            own = EvalResult(cases=tuple(result for result in self.cases if result.setup == name))
            found[name] = {**own.by_issue_type, "all": own.total}
        return found

    @property
    def all_right(self) -> bool:
        """Whether no case went wrong."""
        return self.total.right == self.total.cases


async def run(
    cases: Sequence[Case],
    solver: Solver = ask_graph,
    scorers: Sequence[Scorer] = SCORERS,
    on_result: Callable[[CaseResult], None] = lambda result: None,
    setups: Sequence[Setup] = (AS_SET,),
) -> EvalResult:
    """Evaluate, one case after the other: side by side they would spoil each other's time.

    Args:
        cases: the dataset.
        solver: gives a diagnosis of a case.
        scorers: judge it.
        on_result: is told each result as it comes.
        setups: who answers; every one of them gets every case.

    Raises:
        MalformedRecording: a file of an incident cannot be read.
        MalformedSettings: a setup cannot be used. Any other error counts against its case.
    """
    results = []
    for setup, case in product(setups, cases):
        result = await _run_case(case, setup, solver, scorers)
        on_result(result)
        results.append(result)
    return EvalResult(cases=tuple(results))


async def _run_case(case: Case, setup: Setup, solver: Solver, scorers: Sequence[Scorer]) -> CaseResult:
    answer: Diagnosis | None = None
    start = perf_counter()
    try:
        answer = await solver(case, setup)
        summary = answer.summary
    except (MalformedRecording, MalformedSettings):
        raise
    except KubewhyError as error:
        summary = str(error)
    result = CaseResult(
        id=case.id,
        setup=setup.name,
        issue_type=case.expected.issue_type,
        provenance=case.incident.provenance,
        summary=summary,
        scores=tuple(scorer(case, answer) for scorer in scorers) if answer else (),
        seconds=round(perf_counter() - start, 4),
    )
    return result.model_copy(update=_count(answer)) if answer else result


def _count(answer: Diagnosis) -> dict[str, Any]:
    costs = [call.cost for call in answer.calls if not call.fault or call.cost]
    return {
        "reasoner": answer.reasoner,
        "calls": len(answer.calls),
        "tokens": sum(call.read + call.written for call in answer.calls),
        "cost": None if None in costs else round(sum(filter(None, costs)), 6),
    }
