"""The node that picks the reasoner for this kind of issue."""

from typing import Any

from langgraph.runtime import Runtime

from agents import model_selection
from graphs.context import Context
from graphs.progress import tell
from graphs.state import State, open_case

NODE = "select_model"


async def select_model(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Choose by the issue type, and say why."""
    instruments = await runtime.context.open()
    desk, seconds = instruments.desk, instruments.seconds_left
    spent = state.get("calls", ())
    choice = await model_selection.select_model(open_case(state), desk, seconds, spent)
    tell(runtime, NODE, choice.reason)
    return {"choice": choice, "calls": list(choice.calls)}
