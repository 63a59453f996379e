"""The node that ends a turn."""

from typing import Any

from langgraph.runtime import Runtime

from agents.playbook.trails import find_departures
from graphs.context import Context
from graphs.progress import tell
from graphs.state import State, Turn, merge_sentences

NODE = "report"


async def report(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Put what a reader needs into the diagnosis: the evidence it cites, the cluster, what was not seen."""
    instruments = await runtime.context.open()
    diagnosis = state.get("diagnosis")
    if diagnosis is None:
        raise RuntimeError("there is nothing to report before a diagnosis")
    asks = instruments.desk.settings.use != "never"
    cited = diagnosis.citations()
    evidence = state.get("evidence", ())
    leads: tuple[str, ...] = ()
    if instruments.snapshot is not None:
        leads = find_departures(instruments.snapshot, state["scope"], evidence, diagnosis)
    not_seen = [*state.get("not_seen", ()), *leads]
    final = diagnosis.model_copy(
        update={
            "evidence": tuple(item for item in evidence if item.id in cited),
            "cluster": state["scope"].cluster,
            "chosen": f"{_tell_choice(state)} {diagnosis.chosen}".strip() if asks else "",
            "calls": tuple(state.get("calls", ())),
            "kube_context": instruments.kube_context,
            "not_seen": tuple(merge_sentences(list(diagnosis.not_seen), not_seen)),
        }
    )
    tell(runtime, NODE, f"{final.outcome}, {len(final.evidence)} observations cited")
    return {"diagnosis": final, "turns": [Turn(question=state["question"], answer=final.summary)]}


def _tell_choice(state: State) -> str:
    """Who was to answer, and why; a verification is judged by the playbook, whatever answered before."""
    if state["verify"]:
        return "A verification compares what is seen now, so no model is asked."
    choice = state.get("choice")
    return choice.reason if choice else ""
