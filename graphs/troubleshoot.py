"""The main graph: from a question to a diagnosis in which every claim cites evidence.

START -> understand -> { retrieve_logs, survey } -> select_model -> plan_commands <-> run_command xN
                                                                       | enough
                                                                    diagnose -> (once) -> plan_commands
                                                                       | supported
                                                                    report -> END

"Did the fix work?" takes the short way: understand -> survey -> run_command xN -> judge_recovery -> report.
"""

from langgraph.graph import END, START, StateGraph

from graphs import retrieve_logs, routes
from graphs.context import Context
from graphs.nodes.diagnose import diagnose
from graphs.nodes.judge_recovery import judge_recovery
from graphs.nodes.plan_commands import plan_commands
from graphs.nodes.report import report
from graphs.nodes.run_command import run_command
from graphs.nodes.select_model import select_model
from graphs.nodes.survey import survey
from graphs.nodes.understand import understand
from graphs.redaction import redacting
from graphs.state import Answer, Question, State
from graphs.tracing import traced

NODES = (
    understand,
    survey,
    select_model,
    plan_commands,
    run_command,
    diagnose,
    judge_recovery,
    report,
)

TroubleshootGraph = StateGraph[State, Context, Question, Answer]


def build() -> TroubleshootGraph:
    """The graph, not compiled: a process that keeps threads compiles it with a saver."""
    builder: TroubleshootGraph = StateGraph(State, Context, input_schema=Question, output_schema=Answer)
    for node in NODES:
        builder.add_node(traced(redacting(node)))
    # Its channels hold the lines that a search finds, one by one: a secret over several is not seen in them.
    builder.add_node("retrieve_logs", retrieve_logs.build().compile(checkpointer=False))
    builder.add_edge(START, "understand")
    builder.add_conditional_edges("understand", routes.after_understand, ["retrieve_logs", "survey"])
    builder.add_edge("retrieve_logs", "select_model")
    looked = ["select_model", "run_command", "judge_recovery"]
    builder.add_conditional_edges("survey", routes.after_survey, looked)
    builder.add_edge("select_model", "plan_commands")
    builder.add_conditional_edges("plan_commands", routes.after_plan, ["run_command", "diagnose"])
    builder.add_conditional_edges("run_command", routes.after_command)
    builder.add_conditional_edges("diagnose", routes.after_diagnose)
    builder.add_edge("judge_recovery", "report")
    builder.add_edge("report", END)
    return builder


builder = build()
"""The graph, ready to be compiled with a saver: to build it again takes as long as a node."""

graph = builder.compile()
