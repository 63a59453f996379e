"""The process dies somewhere in the graph: the next one goes on there, and answers once."""

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

from domain.settings import Settings
from graphs import retrieve_logs, troubleshoot
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, CHANNEL
from tests.surfaces.slack.reading import answer_of, answers, read

QUESTION = "payment service cannot start"
NODES = [node.__name__ for node in troubleshoot.NODES]
OF_RETRIEVAL = ("write_queries", "search", "summarise")
"""Nodes of the subgraph, which is done again from its beginning: it has no checkpoints of its own."""


class Observer:
    """The nodes of the graph, watched; the one named ``deadly`` never ends the first time it runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, deadly: str = "") -> None:
        self.ran: list[str] = []
        self.reached = asyncio.Event()
        self.deadly = deadly
        watched = tuple(map(self._watch, troubleshoot.NODES))
        monkeypatch.setattr(troubleshoot, "NODES", watched)
        for name in OF_RETRIEVAL:
            monkeypatch.setattr(retrieve_logs, name, self._watch(getattr(retrieve_logs, name)))
        monkeypatch.setattr(troubleshoot, "builder", troubleshoot.build())

    def _watch(self, node: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(node)
        async def watched(state: Any, runtime: Any) -> Any:
            self.ran.append(node.__name__)
            if node.__name__ == self.deadly:
                self.deadly = ""
                self.reached.set()
                await asyncio.Event().wait()
            return await node(state, runtime=runtime)

        return watched


@pytest.mark.parametrize("node", [*OF_RETRIEVAL, *(name for name in NODES if name != "judge_recovery")])
async def test_killed_in_a_node_it_goes_on_there_and_answers_once(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, node: str
):
    observer = Observer(monkeypatch, node)
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await asyncio.wait_for(observer.reached.wait(), 20)
        await slack.people.arrive()
    before, observer.ran = observer.ran, []

    async with run_app(describe()):
        answer = await answer_of(slack, asked, "Diagnosed", 30)
        await asyncio.sleep(0.2)

    assert node in observer.ran
    done = set(before[: before.index(node)]) - {"plan_commands", "run_command", node, *OF_RETRIEVAL}
    assert not done & set(observer.ran) - {"survey"}, "what was done before is not done again"
    assert len(answers(slack, asked)) == 1
    assert "cache-config" in read(answer)


async def test_killed_while_it_verifies_it_goes_on_and_answers_once(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
):
    observer = Observer(monkeypatch, "judge_recovery")
    async with run_app(describe()):
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        answer = await answer_of(slack, asked, "Diagnosed", 30)
        await slack.people.click(answer, ANNA, "did_it_recover")
        await asyncio.wait_for(observer.reached.wait(), 20)
        await slack.people.arrive()

    async with run_app(describe()):
        await answer_of(slack, asked, "Not recovered", 30)
        await asyncio.sleep(0.2)

    assert [read(m).split("  ")[0] for m in answers(slack, asked)] == ["Diagnosed", "Not recovered"]


async def test_killed_after_the_graph_ended_it_writes_what_was_found(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
):
    """Between the last checkpoint and the note of the answer."""
    from surfaces.slack.investigation import Investigation

    observer, reached = Observer(monkeypatch), asyncio.Event()

    async def die(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Investigation, "_conclude", die)
        async with run_app(describe()):
            asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
            await asyncio.wait_for(reached.wait(), 20)
            await slack.people.arrive()
    observer.ran = []

    async with run_app(describe()):
        await answer_of(slack, asked, "Diagnosed", 30)

    assert observer.ran == []
    assert len(answers(slack, asked)) == 1


async def test_killed_before_a_question_back_was_noted_it_is_put_once(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, twins
):
    """The question itself is not taken for the answer."""
    from surfaces.slack.investigation import Investigation

    reached = asyncio.Event()

    async def die(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Investigation, "_ask_back", die)
        async with run_app(describe(str(twins))):
            asked = await slack.people.mention(CHANNEL, ANNA, "why is basket down?")
            await asyncio.wait_for(reached.wait(), 20)
            await slack.people.arrive()

    async with run_app(describe(str(twins))):
        back = await answer_of(slack, asked, "Which one is meant?")
        assert "does not say which" not in read(back)
        await slack.people.click(back, ANNA, "answer_2")
        await answer_of(slack, asked, "Nothing wrong found")

    assert len(answers(slack, asked)) == 2


async def test_killed_after_a_file_was_put_into_the_thread_it_is_not_put_there_again(
    slack: LoopbackSlack, describe: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
):
    from surfaces.slack import investigation
    from surfaces.slack.blocks.messages import Attachment, Reply

    reached, render = asyncio.Event(), investigation.render_answer

    def attach(answer: investigation.Answer) -> Reply:
        return Reply(render(answer).posts, (Attachment("fix.yaml", "a: b"),))

    async def die(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(investigation, "render_answer", attach)
    with monkeypatch.context() as patch:
        patch.setattr(investigation.Investigation, "_finish", die)
        async with run_app(describe()):
            asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
            await asyncio.wait_for(reached.wait(), 20)
            await slack.people.arrive()

    async with run_app(describe()):
        await slack.people.mention(CHANNEL, ANNA, "did the fix work?", asked.ts)
        await answer_of(slack, asked, "Not recovered", 30)
        await slack.workspace.until(lambda: sum(len(m.files) for m in answers(slack, asked)) == 2, 20)

    files = [m.files for m in answers(slack, asked) if m.files]
    assert len(files) == 2, "one for each answer"
