"""``kubewhy ingest``: the pipeline as a plain process, for clusters without AWS."""

import asyncio
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surfaces.cli.guard import run

if TYPE_CHECKING:
    from domain.settings import Settings
    from pipeline.intake import Intake

NO_SOURCE = "Name at least one source: --stdin, --file, --forward or --http."


@dataclass(frozen=True)
class Sources:
    """What was typed: where records come from."""

    stdin: bool
    files: tuple[Path, ...]
    forward: int | None
    http: int | None
    host: str

    @property
    def ports(self) -> bool:
        """Whether it listens, and so runs until it is told to stop."""
        return self.forward is not None or self.http is not None


def ingest(
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Records or lines from a pipe, until it ends.")
    ] = False,
    file: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Records or lines in a file; may be repeated.")
    ] = None,
    forward: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, metavar="PORT", help="Listen for Fluent Bit's forward output."),
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, metavar="PORT", help="Listen for Fluent Bit's http output."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is all.")] = "127.0.0.1",
) -> None:
    """Write logs into OpenSearch: cleaned, redacted, joined, with the vectors of their templates.

    A listener runs until SIGTERM or Ctrl-C. It answers a sender when its records are written.
    """
    sources = Sources(stdin, tuple(file or ()), forward, http, host)
    if not (stdin or sources.files or sources.ports):
        raise typer.BadParameter(NO_SOURCE)
    run(lambda: _ingest(sources))


async def _ingest(sources: Sources) -> None:
    from domain.settings import load_settings
    from pipeline.assemble import open_pipeline
    from pipeline.intake import Intake

    settings = await asyncio.to_thread(load_settings)
    async with open_pipeline(settings) as pipeline:
        intake = Intake(pipeline, settings.ingest)
        try:
            await _take_all(sources, intake, settings)
        finally:
            typer.echo(summarise(intake.counts), err=True)


async def _take_all(sources: Sources, intake: "Intake", settings: "Settings") -> None:
    from pipeline.sources.lines import ingest_file, ingest_lines

    async with AsyncExitStack() as stack:
        await _listen(sources, intake, settings, stack)
        for path in sources.files:
            await ingest_file(path, intake)
        if sources.stdin:
            with open(sys.stdin.fileno(), "rb", closefd=False) as stdin:  # noqa: ASYNC230 (opens no file)
                await ingest_lines(stdin, intake, "stdin")
        if sources.ports:
            await _wait_for_the_end()


async def _listen(sources: Sources, intake: "Intake", settings: "Settings", stack: AsyncExitStack) -> None:
    from pipeline.sources.forward import listen_forward
    from pipeline.sources.http import listen_http

    most = settings.ingest.request_bytes
    for name, listen, wanted in (
        ("forward", listen_forward, sources.forward),
        ("http", listen_http, sources.http),
    ):
        if wanted is not None:
            port = await stack.enter_async_context(listen(sources.host, wanted, intake, most))
            typer.echo(f"Listening for Fluent Bit's {name} output on {sources.host}:{port}.", err=True)


async def _wait_for_the_end() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()


def summarise(counts: Counter[str]) -> str:
    """One sentence about what became of the records."""
    told = {
        "records": counts["Records"],
        "lines written": counts["DocumentsWritten"],
        "were there already": counts["DocumentsExisted"],
        "put aside": counts["DeadLetters"],
    }
    return ", ".join(f"{count} {name}" for name, count in told.items()) + "."
