"""Many threads of Slack at once: how long until they are acknowledged, show progress and are answered.

``kubewhy slack`` runs in a process of its own, with its databases on disk, and talks over Socket Mode to a
Slack in this one. Each thread asks the question of a recorded incident, of which all take their turn. Run it
with ``make bench``, or with the number of threads: ``python -m benchmarks.slack_load 100``.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.table import Table

from evals.dataset import load_cases
from surfaces.slack.blocks.steps import STOP
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.loopback.workspace import BOT_USER, Message
from surfaces.slack.setup import SCOPES
from tools.incidents import Incident

ACKNOWLEDGED_SECONDS = 3.0
"""After which Slack delivers an event again."""

PATIENCE = 600.0
KIB = 1024


@dataclass
class Timing:
    """One thread: when it was asked, and what was seen of it when, by ``perf_counter``; 0: not yet."""

    asked: float
    acknowledged: float = 0.0
    sign: float = 0.0
    step: float = 0.0
    answer: float = 0.0


@dataclass(frozen=True)
class Memory:
    """Bytes of the app's process: with nothing to do, and at most."""

    idle: int
    peak: int


class Watch:
    """Notes what appears in the threads of a loopback Slack, and when."""

    def __init__(self, slack: LoopbackSlack) -> None:
        """Look whenever anything changes there."""
        self.open: dict[str, Timing] = {}
        self.done: list[Timing] = []
        self._slack = slack
        self._wake = slack.workspace.wake
        slack.workspace.wake = self._look  # type: ignore[method-assign]

    async def _look(self) -> None:
        now = perf_counter()
        for message in self._slack.workspace.messages:
            if message.by_bot and (timing := self.open.get(message.thread_ts)):
                self._note(message, timing, now)
        await self._wake()

    def _note(self, message: Message, timing: Timing, now: float) -> None:
        timing.sign = timing.sign or now
        if message.edits and not timing.step:
            timing.step = now
        if not any(item.get("action_id") == STOP for b in message.blocks for item in b.get("elements", ())):
            timing.answer = now
            self.done.append(self.open.pop(message.thread_ts))


async def ask(slack: LoopbackSlack, watch: Watch, channel: str, incident: Incident) -> None:
    """Ask in a thread of its own, and note when that is acknowledged."""
    asked = perf_counter()
    question = await slack.people.mention(channel, f"U{channel}", incident.question)
    timing = watch.open[question.ts] = Timing(asked)
    # The mention; the same text as a message of the channel comes after it, and means nothing.
    delivery = slack.people.deliveries[-2]
    delivery.add_done_callback(lambda _: setattr(timing, "acknowledged", perf_counter()))


async def measure(threads: int) -> tuple[list[Timing], Memory]:
    """Ask in that many threads at once."""
    incidents = [case.incident for case in load_cases()]
    channels = {f"C{number:04d}": incident for number, incident in enumerate(incidents)}
    async with serve_slack() as slack, run_app(slack, channels) as process:
        slack.workspace.members = {channel: {BOT_USER, f"U{channel}"} for channel in channels}
        slack.workspace.scopes = set(SCOPES)
        watch = Watch(slack)
        await warm_up(slack, watch, next(iter(channels)), incidents[0])
        idle = read_memory(process.pid, "VmRSS")
        names = [*channels] * (threads // len(channels) + 1)
        await asyncio.gather(*(ask(slack, watch, name, channels[name]) for name in names[:threads]))
        await slack.workspace.until(lambda: not watch.open, PATIENCE)
        await slack.people.arrive()
        return watch.done, Memory(idle, read_memory(process.pid, "VmHWM"))


async def warm_up(slack: LoopbackSlack, watch: Watch, channel: str, incident: Incident) -> None:
    """Ask once, so that everything is imported and loaded; it does not count."""
    await ask(slack, watch, channel, incident)
    await slack.workspace.until(lambda: not watch.open, PATIENCE)
    watch.done.clear()


@asynccontextmanager
async def run_app(
    slack: LoopbackSlack, channels: dict[str, Incident]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``kubewhy slack`` as a process that is connected to the loopback, until the block ends."""
    with TemporaryDirectory(prefix="kubewhy-") as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "surfaces.cli.app", "slack"),
            env=os.environ | describe(slack, channels, Path(folder)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        slack.workspace.scopes = set(SCOPES)
        try:
            await asyncio.wait_for(slack.socket.until(lambda: slack.socket.connections), 60)
            yield process
        finally:
            process.terminate()
            await process.wait()


def describe(slack: LoopbackSlack, channels: dict[str, Incident], folder: Path) -> dict[str, str]:
    """The settings of the app, as variables."""
    grants = {channel: {"incident": str(incident.folder)} for channel, incident in channels.items()}
    most = dict.fromkeys(("user_hour", "channel_hour", "day"), 1_000_000)
    slack_settings = {
        "BOT_TOKEN": BOT_TOKEN,
        "APP_TOKEN": APP_TOKEN,
        "API_URL": slack.url,
        "CHANNELS": json.dumps(grants),
        "LIMITS": json.dumps(most),
        "QUESTIONS": str(folder / "slack.sqlite"),
        "AUDIT": str(folder / "audit.ndjson"),
    }
    told = {f"KUBEWHY_SLACK__{name}": value for name, value in slack_settings.items()}
    return told | {"KUBEWHY_THREADS": str(folder / "threads.sqlite")}


def read_memory(pid: int, what: str) -> int:
    """Bytes of a process as Linux counts them: ``VmRSS`` now, ``VmHWM`` at most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * KIB for line in lines if line.startswith(f"{what}:"))


def tabulate(timings: Sequence[Timing]) -> Table:
    """One row a thing that is waited for; seconds since the question."""
    table = Table("since the question", title=f"Slack: seconds, {len(timings)} threads", title_justify="left")
    for heading in ("min", "median", "p99", "max"):
        table.add_column(heading, justify="right")
    rows = {
        "acknowledged": [item.acknowledged - item.asked for item in timings],
        "first sign of life": [item.sign - item.asked for item in timings],
        "first step shown": [item.step - item.asked for item in timings],
        "answered": [item.answer - item.asked for item in timings],
    }
    for name, seconds in rows.items():
        p99 = quantiles(seconds, n=100, method="inclusive")[98]
        numbers = (min(seconds), median(seconds), p99, max(seconds))
        table.add_row(name, *(f"{number:.3f}" for number in numbers))
    return table


def main() -> int:
    """Measure, print, and fail if Slack would have delivered an event again."""
    parser = argparse.ArgumentParser(description="Ask in many threads of Slack at once.")
    parser.add_argument("threads", nargs="?", type=int, default=100, help="how many")
    threads: int = parser.parse_args().threads
    timings, memory = asyncio.run(measure(threads))
    Console(width=100).print(tabulate(timings))
    idle, peak = memory.idle / KIB**2, memory.peak / KIB**2
    print(f"Memory: {idle:.0f} MiB idle, {peak:.0f} at most, {(peak - idle) / threads:.1f} a thread.")
    print(f"Answers: {rate(timings):.1f} a second.")
    late = sum(item.acknowledged - item.asked >= ACKNOWLEDGED_SECONDS for item in timings)
    print(f"Goal: acknowledged within {ACKNOWLEDGED_SECONDS:g} s. Later: {late or 'none'}.")
    return 1 if late else 0


def rate(timings: Sequence[Timing]) -> float:
    """Answers a second, from the first question to the last answer."""
    return len(timings) / (max(t.answer for t in timings) - min(t.asked for t in timings))


if __name__ == "__main__":
    sys.exit(main())
