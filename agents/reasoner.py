"""The two questions that a reasoner answers about a case file."""

from typing import Protocol

from domain.case import CaseFile
from domain.diagnosis import CommandPlan, Diagnosis


class Reasoner(Protocol):
    """A playbook or a model: interchangeable in the graph."""

    @property
    def name(self) -> str:
        """``playbook``, or the id of a model."""
        ...

    async def plan(self, case: CaseFile) -> CommandPlan:
        """What should we look at next? An empty plan means: enough was seen."""
        ...

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        """What is wrong? Every claim cites evidence of the case."""
        ...
