"""The node that takes one cheap look at the scope, and the examination that later nodes repeat."""

from typing import Any

from langgraph.runtime import Runtime

from agents import survey as agent
from domain.errors import Unavailable
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.progress import tell
from graphs.state import State, foresee

NODE = "survey"


async def survey(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Look at unhealthy objects and warning events, and see what the playbook makes of them."""
    instruments = await runtime.context.open()
    try:
        snapshot = instruments.snapshot or await instruments.look()
    except Unavailable as error:
        tell(runtime, NODE, str(error))
        return {"not_seen": [str(error)], "findings": []}
    seen = agent.survey(state["scope"], snapshot)
    observed = [*instruments.attached, *seen.evidence]
    looked = {"evidence": observed, "not_seen": list(seen.not_seen)}
    concluded = await examine(foresee(state, looked), instruments)
    causes = [finding.cause for finding in concluded["findings"] if not finding.symptom]
    message = f"{len(snapshot)} objects, {len(seen.evidence)} observations, {len(causes)} possible causes"
    tell(runtime, NODE, message, found=causes[:5])
    return looked | concluded | {"evidence": [*observed, *concluded["evidence"]]}


async def examine(state: State, instruments: Instruments) -> dict[str, Any]:
    """What the playbook concludes from the snapshot and all evidence so far, as channels to write.

    The snapshot is taken again if this run does not hold one: it resumed, or the survey failed.
    """
    scope = state["scope"]
    try:
        snapshot = instruments.snapshot or await instruments.look()
    except Unavailable as error:
        return {"not_seen": [str(error)]}
    examination = instruments.playbook.examine(snapshot, scope, state.get("evidence", ()))
    return {"findings": list(examination.findings), "evidence": list(examination.evidence)}
