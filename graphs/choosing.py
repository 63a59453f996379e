"""Which live cluster a question is about: the one it names, else that of its thread, else the default."""

from langgraph.types import interrupt

from graphs.context import Context
from graphs.state import State
from tools.cluster.fleet import Fleet


async def turn_to_cluster(state: State, context: Context) -> str:
    """Turn to the cluster that the question names; with two, ask back. The word that named it, or nothing.

    What was chosen outright (an incident, ``--cluster``) stands, whatever the question says.

    Raises:
        UnknownCluster: the cluster of the thread is no longer configured.
    """
    if context.incident or context.cluster:
        return ""
    fleet = await context.fleet()
    named = fleet.mentioned(state["question"])
    name = next(iter(named), "") if len(named) < 2 else _ask_back(tuple(named), fleet)
    await context.turn_to(name or state.get("cluster", ""))
    return named.get(name, "")


def _ask_back(names: tuple[str, ...], fleet: Fleet) -> str:
    """Interrupt until an answer names one of the clusters."""
    complaint = ""
    while True:
        question = f"{complaint}The question names {len(names)} clusters. Which one is meant?"
        answer = interrupt({"question": question, "options": list(names)}, response_schema=str).strip()
        if answer.isdigit() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        chosen = [name for name in fleet.mentioned(answer) if name in names]
        if len(chosen) == 1:
            return chosen[0]
        complaint = f"{answer!r} does not say which. "
