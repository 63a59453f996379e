"""Traces: a span for each question, and below it one for each node that worked on it.

Spans hold names, numbers and outcomes of ours, and never a text: not a question's, not a cluster's, not an
exception's. Without a tracer (``trace_with``) nothing is made.
"""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime
from langgraph.types import Overwrite
from opentelemetry.trace import NoOpTracer, Span, StatusCode, Tracer, set_span_in_context

from domain.diagnosis import Diagnosis, ModelCall
from graphs.context import Context

Node = TypeVar("Node", bound=Callable[..., Awaitable[dict[str, Any]]])

_tracers: list[Tracer] = [NoOpTracer()]


@contextmanager
def trace_with(tracer: Tracer) -> Iterator[None]:
    """Have all questions of this process traced until the block ends."""
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)


@contextmanager
def trace_question(context: Context) -> Iterator[Span]:
    """The span of one question; the nodes that ``context`` is given to are below it.

    It is not made the current span: a generator that is suspended would leave it to whoever runs meanwhile.
    """
    span = _tracers[-1].start_span("question")
    context.trace = set_span_in_context(span)
    try:
        with _tell_end(span):
            yield span
    finally:
        context.trace = None
        span.end()


def traced(node: Node, within: str = "") -> Node:
    """The node, in a span of its name; ``within`` is the subgraph that it is part of."""
    name = f"{within}.{node.__name__}" if within else node.__name__

    @wraps(node)
    async def spanned(state: Mapping[str, Any], runtime: Runtime[Context]) -> dict[str, Any]:
        with (
            _tracers[-1].start_as_current_span(
                name, runtime.context.trace, record_exception=False, set_status_on_exception=False
            ) as span,
            _tell_end(span),
        ):
            update = await node(state, runtime)
            _tell_update(span, update)
            return update

    return cast(Node, spanned)


@contextmanager
def _tell_end(span: Span) -> Iterator[None]:
    """How it ended, if not well: the kind of error, since its words may be anybody's."""
    try:
        yield
    except GraphBubbleUp:
        span.set_attribute("kubewhy.interrupted", True)
        raise
    except (CancelledError, GeneratorExit):
        span.set_attribute("kubewhy.cancelled", True)
        raise
    except Exception as error:
        span.set_status(StatusCode.ERROR, type(error).__name__)
        raise


def _tell_update(span: Span, update: Mapping[str, Any]) -> None:
    """How much a node found, and which models it asked."""
    found = {name: _count(update[name]) for name in ("evidence", "findings", "commands") if name in update}
    span.set_attributes({f"kubewhy.{name}": number for name, number in found.items()})
    calls = update.get("calls") or ()
    for call in calls.value if isinstance(calls, Overwrite) else calls:
        span.add_event("model call", _describe_call(call))


def _count(items: Any) -> int:
    return len(items.value if isinstance(items, Overwrite) else items)


def _describe_call(call: ModelCall) -> dict[str, str | int | float | bool]:
    told: dict[str, str | int | float | bool] = {
        "kubewhy.model": call.model,
        "kubewhy.role": call.role,
        "kubewhy.tokens.read": call.read,
        "kubewhy.tokens.written": call.written,
        "kubewhy.seconds": call.seconds,
        "kubewhy.used": not call.fault,
    }
    return told if call.cost is None else told | {"kubewhy.cost": call.cost}


def describe_diagnosis(span: Span, diagnosis: Diagnosis) -> None:
    """Put what a question ended with into its span."""
    span.set_attributes(
        {
            "kubewhy.outcome": diagnosis.outcome.value,
            "kubewhy.issue_type": diagnosis.issue_type.value,
            "kubewhy.confidence": diagnosis.confidence,
            "kubewhy.reasoner": diagnosis.reasoner,
            "kubewhy.evidence": len(diagnosis.evidence),
            "kubewhy.tokens.read": sum(call.read for call in diagnosis.calls),
            "kubewhy.tokens.written": sum(call.written for call in diagnosis.calls),
            "kubewhy.cost": sum(call.cost or 0.0 for call in diagnosis.calls),
        }
    )
