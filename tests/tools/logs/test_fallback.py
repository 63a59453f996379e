"""The first store fails as a test says; both hold real lines."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.errors import LogsUnavailable
from tests.tools.logs.contract import MINUTE, find, lines
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.fallback import PAUSE_SECONDS, FallbackLogStore
from tools.logs.store import LogCount, LogDocument, LogHit, LogPattern, LogQuery

SHIPPED, OWN = lines("cache lost, as shipped"), lines("cache lost, as the cluster has it")


class FrailStore(EmbeddedLogStore):
    """Down for as long as ``why`` says something."""

    why = ""
    asked = 0

    def _check(self) -> None:
        self.asked += 1
        if self.why:
            raise LogsUnavailable(self.why)

    async def search(self, query: LogQuery) -> list[LogHit]:
        self._check()
        return await super().search(query)

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        self._check()
        return await super().around(document, before, after)

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        self._check()
        return await super().patterns(query)

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        self._check()
        return await super().histogram(query, interval)


class Pair:
    """Two stores, one behind the other, and the time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.first = FrailStore.open(SHIPPED)
        self.second = FrailStore.open(OWN)
        self.store = FallbackLogStore(self.first, self.second, clock=lambda: self.seconds)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = Pair()
    yield pair
    await pair.store.close()


async def test_the_second_is_not_asked_while_the_first_answers(pair: Pair) -> None:
    assert await find(pair.store, "cache") == [SHIPPED[0].message]
    assert (pair.second.asked, pair.store.notes) == (0, ())


async def test_every_question_falls_back_and_it_is_said_once(pair: Pair) -> None:
    pair.first.why = "OpenSearch is away."
    assert await find(pair.store, "cache") == [OWN[0].message]
    assert await pair.store.around(OWN[0]) == OWN
    assert [one.sample for one in await pair.store.patterns(LogQuery())] == OWN
    assert [one.count for one in await pair.store.histogram(LogQuery(), MINUTE)] == [1]
    assert pair.store.notes == (
        "Shipped logs could not be searched, only what the cluster still has: OpenSearch is away.",
    )
    assert pair.first.asked == 1


async def test_the_first_is_asked_again_after_a_pause(pair: Pair) -> None:
    pair.first.why = "OpenSearch is away."
    await find(pair.store, "cache")
    pair.first.why = ""
    pair.seconds = PAUSE_SECONDS - 1
    assert await find(pair.store, "cache") == [OWN[0].message]
    pair.seconds = PAUSE_SECONDS
    assert await find(pair.store, "cache") == [SHIPPED[0].message]


async def test_both_down_is_the_failure_of_the_second(pair: Pair) -> None:
    pair.first.why, pair.second.why = "OpenSearch is away.", "The cluster is away."
    with pytest.raises(LogsUnavailable, match="The cluster is away"):
        await find(pair.store, "cache")
    assert "OpenSearch is away" in pair.store.notes[0]
