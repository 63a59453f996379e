"""Whatever line is given: it is refused, or it reads; and what is planted in Secrets stays there."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ClusterUnavailable, InputError, KubewhyError, RefusedCommand
from tests.tools.kubectl.lines import commands, leaks, lines
from tests.tools.kubectl.planted import MARKS, LeakyServer, Spy, make_cluster
from tools.cluster.live.api import ReadLimits
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.live.login import KubeconfigLogin
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import CommandOutput, Kubectl, KubectlCommand
from tools.kubectl.flags import VERBS
from tools.kubectl.policy import check

CONTEXT = "kind-shop"
NAME = r"[A-Za-z0-9][A-Za-z0-9._:%-]*"
READABLE_PATH = re.compile(
    rf"/version|/api|/apis|/api/v1|/apis/{NAME}/{NAME}"
    rf"|/(api/v1|apis/{NAME}/{NAME})(/namespaces/{NAME})?/[a-z]+(/{NAME})?"
    rf"|/api/v1/namespaces/{NAME}/pods/{NAME}/log"
)
PARAMETERS = {
    *("labelSelector", "fieldSelector", "limit", "continue", "includeObject"),
    *("container", "timestamps", "previous", "tailLines", "sinceTime"),
}
READS = {"list", "get", "events", "logs", "top", "version"}


def trying(examples: int) -> settings:
    """The same examples every time, and no clock: a slow machine is no failure."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


async def run(kubectl: Kubectl, line: str) -> CommandOutput | KubewhyError:
    try:
        return await kubectl.run(line)
    except (InputError, ClusterUnavailable) as error:
        return error


@trying(700)
@given(lines)
def test_a_line_is_refused_or_is_a_command_that_reads(line: str) -> None:
    try:
        command = KubectlCommand.parse(line)
        check(command, BUILTIN_RESOURCES, CONTEXT)
    except RefusedCommand as refusal:
        assert "\n" not in str(refusal)
        return
    assert command.verb in VERBS
    assert command.subverb in ("", "status", "history", "can-i", "pods", "nodes")
    assert command.context in ("", CONTEXT)
    assert KubectlCommand.parse(str(command)) == command
    assert str(KubectlCommand.parse(str(command))) == str(command)


def assert_nothing_planted_is_shown(result: CommandOutput | KubewhyError) -> None:
    said = result.text + result.line if isinstance(result, CommandOutput) else str(result)
    assert not [mark for mark in MARKS if mark in said]


def test_a_command_only_reads_and_shows_no_value_of_a_secret(tmp_path: Path, runner: asyncio.Runner) -> None:
    spy = Spy(make_cluster(tmp_path))
    kubectl = Kubectl(spy, namespace="shop", max_characters=1_000_000, context=CONTEXT)
    answered = set()

    @trying(300)
    @given(commands() | leaks())
    def try_line(line: str) -> None:
        spy.called.clear()
        result = runner.run(run(kubectl, line))
        assert_nothing_planted_is_shown(result)
        assert spy.called <= READS
        if isinstance(result, RefusedCommand):
            return
        if isinstance(result, CommandOutput):
            answered.add(KubectlCommand.parse(result.line).verb)

    try_line()
    assert answered >= {"get", "describe", "events", "version", "rollout", "auth", "api-resources"}


@pytest.fixture
def leaky(tmp_path: Path, runner: asyncio.Runner) -> Iterator[LeakyServer]:
    server = LeakyServer(make_cluster(tmp_path))
    started: web.AppRunner = runner.run(server.start())
    yield server
    runner.run(started.cleanup())


def assert_only_read(request: web.Request) -> None:
    assert request.method == "GET"
    assert READABLE_PATH.fullmatch(request.raw_path.partition("?")[0]), request.raw_path
    assert set(request.query) <= PARAMETERS, request.raw_path
    assert not request.can_read_body


def test_an_api_server_sees_reads_and_nothing_else(
    leaky: LeakyServer, tmp_path: Path, runner: asyncio.Runner
) -> None:
    login = KubeconfigLogin((leaky.kubeconfig(tmp_path, **{"token": "static"}),))
    live = LiveCluster("shop", login, ReadLimits(attempts=1, attempt_seconds=5.0))
    kubectl = Kubectl(live, namespace="shop", max_characters=1_000_000, context=CONTEXT)
    served: set[str] = set()

    @trying(300)
    @given(commands() | leaks())
    def try_line(line: str) -> None:
        leaky.seen.clear()
        assert_nothing_planted_is_shown(runner.run(run(kubectl, line)))
        for request in leaky.seen:
            assert_only_read(request)
            served.add(request.path.rpartition("/")[2])

    try:
        try_line()
    finally:
        runner.run(live.close())
    assert {"secrets", "pods"} <= served, "the planted values were within reach"


@pytest.mark.parametrize("make", [lambda text: f"get {text}", lambda text: f"get pods {text}"])
@trying(200)
@given(text=st.text(st.characters(min_codepoint=128), min_size=1, max_size=6))
def test_no_letter_passes_for_another(make: Callable[[str], str], text: str) -> None:
    try:
        command = KubectlCommand.parse(make(text))
    except RefusedCommand:
        return
    assert str(command).isascii()
