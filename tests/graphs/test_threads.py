import json
import os
import shutil
import sqlite3
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from domain.diagnosis import Diagnosis, Outcome
from domain.errors import CorruptThreads, UnknownObject
from graphs.context import Context
from graphs.session import Clarification, Session
from graphs.threads import make_serializer, open_threads
from tools.incidents import INCIDENTS

CHAIN = "missing-configmap-chain"


async def ask_as_a_new_process(database: Path, thread: str, text: str, context: Context):
    async with open_threads(database) as saver:
        try:
            return [item async for item in Session(context, thread, saver).ask(text)][-1]
        finally:
            await context.close()


async def test_a_follow_up_by_another_process_knows_the_incident_and_the_case(tmp_path: Path):
    database = tmp_path / "made" / "with parents" / "threads.sqlite"
    first = await ask_as_a_new_process(database, "t", "Payment service cannot start", Context(CHAIN))
    second = await ask_as_a_new_process(database, "t", "did the fix work?", Context())
    assert isinstance(first, Diagnosis) and isinstance(second, Diagnosis)
    assert second.outcome is Outcome.NOT_VERIFIED
    assert second.object == first.object


def rename_selector(incident: Path) -> None:
    """What `kubectl patch service points-api` does, and the endpoints controller after it."""
    folder = incident / "cluster" / "loyalty"
    pods = json.loads((folder / "pods.json").read_text())["items"]
    chosen = [pod for pod in pods if pod["metadata"]["labels"]["app"] == "points-api"]
    addresses = [
        {"ip": pod["status"]["podIP"], "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]}}
        for pod in chosen
    ]
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
    slices = [{"addresses": [a["ip"]], "conditions": {"ready": True}, **a} for a in addresses]
    changes = {
        "services": lambda item: item["spec"].update(selector={"app": "points-api"}),
        "endpoints": lambda item: item.update(subsets=[{"addresses": addresses, "ports": ports}]),
        "endpointslices": lambda item: item.update(endpoints=slices, ports=ports),
    }
    for plural, change in changes.items():
        path = folder / f"{plural}.json"
        document = json.loads(path.read_text())
        for item in document["items"]:
            if item["metadata"]["name"].startswith("points-api"):
                change(item)
        path.write_text(json.dumps(document))


async def test_a_fix_that_worked_is_verified_on_a_later_recording(tmp_path: Path):
    database, after = tmp_path / "threads.sqlite", tmp_path / "after"
    shutil.copytree(INCIDENTS / "service-selector-typo", after)
    rename_selector(after)
    question = "Points show as unavailable in the app but all pods in loyalty are green."
    first = await ask_as_a_new_process(database, "t", question, Context("service-selector-typo"))
    still = await ask_as_a_new_process(database, "t", "did the fix work?", Context())
    then = await ask_as_a_new_process(database, "t", "did the fix work?", Context(str(after)))
    assert isinstance(first, Diagnosis) and isinstance(still, Diagnosis) and isinstance(then, Diagnosis)
    assert first.outcome is Outcome.DIAGNOSED
    assert still.outcome is Outcome.NOT_VERIFIED
    assert then.outcome is Outcome.VERIFIED
    assert then.object == first.object


async def test_threads_do_not_bleed_into_each_other(tmp_path: Path):
    database = tmp_path / "threads.sqlite"
    await ask_as_a_new_process(database, "one", "Payment service cannot start", Context(CHAIN))
    other = await ask_as_a_new_process(database, "two", "did the fix work?", Context("healthy-noisy"))
    assert isinstance(other, Diagnosis)
    assert other.outcome is Outcome.HEALTHY


async def test_a_question_is_answered_by_another_process(tmp_path: Path, twins: Path):
    database = tmp_path / "threads.sqlite"
    asked = await ask_as_a_new_process(database, "t", "what is wrong with basket?", Context(str(twins)))
    assert isinstance(asked, Clarification)
    answer = await ask_as_a_new_process(database, "t", asked.options[1], Context())
    assert isinstance(answer, Diagnosis)
    assert answer.cluster == "twins"


async def test_a_bad_question_loses_nothing(tmp_path: Path):
    database = tmp_path / "threads.sqlite"
    first = await ask_as_a_new_process(database, "t", "Payment service cannot start", Context(CHAIN))
    with pytest.raises(UnknownObject):
        await ask_as_a_new_process(database, "t", "why is deployment/paiment-servise down?", Context())
    third = await ask_as_a_new_process(database, "t", "did the fix work?", Context())
    assert isinstance(first, Diagnosis) and isinstance(third, Diagnosis)
    assert third.object == first.object


def _other_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE checkpoints (colour TEXT)")
    connection.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"this is no database at all, and long enough to be looked at" * 20),
        lambda path: path.mkdir(),
        _other_database,
    ],
    ids=["garbage", "a folder", "another program's database"],
)
async def test_a_database_that_cannot_be_read_is_left_untouched(tmp_path: Path, spoil):
    database = tmp_path / "threads.sqlite"
    spoil(database)
    before = database.read_bytes() if database.is_file() else None
    with pytest.raises(CorruptThreads, match=r"threads\.sqlite .*left untouched.*KUBEWHY_THREADS"):
        await ask_as_a_new_process(database, "t", "Payment service cannot start", Context(CHAIN))
    assert (database.read_bytes() if database.is_file() else None) == before
    assert os.listdir(tmp_path) == ["threads.sqlite"]


