"""Model selection: which reasoner an issue of this type goes to, and why, in words."""

import re
from collections.abc import Sequence

from domain.diagnosis import ModelChoice
from domain.evidence import Evidence, Finding, IssueType

PLAYBOOK = "playbook"

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


def select_model(
    findings: Sequence[Finding], evidence: Sequence[Evidence], available: Sequence[str] = ()
) -> ModelChoice:
    """The model for an issue: the first of ``available``, or the playbook when there is none.

    The issue type is the best finding's; without a finding, the one that most of the evidence speaks of.
    """
    issue_type, why = _tell_issue_type(findings, evidence)
    if not available:
        reason = f"{why} No model is configured, so the playbook answers: offline and at no cost."
        return ModelChoice(issue_type=issue_type, model=PLAYBOOK, reason=reason)
    return ModelChoice(issue_type=issue_type, model=available[0], reason=f"{why} It goes to {available[0]}.")


def _tell_issue_type(findings: Sequence[Finding], evidence: Sequence[Evidence]) -> tuple[IssueType, str]:
    explaining = [finding for finding in findings if not finding.symptom] or list(findings)
    if explaining:
        best = explaining[0]
        return best.issue_type, f"The best finding ({best.rule}) speaks of {best.issue_type}."
    votes = {kind: sum(bool(p.search(item.text)) for item in evidence) for kind, p in _WORDS.items()}
    kind = max(votes, key=lambda kind: votes[kind])
    if votes[kind]:
        return kind, f"No rule matched; {votes[kind]} observations speak of {kind}."
    return IssueType.UNKNOWN, "Nothing seen so far tells the kind of issue."
