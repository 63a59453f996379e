"""The log-retrieval agent as a graph of its own: see what is missing, then search in rounds, rank, summarise.

START -> write_queries -> see_blind_spots -> search -> rank -> (a trail) -> follow -> search
                                                         | none, or rounds used
                                                     summarise -> END
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal, NotRequired

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from agents import blind_spots, log_retrieval
from agents.log_retrieval import Found, RankedLine
from domain.case import CaseFile
from domain.diagnosis import ModelCall
from domain.errors import Unavailable
from domain.evidence import Evidence
from domain.scope import Scope, TimeWindow
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.progress import tell
from graphs.redaction import redacting
from graphs.tracing import traced
from tools.cluster.snapshot import Snapshot
from tools.logs.cluster import read_pods
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import Level, LogDocument, LogQuery, read_arrivals
from tools.redaction import Remembered

NODE = "retrieve_logs"

ROUNDS = 2
"""Rounds of searches: the second asks those whom the lines of the first complain about."""


class LogQuestion(TypedDict):
    """What the agent is asked. Without a scope (in Studio) it looks through the whole cluster."""

    question: str
    scope: NotRequired[Scope]


class LogAnswer(TypedDict, total=False):
    """What it brings back; ``searched`` is a sentence on what was looked through and not found."""

    evidence: list[Evidence]
    not_seen: list[str]
    searched: str
    calls: list[ModelCall]
    redacted: Remembered


class LogState(TypedDict, total=False):
    """The channels of one retrieval. ``asked`` are all queries so far, ``queries`` those of this round."""

    question: str
    scope: Scope
    queries: list[LogQuery]
    asked: list[LogQuery]
    round: int
    found: Found | None
    lines: list[RankedLine]
    missing: list[str]
    evidence: list[Evidence]
    not_seen: list[str]
    searched: str
    calls: list[ModelCall]
    redacted: Remembered


CHANNEL_TYPES = (LogQuery, Level, Found, RankedLine, LogDocument, ModelCall)
"""What a checkpoint of these channels may be read back into."""


async def write_queries(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Turn the question, and what is known to fail, into searches."""
    instruments = await runtime.context.open()
    given = state.get("scope")
    scope = Scope.model_validate(given) if given else await _take_all(instruments)
    rewritten, calls = await _rewrite(state["question"], scope, instruments)
    snapshot = instruments.snapshot
    leads = log_retrieval.find_leads(scope, snapshot, instruments.namespaces) if snapshot else ()
    queries = list(log_retrieval.write_queries(state["question"], scope, leads, rewritten))
    words = [" ".join(scope.words) or "-", *rewritten]
    tell(runtime, NODE, f"{len(queries)} searches for failures, and for: {'; '.join(words)}")
    begin: dict[str, Any] = {"round": 0, "found": None, "missing": []}
    return {"scope": scope, "queries": queries, "asked": queries, "calls": list(calls), **begin}


async def _rewrite(
    question: str, scope: Scope, instruments: Instruments
) -> tuple[Sequence[str], Sequence[ModelCall]]:
    """The searches that a small model adds, if models are asked always; it is never waited for in vain."""
    work = instruments.desk.rewrite(CaseFile(question=question, scope=scope))
    try:
        return await instruments.in_time(work, "The model")
    except Unavailable:
        return (), ()


