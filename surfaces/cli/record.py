"""``kubewhy record``: what is in a namespace now, as an incident to be asked about later."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from surfaces.cli.guard import run

if TYPE_CHECKING:
    from tools.importers.incident import ImportedIncident

_PERIOD = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Request:
    """What was typed."""

    cluster: str
    namespaces: tuple[str, ...]
    since: timedelta
    question: str
    out: Path


def read_period(text: str) -> timedelta:
    """``90s``, ``15m``, ``1h`` or ``2d``.

    Raises:
        typer.BadParameter: it is something else.
    """
    found = _PERIOD.fullmatch(text.strip())
    if not found:
        raise typer.BadParameter(f"{text!r} is no period: write 90s, 15m, 1h or 2d.")
    return timedelta(**{_UNITS[found["unit"]]: int(found["number"])})


def record(
    namespace: Annotated[
        list[str], typer.Option("--namespace", "-n", help="What to record; may be given several times.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to make; it must not hold anything yet.")],
    cluster: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="A live cluster: its name in kubewhy.toml, or a kubeconfig context.",
        ),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="How far back logs go: 90s, 15m, 1h, 2d.")
    ] = "1h",
    question: Annotated[str, typer.Option(help="What is wrong, in your words.")] = "",
) -> None:
    """Record objects, events, logs and metrics of namespaces, without secrets, to ask about them later."""
    names = tuple(dict.fromkeys(namespace))
    request = Request(cluster, names, read_period(since), question, out)
    run(lambda: record_incident(request))


async def record_incident(request: Request) -> None:
    """Record, show how far it is, and say what was written.

    Raises:
        UnknownCluster: there is no such cluster, or none is named and there is no default.
        InputError: a namespace or the folder is at fault.
        ClusterUnavailable: nothing can be read.
    """
    from domain.errors import UnknownCluster
    from domain.settings import load_settings
    from tools.cluster.fleet import Fleet
    from tools.recorder import record
    from tools.redaction import Redactor

    settings = await asyncio.to_thread(load_settings)
    fleet = Fleet(settings)
    name = request.cluster or fleet.default()
    if not name:
        raise UnknownCluster("No cluster is named: name a context of your kubeconfig with --cluster.")
    live = fleet.open(name)
    try:
        with _Display() as display:
            incident = await record(
                live.reader,
                request.namespaces,
                request.since,
                request.out,
                progress=display.show,
                question=request.question,
                redactor=Redactor(settings.redaction),
            )
    finally:
        await live.close()
    _tell(incident, request)


def _tell(incident: "ImportedIncident", request: Request) -> None:
    for kind, why in sorted(incident.unseen.items()):
        typer.echo(f"not seen: {kind}: {why}", err=True)
    typer.echo(
        f"{len(incident.objects)} objects, {len(incident.events)} events, {len(incident.logs)} logs"
        f" in {request.out}"
    )
    typer.echo(f'kubewhy ask --incident {request.out} "{request.question or "what is wrong?"}"')


class _Display:
    """Bars on a terminal, and in a file a line for each stage that is done; on stderr."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "_Display":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps are made."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done)
        if done == total and not self._console.is_terminal:
            self._console.print(f"{stage:<8}{done} of {total}", highlight=False)
