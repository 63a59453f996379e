"""Every rule, proved by a scene that it must recognise among healthy bystanders."""

from collections import Counter
from functools import cache

import pytest

from agents.diagnosis import check_citations
from domain.evidence import Finding
from tests.agents.playbook.cases import (
    admission,
    configuration,
    crashes,
    images,
    networking,
    nodes,
    permissions,
    placement,
    probes,
    runtime,
    scheduling,
    services,
    settings,
    startup,
    storage,
    workloads,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import BYSTANDERS, NODES, Answer, Piece, ask, bystanders, playbook
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import KubectlCommand
from tools.kubectl.policy import check

MARKS = "“”.,:;()"
SUBJECTS = (
    admission,
    configuration,
    crashes,
    images,
    networking,
    nodes,
    permissions,
    placement,
    probes,
    runtime,
    scheduling,
    services,
    settings,
    startup,
    storage,
    workloads,
)
CASES = [case for subject in SUBJECTS for case in subject.CASES]


ONLY_IF_ASKED = {
    "disruption-blocked",
    "scaled-to-zero",
    "cronjob-suspended",
    "autoscaler-at-maximum",
    "load-balancer-pending",
    "errors-logged",
}
"""What may be on purpose: it is the cause only when somebody asks about it, or misses it."""


@cache
def answer_of(index: int) -> Answer:
    case = CASES[index]
    return ask(*case.pieces, *surroundings_of(case), about=case.asked, words=case.words)


def surroundings_of(case: Case) -> list[Piece]:
    """Healthy bystanders, and nodes unless the scene brings its own or shall have none."""
    brings_nodes = any(isinstance(piece, dict) and piece["kind"] == "Node" for piece in case.pieces)
    around = bystanders(case.asked.namespace or "default")
    return around if brings_nodes or "nodes not seen" in case.variant else [*around, *NODES]


def sentences(finding: Finding) -> list[str]:
    lines = (*finding.verify, *(command.line for command in finding.confirm), *finding.fix.commands)
    return [finding.cause, finding.fix.summary, finding.fix.patch, *lines]


@pytest.fixture(params=range(len(CASES)), ids=[case.id for case in CASES])
def index(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_a_rule_recognises_its_scene(index: int) -> None:
    case, answer = CASES[index], answer_of(index)

    found = [finding for finding in answer.of(case.rule) if finding.object == case.at]

    assert found, f"found: {[(f.rule, str(f.object)) for f in answer.findings]}"
    assert found[0].missing == case.missing
    assert not [word for word in case.says if word not in found[0].cause], found[0].cause


def test_the_diagnosis_names_what_has_to_change(index: int) -> None:
    case, answer = CASES[index], answer_of(index)

    if case.decides:
        assert answer.diagnosis.object == case.at, answer.diagnosis.summary
        assert answer.diagnosis.missing == case.missing
        assert not [word for word in case.says if word not in answer.diagnosis.root_cause], answer.diagnosis
    assert not [ref for ref in answer.blamed if ref.name in BYSTANDERS], answer.blamed
    assert check_citations(answer.diagnosis, answer.case) == ()


def test_it_is_found_without_being_asked_about(index: int) -> None:
    case = CASES[index]
    if not case.decides or case.words or case.rule in ONLY_IF_ASKED:
        return

    at_large = ask(*case.pieces, *surroundings_of(case))

    assert at_large.diagnosis.object == case.at, at_large.diagnosis.summary


def test_every_template_is_filled(index: int) -> None:
    answer = answer_of(index)

    seen = {word.strip(MARKS) for item in answer.case.evidence for word in item.text.split()}
    told = [text for finding in answer.findings for text in sentences(finding)]

    assert not [
        text for text in told for word in text.split() if "?" in word and word.strip(MARKS) not in seen
    ]


def test_what_is_to_be_run_is_allowed(index: int) -> None:
    answer = answer_of(index)

    for finding in answer.findings:
        for line in (*finding.verify, *(command.line for command in finding.confirm)):
            check(KubectlCommand.parse(line), BUILTIN_RESOURCES)


def test_every_rule_has_a_scene() -> None:
    covered = Counter(case.rule for case in CASES)

    assert set(covered) == {rule.id for rule in playbook().rules}


def test_scenes_are_told_apart() -> None:
    assert not [name for name, count in Counter(case.id for case in CASES).items() if count > 1]
