"""Keeping a diagnosis honest: its citations, and whether a fix worked."""

import re

from domain.case import CaseFile
from domain.diagnosis import Diagnosis, Outcome
from domain.evidence import Evidence, IssueType
from tools.cluster.resources import BUILTIN_RESOURCES

LOWERED = 0.5
"""Confidence is multiplied by this when the citations do not hold."""

_IDENTIFIER = re.compile(r"[A-Za-z0-9][\w./:=-]*[\w]")
_KINDS = {resource.kind.lower() for resource in BUILTIN_RESOURCES}
_PLAIN = re.compile(r"^[A-Za-z][a-z]*$")


def check_citations(diagnosis: Diagnosis, case: CaseFile) -> tuple[str, ...]:
    """What is wrong with the citations of a diagnosis, in sentences; empty when they hold.

    Every cited id must be evidence of the case. Of a diagnosed cause, the object and most of the
    particular terms of the cause (names, numbers, addresses: what is no plain word) must occur in
    the evidence that the cause cites. This holds for a playbook and a model alike.
    """
    by_id = case.by_id()
    problems = [f"evidence {id_} does not exist" for id_ in sorted(diagnosis.citations() - by_id.keys())]
    if diagnosis.outcome is not Outcome.DIAGNOSED:
        return tuple(problems)
    cited = [by_id[id_] for id_ in diagnosis.cited if id_ in by_id]
    if not cited:
        return (*problems, "the cause cites no evidence")
    shown = _shown(cited)
    subject = diagnosis.missing or diagnosis.object
    if subject and subject.name.lower() not in shown:
        problems.append(f"{subject} occurs in no cited evidence")
    terms = particular_terms(diagnosis.root_cause)
    found = sum(term in shown for term in terms)
    if terms and found < len(terms) / 2:
        problems.append("the cause says more than the cited evidence shows")
    return tuple(problems)


def _shown(evidence: list[Evidence]) -> str:
    return "\n".join(f"{item.object or ''} {item.text}" for item in evidence).lower()


def particular_terms(text: str) -> list[str]:
    """The words of a sentence that name something: with a digit, a mark, or more than one capital.

    The kinds of Kubernetes (ConfigMap, IngressClass) are words of the field and name nothing.
    """
    words = (word.strip(".:=/-") for word in _IDENTIFIER.findall(text))
    named = (word.lower() for word in words if len(word) > 2 and not _PLAIN.match(word))
    return list(dict.fromkeys(word for word in named if word not in _KINDS))


def lower_confidence(diagnosis: Diagnosis, problems: tuple[str, ...]) -> Diagnosis:
    """The same diagnosis, less certain, with the reasons. What it cites stays, for a reader to judge."""
    reasons = tuple(f"Confidence lowered: {problem}." for problem in problems)
    return diagnosis.model_copy(
        update={
            "confidence": round(diagnosis.confidence * LOWERED, 2),
            "caveats": (*diagnosis.caveats, *reasons),
        }
    )


def judge_recovery(previous: Diagnosis, now: Diagnosis) -> Diagnosis:
    """Whether the trouble of ``previous`` is gone, given a fresh diagnosis of the same scope."""
    if previous.object is None:
        return now
    what = f"{previous.object.kind} {previous.object.name}"
    if now.outcome is Outcome.DIAGNOSED:
        same = now.object == previous.object and now.root_cause == previous.root_cause
        told = "the same cause is still there" if same else "something else is wrong now"
        summary = f"Not recovered: {told}. {now.summary}"
        return now.model_copy(update={"outcome": Outcome.NOT_VERIFIED, "summary": summary})
    if now.outcome is Outcome.UNKNOWN:
        return now.model_copy(
            update={"summary": f"It cannot be told whether {what} has recovered. {now.summary}"}
        )
    return now.model_copy(
        update={
            "outcome": Outcome.VERIFIED,
            "summary": f"Recovered: what was wrong with {what} is gone. {now.summary}",
            "issue_type": IssueType.NONE,
            "object": previous.object,
            "verification": previous.verification,
        }
    )