async def see_blind_spots(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Find the Pods whose logs were not shipped, and read what the cluster still has of them."""
    instruments = await runtime.context.open()
    await instruments.recover(None)
    snapshot = instruments.snapshot
    if snapshot is None:
        return {}
    work = _recover_lost(state["scope"], snapshot, instruments)
    try:
        spots = await instruments.in_time(work, "The log store")
    except Unavailable:  # the search that follows meets the same trouble, and says so
        return {}
    missing = [spot.tell() for spot in spots]
    if missing:
        tell(runtime, NODE, "Logs are missing in the log store", found=missing)
    return {"missing": missing}


async def _recover_lost(
    scope: Scope, snapshot: Snapshot, instruments: Instruments
) -> tuple[blind_spots.BlindSpot, ...]:
    pods = blind_spots.list_checked(scope, snapshot)
    arrivals = await read_arrivals(instruments.logs, blind_spots.name_pods(pods))
    suspects = blind_spots.list_suspects(pods, arrivals or {}, snapshot.now)
    if arrivals is None or not suspects:
        return ()
    written = await read_pods(instruments.cluster, suspects, snapshot.now)
    lost = blind_spots.find_lost(written, arrivals, scope, snapshot.now)
    if lost:
        await instruments.recover(await asyncio.to_thread(EmbeddedLogStore.open, lost))
    return blind_spots.explain_lost(lost, arrivals, snapshot)


async def search(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Ask the store; one that is down is said so, and the investigation goes on without more logs."""
    instruments = await runtime.context.open()
    queries, found, logs = state["queries"], state["found"], instruments.all_logs
    if found is None:
        work = log_retrieval.search_logs(queries, state["scope"], logs)
    else:
        work = log_retrieval.search_further(queries, found, logs)
    try:
        return {"found": await instruments.in_time(work, "The log store"), "round": state["round"] + 1}
    except Unavailable as error:
        tell(runtime, NODE, str(error))
        return {"evidence": [], "not_seen": [*state["missing"], str(error)], "round": ROUNDS}


async def rank(state: LogState) -> dict[str, Any]:
    """Keep the lines that explain most."""
    found = state["found"] or Found()
    return {"lines": list(log_retrieval.rank_lines(found, state["scope"]))}


async def follow(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Plan the next round from whom and what the lines found so far speak of."""
    instruments = await runtime.context.open()
    scope, asked = state["scope"], state["asked"]
    queries = log_retrieval.follow_trail(
        state["lines"], scope, asked, instruments.snapshot, instruments.namespaces
    )
    if queries:
        whom = dict.fromkeys(name for query in queries for name in (query.pods or (query.text,)))
        tell(runtime, NODE, f"{len(queries)} more searches, where the lines lead: {', '.join(whom)}")
    return {"queries": list(queries), "asked": [*asked, *queries]}


async def summarise(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Quote the lines as evidence and say what stood out."""
    instruments = await runtime.context.open()
    scope, found, lines = state["scope"], state["found"] or Found(), state["lines"]
    work = log_retrieval.quote_lines(lines, instruments.all_logs, instruments.redactor)
    try:
        evidence = await instruments.in_time(work, "The log store")
    except Unavailable as error:
        return {"evidence": [], "not_seen": [*state["missing"], str(error)]}
    searched = log_retrieval.summarise(lines, found, scope, len(state["asked"]))
    tell(runtime, NODE, searched, found=[item.text for item in evidence[:5]])
    not_seen = [*state["missing"], *instruments.logs.notes]
    return {"evidence": list(evidence), "not_seen": not_seen, "searched": searched}


async def _take_all(instruments: Instruments) -> Scope:
    now = await instruments.cluster.now()
    window = TimeWindow(start=now - timedelta(minutes=instruments.settings.window_minutes), end=now)
    return Scope(cluster=instruments.cluster.name, window=window, namespaces=instruments.namespaces)


def build() -> StateGraph[LogState, Context, LogQuestion, LogAnswer]:
    """The graph, not compiled."""
    builder = StateGraph(LogState, Context, input_schema=LogQuestion, output_schema=LogAnswer)
    builder.add_node(rank)
    for node in (write_queries, see_blind_spots, search, follow, summarise):
        builder.add_node(traced(redacting(node), within="retrieve_logs"))
    builder.add_edge(START, "write_queries")
    builder.add_edge("write_queries", "see_blind_spots")
    builder.add_edge("see_blind_spots", "search")
    builder.add_conditional_edges("search", after_search)
    builder.add_conditional_edges("rank", after_rank)
    builder.add_conditional_edges("follow", after_follow)
    builder.add_edge("summarise", END)
    return builder


def after_search(state: LogState) -> Literal["rank", "__end__"]:
    """There is nothing to rank when the store was down from the beginning."""
    return "rank" if state["found"] else "__end__"


def after_rank(state: LogState) -> Literal["follow", "summarise"]:
    """What the lines point at is read as long as there are rounds left."""
    return "follow" if state["round"] < ROUNDS else "summarise"


def after_follow(state: LogState) -> Literal["search", "summarise"]:
    """Another round, unless the trail ends here."""
    return "search" if state["queries"] else "summarise"


graph = build().compile()
