"""The evaluation: every case through the solver, its answer through the scorers, the sums by issue type."""

from collections.abc import Callable, Sequence
from time import perf_counter

from pydantic import BaseModel, ConfigDict, computed_field

from domain.diagnosis import Diagnosis
from domain.errors import KubewhyError, MalformedRecording
from domain.evidence import IssueType
from evals.dataset import Case
from evals.scorers import DECISIVE, SCORERS, Score, Scorer
from evals.solver import Solver, ask_graph


class CaseResult(BaseModel):
    """How one case went.

    Attributes:
        id: the incident's id.
        issue_type: the expected one: what the sums are made by.
        provenance: of the incident: ``recorded`` or ``authored``.
        summary: the answer's first sentence, or the error in place of an answer.
        scores: one a scorer; empty when there was no answer.
        seconds: wall time, from opening the recording to the answer.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    issue_type: IssueType
    provenance: str
    summary: str
    scores: tuple[Score, ...]
    seconds: float

    @computed_field  # type: ignore[prop-decorator]
    @property
    def right(self) -> bool:
        """Whether every decisive score is right."""
        return bool(self.scores) and all(score.right for score in self.scores if score.name in DECISIVE)


class Tally(BaseModel):
    """Sums over some cases: how many there are, and how many are right, by score."""

    model_config = ConfigDict(frozen=True)

    cases: int
    right: int
    by_score: dict[str, int]

    @classmethod
    def of(cls, results: Sequence[CaseResult]) -> "Tally":
        """Count."""
        by_score: dict[str, int] = {}
        for score in (score for result in results for score in result.scores):
            by_score[score.name] = by_score.get(score.name, 0) + score.right
        return cls(cases=len(results), right=sum(result.right for result in results), by_score=by_score)


class EvalResult(BaseModel):
    """The whole evaluation. ``version`` changes when a field changes its meaning."""

    model_config = ConfigDict(frozen=True)

    version: int = 1
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

    @property
    def all_right(self) -> bool:
        """Whether no case went wrong."""
        return self.total.right == self.total.cases


async def run(
    cases: Sequence[Case],
    solver: Solver = ask_graph,
    scorers: Sequence[Scorer] = SCORERS,
    on_result: Callable[[CaseResult], None] = lambda result: None,
) -> EvalResult:
    """Evaluate, one case after the other: side by side they would spoil each other's time.

    Args:
        cases: the dataset.
        solver: gives a diagnosis of a case.
        scorers: judge it.
        on_result: is told each result as it comes.

    Raises:
        MalformedRecording: a file of an incident cannot be read; any other error counts against its case.
    """
    results = []
    for case in cases:
        result = await _run_case(case, solver, scorers)
        on_result(result)
        results.append(result)
    return EvalResult(cases=tuple(results))


async def _run_case(case: Case, solver: Solver, scorers: Sequence[Scorer]) -> CaseResult:
    answer: Diagnosis | None = None
    start = perf_counter()
    try:
        answer = await solver(case)
        summary = answer.summary
    except MalformedRecording:
        raise
    except KubewhyError as error:
        summary = str(error)
    return CaseResult(
        id=case.id,
        issue_type=case.expected.issue_type,
        provenance=case.incident.provenance,
        summary=summary,
        scores=tuple(scorer(case, answer) for scorer in scorers) if answer else (),
        seconds=round(perf_counter() - start, 4),
    )
