"""The reasoner that asks models, one after the other along a route, with the playbook beneath it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from agents.models.answers import SaidDiagnosis, SaidPlan
from agents.models.budget import Budget
from agents.models.chat import ModelChat, Told
from agents.models.verdict import cite, find_problem, weigh
from agents.playbook.reasoner import PlaybookReasoner, is_settled
from agents.suspicion import is_argued_with
from domain.case import CaseFile, count_tokens
from domain.diagnosis import CommandPlan, Diagnosis, ModelCall
from domain.evidence import PlannedCommand
from domain.settings import ModelSettings
from prompts.domains.packs import DomainPacks
from prompts.loader import render
from prompts.roles import Role

Answer = TypeVar("Answer", bound=BaseModel)

REFUSALS = 2
"""A model may plan this many commands that the policy refuses; then the playbook plans alone."""

MOST_COMMANDS = 6

BECAME_SURE = "By then the playbook was sure of the cause, so it was told without a model."


class ModelReasoner:
    """Asks the models of a route until one gives an answer that can be used; else the playbook answers.

    Never worse than the playbook alone: it always has the playbook's own answer, and what a model says is
    weighed against it (``trust`` of the settings).
    """

    def __init__(
        self,
        route: Sequence[ModelChat],
        settings: ModelSettings,
        budget: Budget,
        packs: DomainPacks | None = None,
    ) -> None:
        """``route`` holds at least one model."""
        self._route, self._settings, self._budget = tuple(route), settings, budget
        self._packs = packs or DomainPacks()
        self._playbook = PlaybookReasoner()

    @property
    def name(self) -> str:
        """The spec of the first model."""
        return self._route[0].model.spec

    @property
    def _trusts_models(self) -> bool:
        return self._settings.trust == "model"

    async def plan(self, case: CaseFile) -> CommandPlan:
        """The playbook's commands and a model's; a model is not asked where the playbook is sure."""
        own = await self._playbook.plan(case)
        if is_settled(case) and not self._trusts_models:
            return own
        if count_refused(case) >= REFUSALS:
            reason = f"{own.reason}; the policy refused what {self.name} asked for"
            return own.model_copy(update={"reason": reason})
        answer, calls = await self._ask(Role.PLAN, case, SaidPlan, lambda said: "")
        if answer is None:
            return own.model_copy(update={"calls": calls})
        plan = answer.plan()
        commands = _merge(() if self._trusts_models else own.commands, plan.commands)
        return CommandPlan(commands=commands, reason=plan.reason or own.reason, calls=calls)

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        """A model's diagnosis weighed against the playbook's; ``calls`` says what was asked.

        Where models are asked only if the playbook is unsure, and it became sure, none is asked.
        """
        own = await self._playbook.diagnose(case)
        if is_settled(case) and self._settings.use == "unsettled":
            return own.model_copy(update={"chosen": BECAME_SURE})

        def judge(said: SaidDiagnosis) -> str:
            return find_problem(said.diagnosis(self.name), case)

        answer, calls = await self._ask(Role.DIAGNOSE, case, SaidDiagnosis, judge)
        if answer is None:
            return own.model_copy(update={"calls": calls, "not_seen": (*own.not_seen, *_tell_faults(calls))})
        told = answer.diagnosis(calls[-1].model)
        believed = told if self._trusts_models else weigh(own, told, is_settled(case) or is_argued_with(case))
        return cite(believed, case).model_copy(update={"calls": calls})

    async def _ask(
        self, role: Role, case: CaseFile, schema: type[Answer], judge: Callable[[Answer], str]
    ) -> tuple[Answer | None, tuple[ModelCall, ...]]:
        calls: list[ModelCall] = []
        for chat in self._route:
            pack = self._packs.find(case.scope)
            prompt = render(role, chat.model.family, case, self._settings.evidence_tokens, pack)
            if refusal := await self._budget.refuse(count_tokens(prompt) + self._settings.output_tokens):
                calls.append(ModelCall(model=chat.model.spec, role=role, fault=refusal))
                break
            told: Told[Answer] = await chat.ask(role, prompt, schema, judge)
            await self._budget.spend(told.calls)
            calls += told.calls
            if told.answer is not None:
                return told.answer, tuple(calls)
        return None, tuple(calls)


def count_refused(case: CaseFile) -> int:
    """The commands of this case that the policy refused: the playbook's never are."""
    return sum(bool(record.refusal) for record in case.commands)


def _merge(own: Sequence[PlannedCommand], told: Sequence[PlannedCommand]) -> tuple[PlannedCommand, ...]:
    return tuple({command.line: command for command in (*own, *told)}.values())[:MOST_COMMANDS]


def _tell_faults(calls: Sequence[ModelCall]) -> tuple[str, ...]:
    faults = dict.fromkeys(call.fault for call in calls if call.fault)
    return tuple(f"{fault} The playbook answered instead." for fault in faults)
