"""``kubewhy eval``: diagnose the recorded incidents and score the answers."""

import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.modes import Mode
from surfaces.cli.choices import ROUTE_HELP, split_route
from surfaces.cli.guard import run

if TYPE_CHECKING:
    from rich.table import Table

    from evals.run import CaseResult, EvalResult, Tally
    from evals.solver import Setup

app = typer.Typer(help="Score the answers to the recorded incidents.", no_args_is_help=True)


@app.callback()
def choose() -> None:
    """Score the answers to the recorded incidents."""


@app.command("run")
def run_evaluation(
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="This incident alone; may be given several times.")
    ] = None,
    json: Annotated[
        str, typer.Option(metavar="FILE|-", help="Write the result as JSON: into a file, or to stdout alone.")
    ] = "",
    reasoner: Annotated[
        list[Mode] | None,
        typer.Option(help="Who answers; several, each in turn, are compared. As for `kubewhy ask`."),
    ] = None,
    route: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL,MODEL", help=f"{ROUTE_HELP} Several are compared."),
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="With this domain pack, or none; several are compared."),
    ] = None,
) -> None:
    """Diagnose the recorded incidents and score the answers.

    Exit codes: 0 all right, 1 some are not, 2 bad input.
    """
    setups = list_setups(reasoner or [], [split_route(words) for words in route or []], domain or [])
    result = run(lambda: evaluate(only or [], setups))
    if json != "-":
        print_result(result)
    if json:
        run(lambda: write_json(result, json))
    raise typer.Exit(0 if result.all_right else 1)


def list_setups(
    reasoners: Sequence[str], routes: Sequence[tuple[str, ...]], domains: Sequence[str]
) -> "list[Setup]":
    """Every reasoner with every route and domain pack; the playbook, which takes none, once."""
    from evals.solver import Setup

    found: dict[Setup, None] = {}
    for reasoner, route, domain in product(reasoners or ("",), routes or ((),), domains or ("",)):
        setup = Setup(reasoner=reasoner or (Mode.HYBRID if route else ""), route=route, domain=domain)
        found[Setup(reasoner=reasoner) if reasoner == Mode.PLAYBOOK else setup] = None
    return list(found)


async def evaluate(only: Sequence[str], setups: "Sequence[Setup]") -> "EvalResult":
    """Run the evaluation; which incident was done shows on stderr, where that is a terminal.

    Raises:
        InputError: an incident is unknown, or cannot be read; a setup cannot be used.
    """
    from rich.console import Console

    from domain.settings import load_settings
    from evals import run as evaluation
    from evals.dataset import load_cases

    cases = load_cases(only, load_settings().incidents)
    with Console(stderr=True).status(f"diagnosing {len(cases)} incidents") as status:
        return await evaluation.run(
            cases, on_result=lambda done: status.update(f"done: {done.id}"), setups=setups
        )


async def write_json(result: "EvalResult", target: str) -> None:
    """Write the result to a file, or to stdout for ``-``.

    Raises:
        InputError: the file cannot be written.
    """
    from domain.errors import InputError

    text = result.model_dump_json(indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")  # noqa: ASYNC240 (nothing else runs by now)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}.") from error


def print_result(result: "EvalResult") -> None:
    """Print the incidents, then the sums by issue type (and by who answered), then one line."""
    from rich.console import Console

    console = Console()
    console.print(tabulate_cases(result.cases))
    console.print(tabulate_setups(result) if len(result.by_setup) > 1 else tabulate_types(result))
    seconds = sum(case.seconds for case in result.cases)
    total = result.total
    spent = f", {total.tokens:,} tokens, {_tell_cost(total)}" if total.tokens else ""
    console.print(f"{total.right} of {total.cases} right, {seconds:.1f} s{spent}")


def tabulate_cases(cases: Sequence["CaseResult"]) -> "Table":
    """One row an incident: right or not, how long it took, and what was wrong with the answer."""
    from rich.text import Text

    table = _open_table("By incident", "incident")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("what is not right", overflow="fold")
    several = len({case.setup for case in cases}) > 1
    if several:
        table.add_column("answered by", overflow="fold")
    for case in cases:
        verdict = Text("right", "green") if case.right else Text("wrong", "bold red")
        complaints = [f"{score.name}: {score.reason}" for score in case.scores if not score.right]
        if not case.scores:
            complaints = [f"no answer: {case.summary}"]
        cells = (case.id, verdict, f"{case.seconds:.2f}", Text("\n".join(complaints)))
        table.add_row(*cells, *([case.setup] if several else []))
    return table


def tabulate_types(result: "EvalResult") -> "Table":
    """One row an expected issue type, and their sum: how many answers each score found right."""
    scores = list(result.total.by_score)
    table = _open_table("By issue type", "")
    for heading in ("cases", "right", *scores):
        table.add_column(heading, justify="right")

    def add(name: str, tally: "Tally") -> None:
        counts = (tally.cases, tally.right, *(tally.by_score.get(score, 0) for score in scores))
        table.add_row(name, *map(str, counts))

    for name, tally in result.by_issue_type.items():
        add(name, tally)
    table.add_section()
    add("all", result.total)
    return table


def tabulate_setups(result: "EvalResult") -> "Table":
    """One row an expected issue type, one column a setup: right of cases; then what its models took."""
    setups = result.by_setup
    table = _open_table("By issue type and who answered: right of cases", "")
    for name in setups:
        table.add_column(name, justify="right", overflow="fold")
    for kind in [*result.by_issue_type, "all"]:
        if kind == "all":
            table.add_section()
        tallies = [setups[name][kind] for name in setups]
        table.add_row(kind, *(f"{tally.right} of {tally.cases}" for tally in tallies))
    sums = [setups[name]["all"] for name in setups]
    table.add_row("tokens", *(f"{tally.tokens:,}" for tally in sums))
    table.add_row("cost", *map(_tell_cost, sums))
    return table


def _tell_cost(tally: "Tally") -> str:
    return "price not known" if tally.cost is None else f"${tally.cost:.4f}"


def _open_table(title: str, first: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=0, show_edge=False)
    table.add_column(first, no_wrap=True)
    return table
