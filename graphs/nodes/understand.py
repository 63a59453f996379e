"""The node that resolves words to objects of the cluster."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Overwrite, interrupt

from agents import understanding
from agents.naming import content_words
from agents.understanding import Intent, Understanding
from domain.diagnosis import Diagnosis, Outcome
from domain.errors import InputError, Unavailable
from domain.scope import Scope, TimeWindow
from graphs.choosing import turn_to_cluster
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.pasting import gather_paste, take_words, tell_added, turn_to_pasted
from graphs.progress import tell
from graphs.state import State, merge_sentences
from tools.cluster.overlaid import OverlaidCluster

NODE = "understand"


async def understand(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Resolve the question to a cluster and a scope; ask back when two fit equally well.

    A turn that is about another live cluster than the one before begins anew.

    Raises:
        EmptyQuestion: nothing was asked.
        UnknownObject: the question names an object that does not exist.
        UnknownCluster: no cluster is named, and there is no default.
    """
    paste = await gather_paste(state)
    await runtime.context.bring(paste)
    question = await asyncio.to_thread(take_words, state["question"])
    word = await turn_to_cluster(state, runtime.context)
    instruments = await runtime.context.open()
    instruments.start_clock()
    cluster = "" if instruments.incident else instruments.cluster.name
    moved = bool(cluster) and state.get("cluster", "") not in ("", cluster)
    known = None if moved else state.get("scope")
    found, not_seen = await _understand(question, known, instruments, word)
    found = _ask_back(found)
    instruments.start_clock()
    previous = None if moved else _recall(state)
    verify = found.intent is Intent.VERIFY and previous is not None
    if verify and paste == state.get("pasted") and isinstance(instruments.cluster, OverlaidCluster):
        paste, not_seen = None, []  # what was pasted earlier shows how things were before the fix
        await runtime.context.bring(None)
    tell(runtime, NODE, _describe(found.scope, instruments), found=[*found.notes, *not_seen])
    return {
        **_open_turn(state, [*not_seen, *found.notes], afresh=verify or moved),
        "question": question,
        "pasted": paste,
        "cluster": cluster,
        "scope": found.scope,
        "verify": verify,
        "previous": previous,
        "doubted": [] if moved else _doubt(state, verify),
    }


async def _understand(
    question: str, known: Scope | None, instruments: Instruments, cluster_word: str
) -> tuple[Understanding, list[str]]:
    """What is meant; with the cluster down, the words alone, and a sentence on what was not seen."""
    try:
        snapshot = await instruments.look()
    except Unavailable as error:
        scope = known or await _guess_scope(question, instruments)
        return Understanding(question=question, scope=scope), [str(error)]
    found = understanding.understand(
        question,
        snapshot,
        namespaces=instruments.namespaces,
        window_minutes=instruments.settings.window_minutes,
        known=known,
        cluster_word=cluster_word,
    )
    if instruments.pasted and instruments.snapshot:
        found = turn_to_pasted(found, instruments.pasted, instruments.snapshot)
    return found, list(tell_added(instruments.cluster))


async def _guess_scope(question: str, instruments: Instruments) -> Scope:
    try:
        now = await instruments.in_time(instruments.cluster.now(), "The cluster")
    except Unavailable:
        now = datetime.now(UTC)
    start = now - timedelta(minutes=instruments.settings.window_minutes)
    return Scope(
        cluster=instruments.cluster.name,
        window=TimeWindow(start=start, end=now),
        namespaces=instruments.namespaces,
        words=content_words(question),
    )


def _ask_back(found: Understanding) -> Understanding:
    """Interrupt until an answer leaves one object."""
    complaint = ""
    while found.candidates:
        options = [str(ref) for ref in found.candidates]
        question = f"{complaint}{len(options)} objects fit the question equally well. Which one is meant?"
        answer = interrupt({"question": question, "options": options}, response_schema=str)
        try:
            found = understanding.choose(answer, found)
        except InputError as error:
            complaint = f"{error} "
    return found


def _recall(state: State) -> Diagnosis | None:
    """The last diagnosis that named a cause: what "the fix" refers to."""
    last = state.get("diagnosis")
    return last if last and last.outcome is Outcome.DIAGNOSED else state.get("previous")


def _doubt(state: State, verify: bool) -> list[str]:
    """What was doubted before, and the findings behind the last diagnosis; a verification doubts no more."""
    if not state.get("deeper"):
        return state.get("doubted", []) if verify else []
    last = state.get("diagnosis")
    held = [f.id for f in state.get("findings", ()) if last and f.cause == last.root_cause]
    return merge_sentences(state.get("doubted", []), held)


def _open_turn(state: State, not_seen: list[str], afresh: bool) -> dict[str, Any]:
    """A turn starts with a full budget; a verification also forgets what was seen before the fix."""
    turn: dict[str, Any] = {"rounds": 0, "contested": None, "diagnosis": None}
    turn |= {"not_seen": Overwrite(not_seen), "calls": Overwrite([])}
    if afresh:
        return turn | {"earlier": 0, "evidence": Overwrite([]), "commands": Overwrite([])}
    return turn | {"earlier": len(state.get("commands", ()))}


def _describe(scope: Scope, instruments: Instruments) -> str:
    where = ", ".join(scope.namespaces or instruments.bounds.namespaces) or "all namespaces"
    about = ", ".join(map(str, scope.workloads)) or "everything"
    window = f"{scope.window.start:%H:%M} to {scope.window.end:%H:%M %Z}"
    return f"{about} in {where} of {scope.cluster}, {window}"
