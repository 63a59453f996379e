"""The node that answers "did the fix work?"."""

from typing import Any

from langgraph.runtime import Runtime

from agents import diagnosis as agent
from agents.playbook import PlaybookReasoner
from graphs.context import Context
from graphs.nodes.diagnose import conclude
from graphs.nodes.survey import examine
from graphs.progress import tell
from graphs.state import State, foresee, open_case

NODE = "judge_recovery"


async def judge_recovery(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Diagnose what is seen now and compare it with the diagnosis that the fix was for."""
    instruments = await runtime.context.open()
    previous = state.get("previous")
    if previous is None:
        raise RuntimeError("a verification needs the diagnosis it verifies")
    update = await examine(state, instruments)
    case = open_case(foresee(state, update))
    now, not_seen = await conclude(case, instruments, PlaybookReasoner())
    if problems := agent.check_citations(now, case):
        now = agent.lower_confidence(now, problems)
    judged = agent.judge_recovery(previous, now)
    tell(runtime, NODE, judged.summary)
    return update | {"diagnosis": judged, "not_seen": [*update.get("not_seen", ()), *not_seen]}
