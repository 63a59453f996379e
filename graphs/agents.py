"""The other agents as graphs of their own, for Studio: each with what it needs before it, and no more."""

from collections.abc import Hashable

from langgraph.graph import END, START, StateGraph

from graphs import routes
from graphs.context import Context
from graphs.nodes.diagnose import diagnose
from graphs.nodes.plan_commands import plan_commands
from graphs.nodes.report import report
from graphs.nodes.run_command import run_command
from graphs.nodes.select_model import select_model
from graphs.nodes.survey import survey
from graphs.nodes.understand import understand
from graphs.redaction import redacting
from graphs.state import Question, State

AgentGraph = StateGraph[State, Context, Question, State]


def _begin() -> AgentGraph:
    builder: AgentGraph = StateGraph(State, Context, input_schema=Question)
    builder.add_node(redacting(understand))
    builder.add_node(redacting(survey))
    builder.add_edge(START, "understand")
    builder.add_edge("understand", "survey")
    return builder


def build_kubectl_planning() -> AgentGraph:
    """Rounds of kubectl commands until enough was seen; no diagnosis."""
    builder = _begin()
    builder.add_node(redacting(plan_commands))
    builder.add_node(redacting(run_command))
    builder.add_edge("survey", "plan_commands")
    builder.add_conditional_edges("plan_commands", routes.after_planning_alone, ["run_command", END])
    builder.add_edge("run_command", "plan_commands")
    return builder


def build_model_selection() -> AgentGraph:
    """The choice of a model after one look."""
    builder = _begin()
    builder.add_node(redacting(select_model))
    builder.add_edge("survey", "select_model")
    builder.add_edge("select_model", END)
    return builder


def build_diagnosis() -> AgentGraph:
    """The diagnosis after one look: no logs, no commands."""
    builder = _begin()
    builder.add_node(redacting(diagnose))
    builder.add_node(redacting(report))
    builder.add_edge("survey", "diagnose")
    again: dict[Hashable, str] = {"report": "report", "plan_commands": "diagnose"}
    builder.add_conditional_edges("diagnose", routes.after_diagnose, again)
    builder.add_edge("report", END)
    return builder


kubectl_planning = build_kubectl_planning().compile()
model_selection = build_model_selection().compile()
diagnosis = build_diagnosis().compile()
