"""The channels of the graph: what one thread remembers."""

from collections.abc import Iterable
from enum import Enum
from operator import add
from typing import Annotated, Any, NotRequired, cast

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from domain.case import CaseFile, CommandRecord
from domain.diagnosis import CommandPlan, Diagnosis, ModelCall, ModelChoice, Outcome
from domain.evidence import Evidence, Finding, IssueType, PlannedCommand, Source
from domain.scope import Scope
from graphs.pasting import Paste
from tools.redaction import Remembered


class Turn(BaseModel):
    """One question of a thread and the sentence that answered it."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str


def merge_evidence(seen: list[Evidence], new: Iterable[Evidence]) -> list[Evidence]:
    """Both, in the order of first sight; an observation made twice is one."""
    return list({item.id: item for item in (*seen, *new)}.values())


def merge_sentences(seen: list[str], new: Iterable[str]) -> list[str]:
    """Both without repetitions, in the order they were first said."""
    return list(dict.fromkeys((*seen, *new)))


def keep_latest(known: Remembered | None, new: Remembered | None) -> Remembered | None:
    """Of what two nodes remember of the secrets they saw, what holds more; one thread numbers them all."""
    return max((known, new), key=lambda remembered: remembered["last"] if remembered else 0)


class Question(TypedDict):
    """What the graph takes: the words of a person.

    ``deeper``: the last diagnosis is doubted, another cause is wanted, and a model's word if there is one.
    """

    question: str
    deeper: NotRequired[bool]


class Answer(TypedDict):
    """What the graph gives."""

    diagnosis: Diagnosis


class State(TypedDict, total=False):
    """The channels.

    Attributes:
        question: the words of the present turn.
        deeper: the last diagnosis is doubted.
        doubted: ids of the findings that were doubted in the thread, as long as digging goes on.
        cluster: the live cluster that the thread is about; empty: a recording.
        verify: the question is whether the fix of ``previous`` worked.
        evidence: everything observed in the thread, without repetitions.
        findings: what the playbook makes of it at present, best first.
        commands: every command asked for, with what came of it.
        earlier: how many of ``commands`` belong to earlier turns: they are outside this turn's budget.
        not_seen: what could not be looked at in this turn, and why.
        choice: which models this turn may ask, and why.
        calls: every question to a model in this turn, with tokens and cost.
        plan: the commands of the present round, or "enough".
        rounds: rounds of commands in this turn.
        contested: the diagnosis that was sent back in this turn; its caveats say why.
        diagnosis: the answer of this turn; None until there is one.
        previous: the last diagnosis of an earlier turn that found a cause: what a follow-up refers to.
        turns: the thread so far.
        pasted: output of kubectl that the thread's questions held; ``question`` is without it.
        redacted: by what the secrets that were numbered are known again, in another process too.
    """

    question: str
    deeper: bool
    doubted: list[str]
    cluster: str
    verify: bool
    scope: Scope
    evidence: Annotated[list[Evidence], merge_evidence]
    findings: list[Finding]
    commands: Annotated[list[CommandRecord], add]
    earlier: int
    not_seen: Annotated[list[str], merge_sentences]
    choice: ModelChoice
    calls: Annotated[list[ModelCall], add]
    plan: CommandPlan
    rounds: int
    contested: Diagnosis | None
    diagnosis: Diagnosis | None
    previous: Diagnosis | None
    turns: Annotated[list[Turn], add]
    pasted: Paste | None
    redacted: Annotated[Remembered | None, keep_latest]


CHANNEL_TYPES: tuple[type[BaseModel] | type[Enum], ...] = (
    Scope,
    Evidence,
    Source,
    Finding,
    IssueType,
    CommandRecord,
    PlannedCommand,
    ModelCall,
    ModelChoice,
    CommandPlan,
    Diagnosis,
    Outcome,
    Turn,
    Paste,
)
"""What a checkpoint may be read back into, with the enumerations inside: no other class is revived."""


def open_case(state: State) -> CaseFile:
    """The case file of the state; a diagnosis that was sent back stands in for the previous one."""
    return CaseFile(
        question=state["question"],
        scope=state["scope"],
        evidence=tuple(state.get("evidence", ())),
        findings=tuple(state.get("findings", ())),
        commands=tuple(state.get("commands", ())),
        not_seen=tuple(state.get("not_seen", ())),
        previous=state.get("contested") or state.get("previous"),
        doubted=tuple(state.get("doubted", ())),
    )


def foresee(state: State, update: dict[str, Any]) -> State:
    """The state as it will be once ``update`` is written, for a node that goes on working with it."""
    ahead: dict[str, Any] = {**state, **update}
    ahead["evidence"] = merge_evidence(state.get("evidence", []), update.get("evidence", ()))
    ahead["not_seen"] = merge_sentences(state.get("not_seen", []), update.get("not_seen", ()))
    return cast(State, ahead)
