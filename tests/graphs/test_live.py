"""A question about a live cluster: the same answer as from its recording, and an answer without it."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from domain.diagnosis import Diagnosis, Outcome
from domain.settings import load_settings
from graphs.context import Context
from graphs.session import Session
from tests.tools.cluster.live.server import ApiServer, answer
from tools.cluster.recorded import RecordedCluster
from tools.incidents import INCIDENTS

PODS = "/api/v1/pods"
GRACE = 12.0
"""Seconds beyond the budget that a busy machine may take to say what it has."""


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    """An API server on loopback, and a kubeconfig that names it ``shop``."""
    server = ApiServer(RecordedCluster(INCIDENTS / "missing-configmap-chain" / "cluster"))
    runner = await server.start()
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path, token="any")))  # noqa: S106
    load_settings.cache_clear()
    yield server
    load_settings.cache_clear()
    await runner.cleanup()


async def ask(question: str) -> Diagnosis:
    context = Context(cluster="shop")
    try:
        items = [item async for item in Session(context).ask(question)]
    finally:
        await context.close()
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


async def test_a_live_cluster_is_diagnosed_like_its_recording(server: ApiServer) -> None:
    diagnosis = await ask("Payment service cannot start")

    assert diagnosis.missing is not None
    assert (diagnosis.missing.kind, diagnosis.missing.name) == ("ConfigMap", "cache-config")
    assert diagnosis.chain[-1].object.name == "payment-service"
    assert diagnosis.cluster == "shop"
    assert {request.method for request in server.seen} == {"GET"}


async def test_what_may_not_be_read_is_said_with_the_rule_that_would_allow_it(server: ApiServer) -> None:
    server.misbehave("/api/v1/events", *[answer(403, "events is forbidden")] * 50)

    diagnosis = await ask("Payment service cannot start")

    assert any("events" in sentence and "list" in sentence for sentence in diagnosis.not_seen)
    assert diagnosis.object is not None
    assert diagnosis.object.name == "cache-service"


async def test_the_kubelets_word_counts_where_the_absence_cannot_be_seen(server: ApiServer) -> None:
    server.misbehave("/api/v1/configmaps", *[answer(403, "configmaps is forbidden")] * 50)

    diagnosis = await ask("Payment service cannot start")

    assert diagnosis.missing is not None
    assert diagnosis.missing.name == "cache-config"


async def test_pods_that_may_not_be_read_make_no_healthy_cluster(server: ApiServer) -> None:
    server.misbehave(PODS, *[answer(403, "pods is forbidden")] * 50)

    diagnosis = await ask("is everything fine?")

    assert diagnosis.outcome is Outcome.UNKNOWN
    assert any("pods" in sentence.lower() for sentence in diagnosis.not_seen)


async def test_a_throttled_server_is_asked_again(server: ApiServer) -> None:
    for path in (PODS, "/api/v1/configmaps", "/api/v1/events"):
        server.misbehave(path, *[answer(429, "too many requests", **{"Retry-After": "0"})] * 2)

    diagnosis = await ask("Payment service cannot start")

    assert diagnosis.missing is not None
    assert diagnosis.missing.name == "cache-config"
    assert not diagnosis.not_seen


async def test_a_server_killed_after_the_survey_leaves_what_was_seen(server: ApiServer) -> None:
    context = Context(cluster="shop")
    diagnosis = None
    async for item in Session(context).ask("Payment service cannot start"):
        if isinstance(item, Diagnosis):
            diagnosis = item
        elif isinstance(item, dict):
            server.gone = server.gone or item["node"] == "survey"
    await context.close()

    assert diagnosis is not None and diagnosis.missing is not None
    assert diagnosis.missing.name == "cache-config"
    assert any("cluster" in told or "API server" in told for told in diagnosis.not_seen)


async def test_a_server_that_is_too_slow_costs_no_more_than_the_budget(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEWHY_LIMITS__WALL_SECONDS", "3")
    server.stall = 30.0

    begin = monotonic()
    diagnosis = await ask("Payment service cannot start")

    assert monotonic() - begin < 3 + GRACE
    assert diagnosis.outcome is Outcome.UNKNOWN
    assert diagnosis.not_seen
