from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from agents.models.desk import ModelDesk
from agents.reasoner import Reasoner
from domain.settings import Limits, ModelSettings, Settings
from graphs.context import Context
from graphs.instruments import Instruments


class OneReasoner(ModelDesk):
    """Has one reasoner for every case."""

    def __init__(self, reasoner: Reasoner) -> None:
        super().__init__(ModelSettings())
        self._reasoner = reasoner

    def reasoner(self, *_: object) -> Reasoner:
        return self._reasoner


Prepare = Callable[..., Awaitable[Context]]


@pytest.fixture
async def prepare() -> Any:
    """Contexts of real recorded incidents, with instruments or limits exchanged."""
    opened: list[Instruments] = []

    async def make(
        incident: str, limits: Limits | None = None, reasoner: Reasoner | None = None, **exchanged: Any
    ) -> Context:
        instruments = await Context(incident).open()
        if reasoner is not None:
            exchanged["desk"] = OneReasoner(reasoner)
        opened.append(instruments)
        settings = Settings(limits=limits) if limits else instruments.settings
        return Context.of(replace(instruments, settings=settings, **exchanged))

    yield make
    for instruments in opened:
        await instruments.logs.close()
