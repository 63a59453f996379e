"""Where the graph gets its reasoner from: the models that are open, and what they may use."""

from collections.abc import Iterable, Sequence

from agents.models.answers import SaidIssueType, SaidQueries
from agents.models.budget import Budget, Ledger, count_used
from agents.models.catalogue import describe_model
from agents.models.chat import Answer, ModelChat, Told
from agents.models.reasoner import ModelReasoner
from agents.models.routing import DEFAULT, read_routes
from agents.playbook import PlaybookReasoner
from agents.reasoner import Reasoner
from domain.case import CaseFile, count_tokens
from domain.diagnosis import ModelCall, ModelChoice
from domain.errors import MalformedSettings
from domain.evidence import IssueType
from domain.modes import Mode
from domain.settings import ModelSettings
from prompts.domains.packs import DomainPacks
from prompts.loader import render
from prompts.roles import Role


class ModelDesk:
    """Opens each model once a process; a run's own budget comes with its reasoner."""

    def __init__(self, settings: ModelSettings, packs: DomainPacks | None = None) -> None:
        """Nothing is opened before it is asked."""
        self.settings = settings
        self.packs = packs or DomainPacks()
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
        budget = Budget(self.settings, self._ledger, count_used(spent))
        return ModelReasoner(route, self.settings, budget, self.packs)

    async def classify(
        self, case: CaseFile, spent: Iterable[ModelCall] = ()
    ) -> tuple[IssueType, tuple[ModelCall, ...]]:
        """The issue type as the small model tells it; ``UNKNOWN`` where there is none, or it has no answer.

        Raises:
            MalformedSettings: the classifier is not known.
        """
        answer, calls = await self._ask_small(Role.CLASSIFY, case, SaidIssueType, spent)
        return answer.issue_type if answer else IssueType.UNKNOWN, calls

    async def rewrite(
        self, case: CaseFile, spent: Iterable[ModelCall] = ()
    ) -> tuple[tuple[str, ...], tuple[ModelCall, ...]]:
        """Searches for the logs, a few words each, as the small model writes them; none where it cannot.

        Only where models are asked always: before anything was seen, nobody knows whether one is needed.

        Raises:
            MalformedSettings: the classifier is not known.
        """
        if self.settings.use != "always":
            return (), ()
        answer, calls = await self._ask_small(Role.REWRITE, case, SaidQueries, spent)
        return answer.bounded() if answer else (), calls

    async def _ask_small(
        self, role: Role, case: CaseFile, schema: type[Answer], spent: Iterable[ModelCall]
    ) -> tuple[Answer | None, tuple[ModelCall, ...]]:
        """Ask the classifier, within the budget, with half the evidence that a diagnosis gets."""
        if not self.settings.classifier:
            return None, ()
        chat = self._chat(self.settings.classifier)
        budget = Budget(self.settings, self._ledger, count_used(spent))
        pack, evidence = self.packs.find(case.scope), self.settings.evidence_tokens // 2
        prompt = render(role, chat.model.family, case, evidence, pack)
        if await budget.refuse(count_tokens(prompt)):
            return None, ()
        told: Told[Answer] = await chat.ask(role, prompt, schema)
        await budget.spend(told.calls)
        return told.answer, told.calls

    def _chat(self, spec: str) -> ModelChat:
        if spec not in self._open:
            self._open[spec] = ModelChat(describe_model(spec, self.settings), self.settings)
        return self._open[spec]


def choose_settings(settings: ModelSettings, mode: str, route: Sequence[str]) -> ModelSettings:
    """The settings of a run for which a person chose who answers; a route alone means hybrid.

    Args:
        settings: those of kubewhy.toml.
        mode: a ``Mode``; empty: as the settings have it.
        route: models to try in turn, for every issue type; empty: as the settings have it.

    Raises:
        MalformedSettings: there is no such mode, or the route names a model that is not known.
    """
    if mode and mode not in list(Mode):
        raise MalformedSettings(f"Reasoner {mode!r} is not known: choose {', '.join(Mode)}.")
    if mode == Mode.PLAYBOOK:
        return settings.model_copy(update={"use": "never"})
    if mode or route:
        trust = "model" if mode == Mode.MODEL else "hybrid"
        settings = settings.model_copy(update={"use": "always", "trust": trust})
    if route:
        settings = settings.model_copy(update={"routes": {DEFAULT: tuple(route)}})
        read_routes(settings)
    return settings
