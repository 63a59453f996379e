"""Where the graphs go next: functions from state to the names of nodes."""

from collections.abc import Sequence
from typing import Literal

from langgraph.graph import END
from langgraph.types import Send

from domain.evidence import PlannedCommand
from graphs.nodes.run_command import Task
from graphs.state import State


def after_understand(state: State) -> list[str]:
    """Both looks side by side; a verification needs no logs from before the fix."""
    return ["survey"] if state["verify"] else ["retrieve_logs", "survey"]


def after_survey(state: State) -> str | list[Send]:
    """A verification re-runs the commands that the diagnosis named for it."""
    if not state["verify"]:
        return "select_model"
    previous = state.get("previous")
    return send_commands(previous.verification if previous else ()) or "judge_recovery"


def after_plan(state: State) -> str | list[Send]:
    """The commands of a round side by side, or on to the diagnosis when enough was seen."""
    return send_commands(state["plan"].commands) or "diagnose"


def after_planning_alone(state: State) -> str | list[Send]:
    """As ``after_plan``, in the graph that ends with the planning."""
    return send_commands(state["plan"].commands) or END


def after_command(state: State) -> Literal["plan_commands", "judge_recovery"]:
    """What was asked for decides who reads the output."""
    return "judge_recovery" if state["verify"] else "plan_commands"


def after_diagnose(state: State) -> Literal["report", "plan_commands"]:
    """A diagnosis that was sent back is none yet."""
    return "report" if state.get("diagnosis") else "plan_commands"


def send_commands(commands: Sequence[PlannedCommand]) -> list[Send]:
    """One ``run_command`` for each."""
    return [Send("run_command", Task(command=command)) for command in commands]
