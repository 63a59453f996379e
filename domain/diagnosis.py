"""What a reasoner says: the next commands, the choice of a model, the diagnosis."""

import re
import shlex
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.evidence import Evidence, Fix, IssueType, PlannedCommand
from domain.objects import ObjectRef

_KUBECTL = re.compile(r"(?:^|(?<=[|;&] ))kubectl(?= (?!config\b))")
"""kubectl where a command begins."""


class ModelCall(BaseModel):
    """One question to a chat model: what it took, and what came of it.

    Attributes:
        model: the model's spec, as the routing table names it.
        role: what it was asked for: plan, diagnose, classify, rewrite.
        read: tokens of the prompt.
        written: tokens of the answer.
        cost: US dollars; None where the price is not known.
        fault: one sentence on why the answer was not used; empty when it was.
        thinking: what a reasoning model wrote before its answer, redacted and bounded. For Studio, never
            for the person who asked.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    role: str
    read: int = 0
    written: int = 0
    cost: float | None = None
    seconds: float = 0.0
    fault: str = ""
    thinking: str = ""


class CommandPlan(BaseModel):
    """The next kubectl commands, each with its purpose; no commands means "enough"."""

    model_config = ConfigDict(frozen=True)

    commands: tuple[PlannedCommand, ...] = ()
    reason: str = ""
    calls: tuple[ModelCall, ...] = Field(default=(), description="what models were asked for it")

    @property
    def enough(self) -> bool:
        """Whether what was seen suffices for a diagnosis."""
        return not self.commands


class ModelChoice(BaseModel):
    """Issue type -> model, with the reason in words. ``route`` is tried in turn; empty: the playbook."""

    model_config = ConfigDict(frozen=True)

    issue_type: IssueType
    model: str
    reason: str
    route: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = Field(default=(), description="what models were asked for the choice")


class Outcome(StrEnum):
    """How an investigation ended."""

    DIAGNOSED = "diagnosed"
    HEALTHY = "healthy"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
    NOT_VERIFIED = "not-verified"


class Link(BaseModel):
    """One step of the causal chain: what is true of one object, and the evidence for it."""

    model_config = ConfigDict(frozen=True)

    object: ObjectRef
    statement: str
    evidence: tuple[str, ...] = ()


class Hypothesis(BaseModel):
    """A ranked cause with the reason for its rank."""

    model_config = ConfigDict(frozen=True)

    object: ObjectRef
    issue_type: IssueType
    cause: str
    confidence: float = Field(ge=0, le=1)
    reason: str = ""
    evidence: tuple[str, ...] = ()


class Diagnosis(BaseModel):
    """The answer. Every claim carries the ids of the evidence it rests on.

    Attributes:
        outcome: diagnosed, healthy (nothing wrong found), unknown, or the result of a verification.
        summary: one sentence, cause first.
        root_cause: the cause in full.
        object: what has to be fixed. None when nothing is wrong or nothing was found.
        missing: the object that does not exist and should, if that is the root.
        chain: from the root to what was asked about, root first.
        also: independent faults, each with a cause of its own.
        alternatives: other explanations, best first.
        evidence: the observations cited anywhere in the diagnosis.
        verification: kubectl lines that show whether the fix worked.
        not_seen: what could not be looked at, and why.
        caveats: why the confidence was lowered, if it was.
        cluster: the name of the cluster that this is about.
        kube_context: what ``kubectl --context`` takes to reach it from here; empty where that is not known.
        reasoner: who concluded this: ``playbook`` or a model's spec.
        chosen: who was to answer this turn, and why, in words; empty where no model is configured.
        calls: every model that was asked in this turn, with tokens and cost.
    """

    outcome: Outcome
    summary: str
    issue_type: IssueType = IssueType.UNKNOWN
    root_cause: str = ""
    object: ObjectRef | None = None
    missing: ObjectRef | None = None
    confidence: float = Field(default=0.0, ge=0, le=1)
    chain: tuple[Link, ...] = ()
    also: tuple[Hypothesis, ...] = ()
    alternatives: tuple[Hypothesis, ...] = ()
    cited: tuple[str, ...] = Field(default=(), description="ids the root cause rests on")
    evidence: tuple[Evidence, ...] = ()
    fix: Fix = Fix(summary="")
    verification: tuple[PlannedCommand, ...] = ()
    open_questions: tuple[str, ...] = ()
    not_seen: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    cluster: str = ""
    kube_context: str = ""
    reasoner: str = "playbook"
    chosen: str = ""
    calls: tuple[ModelCall, ...] = ()

    @property
    def explains_more(self) -> bool:
        """Whether the chain tells more than the root cause, and what is missing, do."""
        told = (link.statement == self.root_cause or link.object == self.missing for link in self.chain)
        return len(self.chain) > 1 and not all(told)

    def aim(self, line: str) -> str:
        """A kubectl line that reaches the diagnosed cluster, whatever the current context is."""
        if not self.kube_context:
            return line
        option = f"--context {shlex.quote(self.kube_context)}"
        return _KUBECTL.sub(lambda found: f"{found[0]} {option}", line)

    def citations(self) -> set[str]:
        """Every evidence id that the diagnosis mentions."""
        parts: tuple[Link | Hypothesis, ...] = (*self.chain, *self.also, *self.alternatives)
        return set(self.cited).union(*(part.evidence for part in parts))
