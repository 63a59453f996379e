"""``kubewhy ask``: progress on stderr, the report on stdout, and asking back on a terminal."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import typer
from rich.console import Console

from domain.diagnosis import Diagnosis, Outcome
from domain.settings import Settings, load_settings
from graphs.context import Context
from graphs.session import Clarification, Session
from graphs.threads import open_threads
from graphs.tracing import trace_with
from surfaces.cli.display import show_progress
from surfaces.cli.guard import ExitCode, run
from surfaces.cli.report import print_report
from tools.importers.pasted import PASTED
from tools.incidents import INCIDENTS, open_incident
from tools.traces import open_tracer

NOTHING_NAMED = "No --cluster was named: this is about the recorded incident {}, not your cluster."
STDIN = "-"
MOST_INPUT = 2 * 2**20
"""Bytes of a question that are read from stdin."""

FOUND = {Outcome.DIAGNOSED, Outcome.VERIFIED}


@dataclass(frozen=True)
class Request:
    """What was typed; ``is_new`` where it named no thread."""

    question: str
    incident: str
    thread: str
    namespace: str
    cluster: str
    as_json: bool
    reasoner: str = ""
    route: tuple[str, ...] = ()
    is_new: bool = False


def ask_until_answered(request: Request) -> None:
    """Investigate; where the graph asks back, a person at a terminal answers and it goes on.

    Raises:
        typer.Exit: always, with the exit code.
    """
    question = _read_input() if request.question == STDIN else request.question
    thread = request.thread or uuid4().hex[:6]
    request = replace(request, question=question, thread=thread, is_new=not request.thread)
    outcome = run(partial(investigate, request))
    while isinstance(outcome, Clarification):
        request = replace(request, question=_answer(outcome, request))
        outcome = run(partial(investigate, request))
    if request.as_json:
        typer.echo(outcome.model_dump_json(indent=2))
    else:
        if request.is_new and outcome.cluster != PASTED and _names_nothing(request):
            typer.echo(NOTHING_NAMED.format(load_settings().default_incident), err=True)
        print_report(outcome, request.thread)
    raise typer.Exit(ExitCode.DIAGNOSED if outcome.outcome in FOUND else ExitCode.NO_CAUSE)


def _read_input() -> str:
    """What is piped in, or typed up to the end of the input."""
    return sys.stdin.buffer.read(MOST_INPUT).decode(errors="replace")


def _names_nothing(request: Request) -> bool:
    return not (request.incident or request.cluster or load_settings().clusters)


async def investigate(request: Request) -> Diagnosis | Clarification:
    """Ask once in the request's thread."""
    settings = await asyncio.to_thread(load_settings)
    question = request.question or await asyncio.to_thread(_recorded_question, request, settings)
    context = Context(
        request.incident,
        request.namespace,
        request.cluster,
        reasoner=request.reasoner,
        route=request.route,
    )
    async with open_tracer(settings.traces) as tracer, open_threads(settings.threads) as saver:
        try:
            with trace_with(tracer):
                items = Session(context, request.thread, saver).ask(question)
                return await show_progress(items, silent=request.as_json)
        finally:
            await context.close()


def _recorded_question(request: Request, settings: Settings) -> str:
    """What the named incident was about; nothing when none was named."""
    if not request.incident:
        return ""
    return open_incident(request.incident, settings.incidents or INCIDENTS).question


def _answer(asked: Clarification, request: Request) -> str:
    """What the person at the terminal says; without one, how to answer later.

    Raises:
        typer.Exit: nobody is there to answer, or they turned away.
    """
    typer.echo(asked.question, err=True)
    for number, option in enumerate(asked.options, start=1):
        typer.echo(f"  {number}) {option}", err=True)
    if sys.stdin.isatty() and sys.stderr.isatty() and not request.as_json:
        with suppress(EOFError, KeyboardInterrupt):
            while not (answer := Console(stderr=True).input("Your answer: ").strip()):
                pass
            return answer
        typer.echo("", err=True)
    typer.echo(f'Answer with: kubewhy ask --thread {request.thread} "{asked.options[0]}"', err=True)
    raise typer.Exit(ExitCode.BAD_INPUT)
