"""Traces of the surfaces: the command line and Slack send them where the settings say."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.settings import load_settings
from domain.surface_settings import TraceSettings
from surfaces.cli.app import app
from tests.loopback.otlp import Collector, read_attributes, serve_collector

INCIDENT = "missing-configmap-chain"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with serve_collector() as served:
        yield served


async def test_the_command_line_traces_its_questions(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KUBEWHY_THREADS", str(tmp_path / "threads.sqlite"))
    monkeypatch.setenv("KUBEWHY_TRACES__ENDPOINT", collector.url)
    load_settings.cache_clear()
    result = await asyncio.to_thread(CliRunner().invoke, app, ["ask", "--incident", INCIDENT, "why?"])
    load_settings.cache_clear()

    assert result.exit_code in (0, 1)
    assert read_attributes(collector.find("question"))["kubewhy.outcome"]


@pytest.mark.parametrize("wrong", ["collector:4318", "file:///tmp/traces"])
def test_an_endpoint_that_is_no_address_is_refused(wrong: str):
    with pytest.raises(ValueError, match="endpoint"):
        TraceSettings(endpoint=wrong)
