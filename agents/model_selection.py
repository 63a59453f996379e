"""Model selection: which reasoner an issue of this type goes to, and why, in words."""

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from agents.models.desk import ModelDesk
from agents.models.routing import Need, find_route
from agents.playbook.reasoner import choose_root, is_settled
from domain.case import CaseFile
from domain.diagnosis import ModelCall, ModelChoice
from domain.evidence import IssueType
from domain.settings import ModelSettings

PLAYBOOK = "playbook"

PROMPT = 2_500
"""Tokens of a prompt besides its evidence, at most: instructions, findings, commands, the schema."""

CLEARLY = 3
"""This many observations contradict a finding of which none of the evidence speaks."""

_WORDS: dict[IssueType, re.Pattern[str]] = {
    IssueType.ADMISSION: re.compile(
        r"admission webhook|exceeded quota|is forbidden: .*(?:quota|limit)", re.I
    ),
    IssueType.SCHEDULING: re.compile(r"FailedScheduling|nodes are available|untolerated taint", re.I),
    IssueType.STORAGE: re.compile(
        r"PersistentVolume|FailedMount|FailedAttachVolume|no space left|read-only file", re.I
    ),
    IssueType.CONFIGURATION: re.compile(
        r"CreateContainerConfigError|(?:config ?map|secret)\b.*not found|invalid conf", re.I
    ),
    IssueType.STARTUP: re.compile(
        r"ErrImagePull|ImagePullBackOff|RunContainerError|executable file not found", re.I
    ),
    IssueType.RESOURCES: re.compile(r"OOMKilled|out of memory|throttl|evicted", re.I),
    IssueType.PERMISSIONS: re.compile(r"forbidden|unauthori[sz]ed|permission denied|access denied", re.I),
    IssueType.NETWORKING: re.compile(
        r"refused|no such host|timed? ?out|unreachable|no endpoints|\b50[234]\b", re.I
    ),
    IssueType.NODE: re.compile(r"NodeNotReady|DiskPressure|MemoryPressure|PIDPressure", re.I),
    IssueType.RUNTIME: re.compile(r"CrashLoopBackOff|panic|traceback|exception|exit code|BackOff", re.I),
}
"""Tried in this order: what names a mechanism comes before what many mechanisms end in."""


class IssueGuess(BaseModel):
    """The kind of issue, why, and whether findings and evidence agree on it."""

    model_config = ConfigDict(frozen=True)

    kind: IssueType
    why: str
    agreed: bool


async def select_model(
    case: CaseFile, desk: ModelDesk, seconds: float, spent: Iterable[ModelCall] = ()
) -> ModelChoice:
    """The route of models for a case, or the playbook, and why.

    Args:
        case: what is known by now.
        desk: the models and their settings.
        seconds: what is left of the investigation's time.
        spent: what this turn has asked of models already.

    Raises:
        MalformedSettings: the routing table cannot be used.
    """
    guess = tell_issue_type(case)
    if alone := _tell_why_alone(case, desk.settings):
        return ModelChoice(issue_type=guess.kind, model=PLAYBOOK, reason=f"{guess.why} {alone}")
    calls: tuple[ModelCall, ...] = ()
    if not guess.agreed:
        kind, calls = await desk.classify(case, spent)
        if kind is not IssueType.UNKNOWN:
            told = f"{guess.why} They do not settle it; {desk.settings.classifier} calls it {kind}."
            guess = IssueGuess(kind=kind, why=told, agreed=True)
    choice = _choose(guess, desk.settings, seconds)
    reason = choice.reason
    if choice.route and (pack := desk.packs.find(case.scope)):
        reason = f"{reason} The domain pack {pack.name} adds {pack.tokens} tokens to every question."
    return choice.model_copy(update={"calls": calls, "reason": reason})


def _tell_why_alone(case: CaseFile, settings: ModelSettings) -> str:
    """Why no model is asked; empty when one is."""
    if settings.use == "never":
        return "No model is configured, so the playbook answers: offline and at no cost."
    if settings.use == "unsettled" and is_settled(case):
        return "The playbook is sure of the cause, so no model is asked."
    return ""


def _choose(guess: IssueGuess, settings: ModelSettings, seconds: float) -> ModelChoice:
    need = Need(read=settings.evidence_tokens + PROMPT, written=settings.output_tokens, seconds=seconds)
    route = find_route(guess.kind, settings, need)
    passed = "".join(f" {sentence}" for sentence in route.passed_over)
    if not route.models:
        reason = f"{guess.why}{passed} No model is left, so the playbook answers."
        return ModelChoice(issue_type=guess.kind, model=PLAYBOOK, reason=reason)
    specs = tuple(model.spec for model in route.models)
    behind = f", then to {', '.join(specs[1:])}" if specs[1:] else ""
    reason = f"{guess.why} It goes to {specs[0]}{behind}, then to the playbook.{passed}"
    return ModelChoice(issue_type=guess.kind, model=specs[0], route=specs, reason=reason)


def tell_issue_type(case: CaseFile) -> IssueGuess:
    """The issue type of the finding behind the trouble; without one, what most of the evidence speaks of.

    They agree unless the evidence does not speak of the finding's kind at all, but clearly of another; a mere
    symptom settles nothing.
    """
    votes = {kind: sum(bool(p.search(item.text)) for item in case.evidence) for kind, p in _WORDS.items()}
    loudest = max(votes, key=lambda kind: votes[kind])
    if best := choose_root(case):
        why = f"The best finding ({best.rule}) speaks of {best.issue_type}."
        contradicted = votes[loudest] >= CLEARLY and not votes.get(best.issue_type)
        return IssueGuess(kind=best.issue_type, why=why, agreed=not (best.symptom or contradicted))
    if votes[loudest]:
        why = f"No rule matched; {votes[loudest]} observations speak of {loudest}."
        alone = sum(count == votes[loudest] for count in votes.values()) == 1
        return IssueGuess(kind=loudest, why=why, agreed=alone)
    why = "Nothing seen so far tells the kind of issue."
    return IssueGuess(kind=IssueType.UNKNOWN, why=why, agreed=False)
