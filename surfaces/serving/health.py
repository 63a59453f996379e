"""Whether this process lives, and whether it is ready to be asked."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Check = Callable[[], Awaitable[str]]
"""Looks at one thing that is needed; it says in a sentence what is wrong, or nothing."""

CHECK_SECONDS = 2.0
"""Until a check that does not answer counts as failed."""


class Health:
    """The checks of what this process needs, and whether it takes questions yet, or still.

    ``/healthz`` only says that the process lives: a dependency that is down is no reason to restart it.
    ``/readyz`` answers 503, with what is wrong by name, while any check fails, and before ``begin`` and
    after ``end``.
    """

    def __init__(self) -> None:
        """Nothing is checked yet."""
        self._checks: dict[str, Check] = {}
        self._stage = {"startup": "It is starting."}

    def add(self, name: str, check: Check) -> None:
        """Be ready only while ``check`` has nothing to say."""
        self._checks[name] = check

    def begin(self) -> None:
        """Be ready as far as this process itself is concerned."""
        self._stage = {}

    def end(self) -> None:
        """Be ready no more: what is under way is finished, nothing new should be sent."""
        self._stage = {"shutdown": "It is shutting down."}

    async def list_faults(self) -> dict[str, str]:
        """What is wrong, by the name of its check; empty when this process is ready."""
        told = await asyncio.gather(*(_look(check) for check in self._checks.values()))
        faults = {name: fault for name, fault in zip(self._checks, told, strict=True) if fault}
        return faults | self._stage

    def routes(self) -> list[web.RouteDef]:
        """The routes for probes."""
        return [web.get("/healthz", self._answer_alive), web.get("/readyz", self._answer_ready)]

    async def _answer_alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _answer_ready(self, _: web.Request) -> web.Response:
        faults = await self.list_faults()
        status = {"status": "not ready", "faults": faults} if faults else {"status": "ok"}
        return web.json_response(status, status=503 if faults else 200)


async def _look(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"It did not answer within {CHECK_SECONDS:g} s."
    except Exception as error:  # a probe is answered whatever breaks in a check
        return f"It cannot be checked ({type(error).__name__})."
