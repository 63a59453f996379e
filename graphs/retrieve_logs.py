"""The log-retrieval agent as a graph of its own: write queries, search, rank, summarise."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal, NotRequired

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from agents import log_retrieval
from agents.log_retrieval import Found, RankedLine
from domain.case import CaseFile
from domain.diagnosis import ModelCall
from domain.errors import Unavailable
from domain.evidence import Evidence
from domain.scope import Scope, TimeWindow
from graphs.context import Context, Instruments
from graphs.progress import tell
from graphs.redaction import redacting
from tools.logs.store import Level, LogDocument, LogQuery
from tools.redaction import Remembered

NODE = "retrieve_logs"


class LogQuestion(TypedDict):
    """What the agent is asked. Without a scope (in Studio) it looks through the whole cluster."""

    question: str
    scope: NotRequired[Scope]


class LogAnswer(TypedDict, total=False):
    """What it brings back."""

    evidence: list[Evidence]
    not_seen: list[str]
    calls: list[ModelCall]
    redacted: Remembered


class LogState(TypedDict, total=False):
    """The channels of one retrieval."""

    question: str
    scope: Scope
    queries: list[LogQuery]
    found: Found
    lines: list[RankedLine]
    evidence: list[Evidence]
    not_seen: list[str]
    calls: list[ModelCall]
    redacted: Remembered


CHANNEL_TYPES = (LogQuery, Level, Found, RankedLine, LogDocument, ModelCall)
"""What a checkpoint of these channels may be read back into."""


async def write_queries(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Turn the question into searches."""
    given = state.get("scope")
    scope = Scope.model_validate(given) if given else await _take_all(await runtime.context.open())
    rewritten, calls = await _rewrite(state["question"], scope, await runtime.context.open())
    queries = log_retrieval.write_queries(state["question"], scope, rewritten)
    words = [" ".join(scope.words) or "-", *rewritten]
    tell(runtime, NODE, f"{len(queries)} searches for failures, and for: {'; '.join(words)}")
    return {"scope": scope, "queries": list(queries), "calls": list(calls)}


async def _rewrite(
    question: str, scope: Scope, instruments: Instruments
) -> tuple[Sequence[str], Sequence[ModelCall]]:
    """The searches that a small model adds, if models are asked always; it is never waited for in vain."""
    work = instruments.desk.rewrite(CaseFile(question=question, scope=scope))
    try:
        return await instruments.in_time(work, "The model")
    except Unavailable:
        return (), ()


async def search(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Ask the store; one that is down is said so, and the investigation goes on without logs."""
    instruments = await runtime.context.open()
    work = log_retrieval.search_logs(state["queries"], state["scope"], instruments.logs)
    try:
        return {"found": await instruments.in_time(work, "The log store")}
    except Unavailable as error:
        tell(runtime, NODE, str(error))
        return {"evidence": [], "not_seen": [str(error)]}


async def rank(state: LogState) -> dict[str, Any]:
    """Keep the lines that explain most."""
    return {"lines": list(log_retrieval.rank_lines(state["found"], state["scope"]))}


async def summarise(state: LogState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Quote the lines as evidence and say what stood out."""
    instruments = await runtime.context.open()
    scope, found, lines = state["scope"], state["found"], state["lines"]
    work = log_retrieval.quote_lines(lines, instruments.logs, instruments.redactor)
    try:
        evidence = await instruments.in_time(work, "The log store")
    except Unavailable as error:
        return {"evidence": [], "not_seen": [str(error)]}
    tell(runtime, NODE, log_retrieval.summarise(lines, found, scope), found=[e.text for e in evidence[:5]])
    return {"evidence": list(evidence), "not_seen": list(instruments.logs.notes)}


async def _take_all(instruments: Instruments) -> Scope:
    now = await instruments.cluster.now()
    window = TimeWindow(start=now - timedelta(minutes=instruments.settings.window_minutes), end=now)
    return Scope(cluster=instruments.cluster.name, window=window, namespaces=instruments.namespaces)


def build() -> StateGraph[LogState, Context, LogQuestion, LogAnswer]:
    """The graph, not compiled."""
    builder = StateGraph(LogState, Context, input_schema=LogQuestion, output_schema=LogAnswer)
    builder.add_node(rank)
    for node in (write_queries, search, summarise):
        builder.add_node(redacting(node))
    builder.add_edge(START, "write_queries")
    builder.add_edge("write_queries", "search")
    builder.add_conditional_edges("search", after_search)
    builder.add_edge("rank", "summarise")
    builder.add_edge("summarise", END)
    return builder


def after_search(state: LogState) -> Literal["rank", "__end__"]:
    """There is nothing to rank when the store was down."""
    return "rank" if "found" in state else "__end__"


graph = build().compile()
