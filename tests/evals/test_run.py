"""The evaluation: counts what is right, survives what fails, and finds our own incidents diagnosed right."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.diagnosis import Diagnosis, Outcome
from domain.errors import ClusterUnavailable, InputError, MalformedRecording, UnknownIncident
from domain.evidence import IssueType
from evals.dataset import Case, load_cases
from evals.run import CaseResult, EvalResult, run
from evals.solver import AS_SET, Setup, ask_graph
from tools.incidents import INCIDENTS

FEW = ("missing-configmap-chain", "healthy-noisy", "service-selector-typo")


async def shrug(case: Case, setup: Setup = AS_SET) -> Diagnosis:
    return Diagnosis(outcome=Outcome.HEALTHY, summary="All is well.", issue_type=IssueType.NONE)


async def test_an_answer_that_is_wrong_is_counted_as_wrong() -> None:
    heard: list[CaseResult] = []

    result = await run(load_cases(FEW), shrug, on_result=heard.append)

    assert tuple(heard) == result.cases
    assert {c.id: c.scores[0].right for c in result.cases} == {
        "missing-configmap-chain": False,
        "healthy-noisy": True,
        "service-selector-typo": False,
    }
    assert not result.all_right
    assert {kind: (t.cases, t.by_score["outcome"]) for kind, t in result.by_issue_type.items()} == {
        "configuration": (1, 0),
        "networking": (1, 0),
        "none": (1, 1),
    }


async def test_a_case_without_an_answer_fails_alone() -> None:
    async def fail_once(case: Case, setup: Setup) -> Diagnosis:
        if case.id == "missing-configmap-chain":
            raise ClusterUnavailable("The cluster did not answer.")
        return await shrug(case)

    result = await run(load_cases(FEW), fail_once)

    failed = result.cases[0]
    assert (failed.right, failed.scores, failed.summary) == (False, (), "The cluster did not answer.")
    assert result.total.cases == len(FEW)


async def test_every_incident_of_ours_is_diagnosed_right() -> None:
    result = await run(load_cases())

    wrong = {c.id: [s for s in c.scores if not s.right] or c.summary for c in result.cases if not c.right}
    assert not wrong
    assert result.total.cases >= 16
    assert EvalResult.model_validate_json(result.model_dump_json(exclude_computed_fields=True)) == result


async def test_the_solver_answers_when_asked_back(twins: Path) -> None:
    case = make_ambiguous(twins, answers=["green"])

    assert "green" in (await ask_graph(case)).summary


async def test_without_answers_it_takes_the_first_option(twins: Path) -> None:
    assert "blue" in (await ask_graph(make_ambiguous(twins))).summary


async def test_an_answer_that_never_fits_is_no_answer(twins: Path) -> None:
    result = await run([make_ambiguous(twins, answers=["purple"] * 9)])

    assert not result.all_right
    assert "asked back after 3 answers" in result.cases[0].summary


def test_an_unknown_incident_is_named() -> None:
    with pytest.raises(UnknownIncident, match="missing-configmap-chian.*missing-configmap-chain"):
        load_cases(["missing-configmap-chian"])


def test_an_expectation_with_a_misspelt_field_is_refused(tmp_path: Path) -> None:
    folder = copy_incident("healthy-noisy", tmp_path)
    path = folder / "incident.yaml"
    path.write_text(path.read_text().replace("must_mention", "must_mentoin"))

    with pytest.raises(MalformedRecording, match=r"incident\.yaml: `expected\.must_mentoin`"):
        load_cases(folder=tmp_path)


def test_a_folder_without_expectations_has_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to score"):
        load_cases(folder=tmp_path)


def copy_incident(name: str, target: Path) -> Path:
    return Path(shutil.copytree(INCIDENTS / name, target / name))


def make_ambiguous(twins: Path, answers: Sequence[str] = ()) -> Case:
    folder = twins.parent / "cases" / "ambiguous"
    shutil.copytree(twins, folder / "cluster")
    expected = {"issue_type": "none", "object": None, "answers": list(answers)}
    about = {"question": "what is wrong with basket?", "expected": expected}
    (folder / "incident.yaml").write_text(json.dumps(about))
    return load_cases(folder=folder.parent)[0]
