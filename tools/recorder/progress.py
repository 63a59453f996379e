"""How far a recording is."""

from collections.abc import Awaitable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Progress(Protocol):
    """Is told of every step; ``done`` of ``total`` steps of a ``stage`` are made, from 0 on."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show it."""
        ...


class Stage:
    """Counts the steps of one stage."""

    def __init__(self, progress: Progress, name: str, total: int) -> None:
        """Say that it begins."""
        self._progress, self._name, self._total, self._done = progress, name, total, 0
        progress(name, 0, total)

    async def step(self, work: Awaitable[Result]) -> Result:
        """Wait for ``work`` and count it, however it ends."""
        try:
            return await work
        finally:
            self._done += 1
            self._progress(self._name, self._done, self._total)
