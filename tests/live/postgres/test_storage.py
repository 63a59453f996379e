"""Questions and locks in a real PostgreSQL: what SQLite does, and what only several processes need."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from domain.errors import MalformedSettings, QuestionsUnavailable
from surfaces.slack.questions import Place, Question, Questions, State
from surfaces.slack.storage.database import hold
from surfaces.slack.storage.postgres import PostgresLocks, open_postgres

pytestmark = pytest.mark.live

PLACE = Place("T1", "C1", "1.1")
QUESTION = Question("key", PLACE, "U1", "why?", "mention", "1.1")


@pytest.fixture
async def questions(database: str) -> AsyncIterator[Questions]:
    async with open_postgres(database) as (opened, _, _):
        yield Questions(opened)


@pytest.fixture
async def locks(database: str) -> AsyncIterator[tuple[PostgresLocks, PostgresLocks]]:
    two = PostgresLocks(database), PostgresLocks(database)
    yield two
    for item in two:
        await item.close()


async def test_a_question_is_taken_once_and_changed(questions: Questions):
    assert await questions.take(QUESTION, "why?")
    assert not await questions.take(QUESTION, "why?")
    await questions.change(QUESTION, state=State.ANSWERED, posted="1.2", commands=("kubectl get pods",))

    found = await questions.find("key")
    assert found == replace(
        QUESTION,
        asked_at=found.asked_at if found else 0.0,
        state=State.ANSWERED,
        posted="1.2",
        commands=("kubectl get pods",),
    )
    assert await questions.waiting(PLACE) == []
    assert await questions.latest("C1", "mention") == found


async def test_questions_come_in_the_order_of_their_time(questions: Questions):
    for number in (3, 1, 2):
        await questions.take(replace(QUESTION, key=f"key{number}", ts=f"{number}.1"), "why?")

    assert [question.key for question in await questions.waiting(PLACE)] == ["key1", "key2", "key3"]


async def test_a_thread_is_forgotten_once_it_is_old_and_nothing_waits(questions: Questions):
    await questions.take(replace(QUESTION, asked_at=100.0), "why?")
    assert await questions.find_old(200.0) == []
    await questions.change(QUESTION, state=State.ANSWERED)
    assert await questions.find_old(50.0) == []
    assert await questions.find_old(200.0) == [PLACE]
    await questions.forget(PLACE)
    assert await questions.of_thread(PLACE) == []


async def test_what_was_asked_lately_is_counted(questions: Questions):
    await questions.take(replace(QUESTION, asked_at=100.0), "why?")
    later = replace(QUESTION, key="later", asked_at=150.0)
    assert await questions.times(50.0, later, user="U1") == [100.0]
    assert await questions.times(50.0, later, channel="C2") == []
    assert await questions.spent(0.0) == 0.0
    assert [question.key for question in await questions.recent("T1", "U1", 5)] == ["key"]


async def test_of_many_who_take_a_question_at_once_one_does(questions: Questions):
    taken = await asyncio.gather(*(questions.take(QUESTION, "why?") for _ in range(20)))

    assert sum(taken) == 1


async def test_a_lock_is_held_by_one(locks: tuple[PostgresLocks, PostgresLocks]):
    one, other = locks
    assert await one.try_hold("thread")
    assert not await other.try_hold("thread")
    assert not await one.try_hold("thread")
    assert await other.try_hold("another thread")
    await one.release("thread")
    assert await other.try_hold("thread")


async def test_the_locks_of_a_session_that_ends_are_free(locks: tuple[PostgresLocks, PostgresLocks]):
    one, other = locks
    assert await one.try_hold("thread")
    await one.close()
    async with asyncio.timeout(10):
        async with hold(other, "thread"):
            pass


async def test_whoever_is_cancelled_while_it_waits_for_the_server_holds_nothing(
    locks: tuple[PostgresLocks, PostgresLocks],
):
    one, other = locks
    for _ in range(20):
        waiting = asyncio.create_task(one.try_hold("thread"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert await other.try_hold("thread")


async def test_a_lost_connection_is_told_once_and_its_locks_are_gone(
    locks: tuple[PostgresLocks, PostgresLocks], database: str
):
    one, other = locks
    assert await one.try_hold("thread") and await one.are_safe()
    async with open_postgres(database) as (opened, _, _):
        await opened.read(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = ? AND pid <> pg_backend_pid()",
            ("advisory",),
        )
    assert not await one.are_safe()
    assert await one.are_safe()
    assert await other.try_hold("thread")


async def test_replicas_that_start_at_once_make_the_tables_once(database: str):
    async def start() -> None:
        async with open_postgres(database) as (opened, _, _):
            assert await opened.read("SELECT 1 FROM questions WHERE key = ?", ("none",)) == []

    await asyncio.gather(*(start() for _ in range(4)))


async def test_an_address_that_is_none_is_one_sentence_without_its_password():
    with pytest.raises(MalformedSettings, match="KUBEWHY_SLACK__DATABASE") as told:
        async with open_postgres("postgres:secret@db/kubewhy"):
            pass
    assert "secret" not in str(told.value)


async def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(QuestionsUnavailable, match="cannot be reached"):
        async with open_postgres("postgresql://nobody@127.0.0.1:1/none"):
            pass
