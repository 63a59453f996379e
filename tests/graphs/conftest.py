from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.settings import Limits, Settings
from graphs.context import Context, Instruments

Prepare = Callable[..., Awaitable[Context]]


@pytest.fixture
async def prepare() -> Any:
    """Contexts of real recorded incidents, with instruments or limits exchanged."""
    opened: list[Instruments] = []

    async def make(incident: str, limits: Limits | None = None, **exchanged: Any) -> Context:
        instruments = await Context(incident).open()
        opened.append(instruments)
        settings = Settings(limits=limits) if limits else instruments.settings
        return Context.of(replace(instruments, settings=settings, **exchanged))

    yield make
    for instruments in opened:
        await instruments.logs.close()
