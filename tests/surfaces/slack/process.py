"""``kubewhy slack`` as a process of its own, over a loopback Slack."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.settings import Settings
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN

START_SECONDS = 60.0


class Process:
    """One process, that can be ended by a signal."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def kill(self) -> None:
        """End it at once."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def terminate(self) -> int:
        """Ask it to end, as Kubernetes does; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), START_SECONDS)

    async def listen(self) -> None:
        """Wait until it takes questions."""
        assert self._process.stderr
        told = b""
        async with asyncio.timeout(START_SECONDS):
            while b"Listening" not in told:
                line = await self._process.stderr.readline()
                assert line, told.decode()
                told += line


@asynccontextmanager
async def run_process(settings: Settings, folder: Path) -> AsyncIterator[Process]:
    """The app with these settings, in a folder without a kubewhy.toml, until the block ends."""
    slack = settings.slack
    told = {
        "bot_token": BOT_TOKEN,
        "app_token": APP_TOKEN,
        "api_url": slack.api_url,
        "channels": json.dumps({name: grant.model_dump() for name, grant in slack.channels.items()}),
        "questions": str(slack.questions),
        "audit": str(slack.audit),
        "database": slack.database.get_secret_value(),
        "progress_seconds": str(slack.progress_seconds),
        "drain_seconds": str(slack.drain_seconds),
    }
    variables = {f"KUBEWHY_SLACK__{name.upper()}": value for name, value in told.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "surfaces.cli.app", "slack"),
        cwd=folder,
        env=os.environ | variables | {"KUBEWHY_THREADS": str(settings.threads)},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        running = Process(process)
        await running.listen()
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
