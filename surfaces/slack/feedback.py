"""What people think of an answer: kept, with a recording, as a labelled case of the evaluation.

A case is a folder like a recorded incident's: ``kubewhy eval run`` scores them with KUBEWHY_INCIDENTS set to
the folder of cases.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from domain.diagnosis import Diagnosis, Outcome
from domain.errors import KubewhyError
from domain.evidence import IssueType
from domain.objects import ObjectRef
from evals.dataset import Expectation
from surfaces.slack.exhibits import Exhibits
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Question
from surfaces.slack.recording import record_incident
from tools.redaction import redact

RIGHT = "right"
WELL = "none"
"""The choice of a person who says that nothing was wrong."""

REASONS = {
    "cause": "The cause is wrong",
    "fix": "The cause is right, the fix is not",
    "missed": "It missed something",
    "unclear": "It is hard to understand",
}
NOT_KEPT = "Thank you. It is noted, but what was wrong is over or cannot be read, so no case is made of it."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rating:
    """What one person thinks of an answer.

    Attributes:
        verdict: ``RIGHT``, or one of ``REASONS``.
        culprit: the number, from 0 on, of the object that was at fault; ``WELL``; empty: not told.
        told: what it was, in words.
    """

    verdict: str
    culprit: str = ""
    told: str = ""


class Feedback:
    """Keeps what people think of answers."""

    def __init__(self, parts: Parts, exhibits: Exhibits) -> None:
        """Keep it where the settings say."""
        self._parts = parts
        self._exhibits = exhibits
        self._one_by_one = asyncio.Lock()

    async def rate(self, key: str, user: str, rating: Rating) -> None:
        """Note what a user thinks of an answer, keep it as a case, and say where."""
        question = await self._exhibits.find(key, user)
        if question is None:
            return
        told = {"reason": redact(rating.told), "by": user}
        await self._parts.audit.write(question, f"rated {rating.verdict}", **told)
        folder = await self._keep(question, user, rating)
        thanks = f"Thank you. It is kept as a case for the evaluation: {folder}." if folder else NOT_KEPT
        await self._exhibits.tell(question, user, thanks)

    async def _keep(self, question: Question, user: str, rating: Rating) -> Path | None:
        """The folder of the case; None where there is nothing to record any more."""
        name = f"{question.place.channel}-{question.ts}".replace(".", "-")
        folder = self._parts.settings.slack.cases / name
        async with self._one_by_one:
            if not folder.exists():
                if await self._is_over(question):
                    return None
                try:
                    grant = await self._exhibits.grant(question, user)
                    await record_incident(self._parts, question, grant, folder)
                except KubewhyError as error:
                    _log.warning("no case was made of %s: %s", question.key, error)
                    return None
            await asyncio.to_thread(_label, folder / "incident.yaml", question, rating)
        return folder

    async def _is_over(self, question: Question) -> bool:
        """Whether what was answered was fixed since: what is there now shows it no more."""
        later = await self._parts.questions.of_thread(question.place)
        ends = [q.answer.outcome for q in later if q.answer and q.asked_at > question.asked_at]
        return Outcome.VERIFIED in ends


def _label(path: Path, question: Question, rating: Rating) -> None:
    """Write what is expected of an answer into the description of a case. Blocking."""
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    heard = {"verdict": rating.verdict, "told": redact(rating.told), "at": datetime.now(UTC).isoformat()}
    described["feedback"] = [*described.get("feedback", ()), heard]
    if question.answer and (expected := expect(question.answer, rating)):
        told = expected.model_dump(mode="json", exclude_defaults=True)
        described["expected"] = {"issue_type": str(expected.issue_type), **told}
    path.write_text(yaml.safe_dump(described, sort_keys=False, allow_unicode=True), encoding="utf-8")


def expect(diagnosis: Diagnosis, rating: Rating) -> Expectation | None:
    """What a right answer would say, as far as a rating tells; None where it does not."""
    if rating.culprit == WELL:
        return Expectation(issue_type=IssueType.NONE)
    if rating.verdict in (RIGHT, "fix"):
        return Expectation(
            issue_type=diagnosis.issue_type,
            object=diagnosis.object,
            also=tuple(fault.object for fault in diagnosis.also),
            root_cause=diagnosis.root_cause,
            must_mention=(diagnosis.missing.name,) if diagnosis.missing else (),
        )
    if rating.culprit:
        ref, kind, cause = list_suspects(diagnosis)[int(rating.culprit)]
        return Expectation(issue_type=kind, object=ref, root_cause=redact(rating.told) or cause)
    return None


def list_suspects(diagnosis: Diagnosis) -> list[tuple[ObjectRef, IssueType, str]]:
    """The objects that an answer names, each once, with the kind of trouble and the cause."""
    found: dict[ObjectRef, tuple[ObjectRef, IssueType, str]] = {}
    for ref, kind, cause in _suspect(diagnosis):
        found.setdefault(ref, (ref, kind, cause))
    return list(found.values())


def _suspect(diagnosis: Diagnosis) -> Iterator[tuple[ObjectRef, IssueType, Any]]:
    for guess in (*diagnosis.alternatives, *diagnosis.also):
        yield guess.object, guess.issue_type, guess.cause
    if diagnosis.object:
        yield diagnosis.object, diagnosis.issue_type, diagnosis.root_cause
    for link in diagnosis.chain:
        yield link.object, diagnosis.issue_type, link.statement
    for item in diagnosis.evidence:
        if item.object:
            yield item.object, IssueType.UNKNOWN, ""
