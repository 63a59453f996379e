"""What Prometheus is told: investigations, how long they took, what models used, what waits."""

from collections.abc import Awaitable, Callable, Iterable
from importlib.metadata import version
from math import nan

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

from domain.diagnosis import ModelCall
from domain.errors import KubewhyError

Count = Callable[[], Awaitable[int]]

SECONDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""The bounds of the histogram: an investigation ends by itself after two minutes, but it may have to wait."""


async def _try(count: Count) -> float:
    """A number; none while it cannot be counted: the others are worth reading then."""
    try:
        return await count()
    except KubewhyError:
        return nan


class Metrics:
    """The numbers of one process. Labels are words of ours, never of a question or a cluster's objects.

    Metrics: ``kubewhy_questions_total`` by way and verdict, ``kubewhy_question_seconds`` by verdict (from
    being asked to being answered), ``kubewhy_questions_waiting``; ``kubewhy_model_calls_total`` by model,
    role and result, ``kubewhy_model_tokens_total`` by model and direction,
    ``kubewhy_model_cost_dollars_total`` by model (a call whose price is not known counts nothing);
    ``kubewhy_build_info``, and those of the process.
    """

    def __init__(self) -> None:
        """Everything is zero."""
        self._registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self._questions = Counter(
            "kubewhy_questions", "Questions by what became of them", ("way", "verdict"), registry=registry
        )
        self._seconds = Histogram(
            "kubewhy_question_seconds",
            "From a question to its answer",
            ("verdict",),
            buckets=SECONDS,
            registry=registry,
        )
        self._waiting = Gauge(
            "kubewhy_questions_waiting", "Questions without an answer yet", registry=registry
        )
        self._calls = Counter(
            "kubewhy_model_calls", "Calls of models", ("model", "role", "result"), registry=registry
        )
        self._tokens = Counter(
            "kubewhy_model_tokens", "Tokens of models", ("model", "direction"), registry=registry
        )
        self._cost = Counter("kubewhy_model_cost_dollars", "Cost of models", ("model",), registry=registry)
        Info("kubewhy_build", "The version that runs", registry=registry).info(
            {"version": version("kubewhy")}
        )
        self._count_waiting: Count | None = None

    def watch_queue(self, count: Count) -> None:
        """Ask ``count`` how many questions wait, whenever the metrics are read."""
        self._count_waiting = count

    def add_verdict(self, way: str, verdict: str) -> None:
        """Something became of a question that came this way: mention, command, alert, ..."""
        self._questions.labels(way, verdict).inc()

    def add_answer(self, verdict: str, seconds: float, calls: Iterable[ModelCall] = ()) -> None:
        """A question was answered so many seconds after it was asked, with the help of models."""
        self._seconds.labels(verdict).observe(seconds)
        for call in calls:
            self._calls.labels(call.model, call.role, "refused" if call.fault else "used").inc()
            self._tokens.labels(call.model, "read").inc(call.read)
            self._tokens.labels(call.model, "written").inc(call.written)
            self._cost.labels(call.model).inc(call.cost or 0.0)

    def routes(self) -> list[web.RouteDef]:
        """The route for Prometheus."""
        return [web.get("/metrics", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        if self._count_waiting:
            self._waiting.set(await _try(self._count_waiting))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})
