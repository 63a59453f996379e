"""Where the graph gets its reasoner from: the models that are open, and what they may use."""

from collections.abc import Iterable

from agents.models.answers import SaidIssueType
from agents.models.budget import Budget, Ledger, count_used
from agents.models.catalogue import describe_model
from agents.models.chat import ModelChat
from agents.models.reasoner import ModelReasoner
from agents.playbook import PlaybookReasoner
from agents.reasoner import Reasoner
from domain.case import CaseFile, count_tokens
from domain.diagnosis import ModelCall, ModelChoice
from domain.evidence import IssueType
from domain.settings import ModelSettings
from prompts.loader import render
from prompts.roles import Role


class ModelDesk:
    """Opens each model once a process; a run's own budget comes with its reasoner."""

    def __init__(self, settings: ModelSettings) -> None:
        """Nothing is opened before it is asked."""
        self.settings = settings
        self._ledger = Ledger(settings.usage)
        self._open: dict[str, ModelChat] = {}

    def reasoner(self, choice: ModelChoice | None, spent: Iterable[ModelCall]) -> Reasoner:
        """The reasoner of a choice; ``spent`` are the calls that this turn has made already.

        Raises:
            MalformedSettings: a model of the route is not known any more.
        """
        if choice is None or not choice.route:
            return PlaybookReasoner()
        route = [self._chat(spec) for spec in choice.route]
        return ModelReasoner(route, self.settings, Budget(self.settings, self._ledger, count_used(spent)))

    async def classify(self, case: CaseFile) -> tuple[IssueType, tuple[ModelCall, ...]]:
        """The issue type as the small model tells it; ``UNKNOWN`` where there is none, or it has no answer.

        Raises:
            MalformedSettings: the classifier is not known.
        """
        if not self.settings.classifier:
            return IssueType.UNKNOWN, ()
        chat = self._chat(self.settings.classifier)
        budget = Budget(self.settings, self._ledger)
        prompt = render(Role.CLASSIFY, chat.model.family, case, self.settings.evidence_tokens // 2)
        if await budget.refuse(count_tokens(prompt)):
            return IssueType.UNKNOWN, ()
        told = await chat.ask(Role.CLASSIFY, prompt, SaidIssueType)
        await budget.spend(told.calls)
        return told.answer.issue_type if told.answer else IssueType.UNKNOWN, told.calls

    def _chat(self, spec: str) -> ModelChat:
        if spec not in self._open:
            self._open[spec] = ModelChat(describe_model(spec, self.settings), self.settings)
        return self._open[spec]