async def test_what_fails_while_a_database_is_open_is_not_blamed_on_it(tmp_path: Path):
    with pytest.raises(ConnectionRefusedError):
        async with open_threads(tmp_path / "threads.sqlite"):
            raise ConnectionRefusedError("somebody else")


async def test_a_truncated_database_is_said_to_be_corrupt(tmp_path: Path):
    database = tmp_path / "threads.sqlite"
    await ask_as_a_new_process(database, "t", "Payment service cannot start", Context(CHAIN))
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CorruptThreads):
        await ask_as_a_new_process(database, "t", "did the fix work?", Context())
    assert database.read_bytes() == whole[: len(whole) // 2]


class DyingSaver(AsyncSqliteSaver):
    """Does not survive its n-th write; the process with it ends there."""

    left = 0

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise ConnectionError("killed")

    async def aput(self, *given: Any, **named: Any) -> RunnableConfig:
        self._count()
        return await super().aput(*given, **named)

    async def aput_writes(self, *given: Any, **named: Any) -> None:
        self._count()
        await super().aput_writes(*given, **named)


async def ask_until_killed(database: Path, write: int) -> Diagnosis | None:
    """The diagnosis; None if the process was killed at that write."""
    context = Context(CHAIN)
    async with aiosqlite.connect(database) as connection:
        saver = DyingSaver(connection, serde=make_serializer())
        saver.left = write
        try:
            asking = Session(context, "t", saver).ask("Payment service cannot start", "ticket")
            return [item async for item in asking][-1]
        except ConnectionError:
            return None
        finally:
            await context.close()


async def test_whichever_write_it_is_killed_at_it_goes_on_with_the_ticket(tmp_path: Path):
    killed = 0
    for write in count(1):
        database = tmp_path / f"{write}.sqlite"
        if await ask_until_killed(database, write):
            break
        killed += 1
        diagnosis = await ask_until_killed(database, 0)
        assert isinstance(diagnosis, Diagnosis), write
        assert diagnosis.outcome is Outcome.DIAGNOSED and "cache-config" in diagnosis.summary, write
    assert killed > 10


async def test_another_ticket_asks_anew(tmp_path: Path):
    async with open_threads(tmp_path / "threads.sqlite") as saver:
        session = Session(Context(CHAIN), "t", saver)
        first = [item async for item in session.ask("Payment service cannot start", "one")]
        again = [item async for item in session.ask("Payment service cannot start", "one")]
        other = [item async for item in session.ask("Payment service cannot start", "two")]
        await session.context.close()

    assert len(again) == 1 and again[0] == first[-1]
    assert len(other) > 1
