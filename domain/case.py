"""The case file: what a reasoner sees of an investigation."""

from pydantic import BaseModel, ConfigDict

from domain.diagnosis import Diagnosis
from domain.evidence import Evidence, Finding, Source
from domain.scope import Scope

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb that holds for English and for logs within a third; budgets need no better."""

_SOURCE_RANK = {Source.OBJECT: 0, Source.EVENT: 1, Source.COMMAND: 2, Source.LOG: 3}


def count_tokens(text: str) -> int:
    """Estimate the tokens of ``text``."""
    return len(text) // CHARACTERS_PER_TOKEN + 1


class CommandRecord(BaseModel):
    """A command that was asked for, and what came of it: evidence ids, or the reason there is none."""

    model_config = ConfigDict(frozen=True)

    line: str
    purpose: str = ""
    evidence: tuple[str, ...] = ()
    refusal: str = ""


class CaseFile(BaseModel):
    """Question, scope, evidence and findings. Findings are ranked, best first.

    ``doubted`` holds the ids of findings that the person does not believe: other causes are looked for.
    """

    question: str
    scope: Scope
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    commands: tuple[CommandRecord, ...] = ()
    not_seen: tuple[str, ...] = ()
    previous: Diagnosis | None = None
    doubted: tuple[str, ...] = ()

    def by_id(self) -> dict[str, Evidence]:
        """Evidence by its id."""
        return {item.id: item for item in self.evidence}

    def has_run(self, line: str) -> bool:
        """Whether a command was already asked for in this case."""
        return any(record.line == line for record in self.commands)

    def fit(self, tokens: int) -> "CaseFile":
        """The same case with the best evidence that fits into ``tokens``: cited first, then newest.

        The original order is kept. At least one piece of evidence always stays.
        """
        cited = {id_ for finding in self.findings for id_ in finding.evidence}

        def rank(item: Evidence) -> tuple[bool, int, float]:
            age = -item.time.timestamp() if item.time else 0.0
            return (item.id not in cited, _SOURCE_RANK[item.source], age)

        kept: set[str] = set()
        left = tokens
        for item in sorted(self.evidence, key=rank):
            left -= count_tokens(item.text)
            if left < 0 and kept:
                break
            kept.add(item.id)
        return self.model_copy(update={"evidence": tuple(e for e in self.evidence if e.id in kept)})
