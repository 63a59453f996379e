"""The node that says what is wrong, and is held to its citations."""

from typing import Any

from langgraph.runtime import Runtime

from agents.diagnosis import check_citations, lower_confidence
from agents.models.verdict import warn
from agents.playbook import PlaybookReasoner
from agents.reasoner import Reasoner
from domain.case import CaseFile
from domain.diagnosis import Diagnosis
from domain.errors import Unavailable
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.progress import tell
from graphs.state import State, open_case

NODE = "diagnose"


async def diagnose(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Diagnose; unsupported citations send it back once while there is time, then lower the confidence."""
    instruments = await runtime.context.open()
    case = open_case(state)
    reasoner = instruments.desk.reasoner(state.get("choice"), state.get("calls", ()))
    diagnosis, not_seen = await conclude(case, instruments, reasoner)
    calls = list(diagnosis.calls)
    problems = check_citations(diagnosis, case)
    if problems and not state.get("contested") and not instruments.out_of_time:
        tell(runtime, NODE, "not supported by its citations, sent back", found=problems)
        contested = diagnosis.model_copy(update={"caveats": problems})
        return {"contested": contested, "not_seen": not_seen, "calls": calls}
    if problems:
        diagnosis = lower_confidence(diagnosis, problems)
    tell(runtime, NODE, diagnosis.summary, found=problems)
    return {"diagnosis": diagnosis, "not_seen": not_seen, "calls": calls}


async def conclude(
    case: CaseFile, instruments: Instruments, reasoner: Reasoner
) -> tuple[Diagnosis, list[str]]:
    """The reasoner's diagnosis; the playbook's, and a sentence on it, when the reasoner is down.

    Evidence that gives orders to its reader is pointed out, whoever read it.
    """
    diagnosis, not_seen = await _conclude(case, instruments, reasoner)
    return warn(diagnosis, case), not_seen


async def _conclude(
    case: CaseFile, instruments: Instruments, reasoner: Reasoner
) -> tuple[Diagnosis, list[str]]:
    shown = case.fit(instruments.settings.limits.evidence_tokens)
    try:
        return await instruments.in_time(reasoner.diagnose(shown), reasoner.name), []
    except Unavailable as error:
        return await PlaybookReasoner().diagnose(shown), [f"{error} The playbook answered instead."]
