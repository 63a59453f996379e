"""Reads the logs of Pods within limits: the latest lines, all containers, the run before a restart too."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import is_well, list_containers
from tools.cluster.reader import ClusterReader, LogLine
from tools.cluster.recorded_logs import ContainerRun
from tools.importers.incident import is_safe_run
from tools.recorder.progress import Progress, Stage


@dataclass(frozen=True)
class RecordLimits:
    """How much is kept of logs.

    Attributes:
        lines: the most lines of a container's run.
        last_lines: so many are kept whenever they were written: a crash may lie further back.
        run_characters: the most of a container's run.
        characters: the most of all logs; those of Pods that are not well come first.
    """

    lines: int = 20_000
    last_lines: int = 500
    run_characters: int = 2 * 2**20
    characters: int = 256 * 2**20


@dataclass
class ReadLogs:
    """The lines of each run, oldest first, and why others could not be read."""

    runs: dict[ContainerRun, list[LogLine]] = field(default_factory=dict)
    errors: dict[ContainerRun, str] = field(default_factory=dict)
    characters: int = 0


async def read_logs(
    reader: ClusterReader,
    pods: Sequence[KubeObject],
    since: datetime,
    limits: RecordLimits,
    progress: Progress,
) -> ReadLogs:
    """Read what the containers of the Pods wrote since then, and their last lines in any case."""
    now = await reader.now()
    runs = [run for pod in sorted(pods, key=lambda pod: is_well(pod, now)) for run in _list_runs(pod)]
    stage = Stage(progress, "logs", len(runs))
    read = ReadLogs()
    await asyncio.gather(*(stage.step(_read_run(reader, run, since, limits, read)) for run in runs))
    return read


def _list_runs(pod: KubeObject) -> Iterator[ContainerRun]:
    """The runs of a Pod's containers that can have a log."""
    ref = ObjectRef.of(pod)
    for container in list_containers(pod):
        runs = [False] if container.running or container.ended else []
        runs += [True] if container.restarts else []
        for previous in runs:
            run = ContainerRun(ref.namespace, ref.name, container.name, previous)
            if is_safe_run(run):
                yield run


async def _read_run(
    reader: ClusterReader, run: ContainerRun, since: datetime, limits: RecordLimits, read: ReadLogs
) -> None:
    if read.characters >= limits.characters:
        read.errors[run] = "left out, since the recording is large enough"
        return
    try:
        lines = await reader.logs(
            run.pod, run.namespace, run.container, previous=run.previous, tail=limits.lines
        )
    except (NotFound, ClusterUnavailable) as error:
        read.errors[run] = str(error)
        return
    if kept := _keep(lines, since, limits):
        read.runs[run] = kept
        read.characters += sum(len(line.text) for line in kept)


def _keep(lines: list[LogLine], since: datetime, limits: RecordLimits) -> list[LogLine]:
    """The newest lines that fit."""
    oldest_kept = len(lines) - limits.last_lines
    kept: list[LogLine] = []
    room = limits.run_characters
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        room -= len(line.text)
        if room < 0 or (number < oldest_kept and line.time is not None and line.time < since):
            break
        kept.append(line)
    return kept[::-1]


def print_log(lines: Sequence[LogLine]) -> str:
    """A log as ``kubectl logs --timestamps`` prints it; a line whose time is not known stands alone."""
    return "".join(f"{_stamp(line)}{line.text}\n" for line in lines)


def _stamp(line: LogLine) -> str:
    told = line.stamp or (f"{line.time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if line.time else "")
    return f"{told} " if told else ""
