"""The node that decides what to look at next, within the bounds of the investigation."""

from collections.abc import Iterable
from typing import Any

from langgraph.runtime import Runtime

from domain.case import CaseFile
from domain.diagnosis import CommandPlan
from domain.errors import RefusedCommand, Unavailable
from domain.evidence import PlannedCommand
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.nodes.survey import examine
from graphs.progress import tell
from graphs.state import State, foresee, open_case
from tools.kubectl import KubectlCommand

NODE = "plan_commands"


async def plan_commands(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Examine all that is known by now, then ask the reasoner for the next commands, or "enough"."""
    instruments = await runtime.context.open()
    update = await examine(state, instruments)
    ahead = foresee(state, update)
    plan, skipped = await _plan(open_case(ahead), state, instruments)
    tell(runtime, NODE, plan.reason or "enough was seen", found=[command.line for command in plan.commands])
    return update | {
        "plan": plan,
        "calls": list(plan.calls),
        "rounds": state.get("rounds", 0) + (not plan.enough),
        "not_seen": [*update.get("not_seen", ()), *skipped],
    }


async def _plan(case: CaseFile, state: State, instruments: Instruments) -> tuple[CommandPlan, list[str]]:
    """The commands of the next round, and what the bounds keep us from seeing."""
    limits = instruments.settings.limits
    left = limits.commands - (len(case.commands) - state.get("earlier", 0))
    if reached := _reach_bound(state, left, instruments):
        return CommandPlan(reason=reached), [reached]
    try:
        reasoner = instruments.desk.reasoner(state.get("choice"), state.get("calls", ()))
        thinking = reasoner.plan(case.fit(limits.evidence_tokens))
        plan = await instruments.in_time(thinking, reasoner.name)
    except Unavailable as error:
        return CommandPlan(reason=str(error)), [str(error)]
    commands = _drop_repeated(plan.commands, case)
    skipped = [f"{c.line}: not run, {limits.commands} commands are the limit." for c in commands[left:]]
    return plan.model_copy(update={"commands": commands[:left]}), skipped


def _drop_repeated(commands: Iterable[PlannedCommand], case: CaseFile) -> tuple[PlannedCommand, ...]:
    """The commands that were not asked for yet, however they are spelled."""
    asked = {_spell(record.line) for record in case.commands}
    fresh = {_spell(command.line): command for command in commands}
    return tuple(command for line, command in fresh.items() if line not in asked)


def _spell(line: str) -> str:
    """The canonical spelling of a command; of one that the policy refuses, the line itself."""
    try:
        return str(KubectlCommand.parse(line))
    except RefusedCommand:
        return " ".join(line.split())


def _reach_bound(state: State, left: int, instruments: Instruments) -> str:
    """A sentence on the bound that was reached, or nothing."""
    limits = instruments.settings.limits
    if instruments.out_of_time:
        return f"Nothing further was looked at: the {limits.wall_seconds:g} s of this investigation are over."
    if state.get("rounds", 0) >= limits.rounds:
        return f"Nothing further was looked at: {limits.rounds} rounds of commands are the limit."
    if left <= 0:
        return f"Nothing further was looked at: {limits.commands} commands are the limit."
    return ""
