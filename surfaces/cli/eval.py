"""``kubewhy eval``: diagnose the recorded incidents and score the answers."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surfaces.cli.guard import run

if TYPE_CHECKING:
    from rich.table import Table

    from evals.run import CaseResult, EvalResult, Tally

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
) -> None:
    """Diagnose the recorded incidents and score the answers.

    Exit codes: 0 all right, 1 some are not, 2 bad input.
    """
    result = run(lambda: evaluate(only or []))
    if json != "-":
        print_result(result)
    if json:
        run(lambda: write_json(result, json))
    raise typer.Exit(0 if result.all_right else 1)


async def evaluate(only: Sequence[str]) -> "EvalResult":
    """Run the evaluation; which incident was done shows on stderr, where that is a terminal.

    Raises:
        InputError: an incident is unknown, or cannot be read.
    """
    from rich.console import Console

    from domain.settings import load_settings
    from evals import run as evaluation
    from evals.dataset import load_cases

    cases = load_cases(only, load_settings().incidents)
    with Console(stderr=True).status(f"diagnosing {len(cases)} incidents") as status:
        return await evaluation.run(cases, on_result=lambda done: status.update(f"done: {done.id}"))


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
    """Print the incidents, then the sums by issue type, then one line."""
    from rich.console import Console

    console = Console()
    console.print(tabulate_cases(result.cases))
    console.print(tabulate_types(result))
    seconds = sum(case.seconds for case in result.cases)
    console.print(f"{result.total.right} of {result.total.cases} right, {seconds:.1f} s")


def tabulate_cases(cases: Sequence["CaseResult"]) -> "Table":
    """One row an incident: right or not, how long it took, and what was wrong with the answer."""
    from rich.text import Text

    table = _open_table("By incident", "incident")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("what is not right", overflow="fold")
    for case in cases:
        verdict = Text("right", "green") if case.right else Text("wrong", "bold red")
        complaints = [f"{score.name}: {score.reason}" for score in case.scores if not score.right]
        if not case.scores:
            complaints = [f"no answer: {case.summary}"]
        table.add_row(case.id, verdict, f"{case.seconds:.2f}", Text("\n".join(complaints)))
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


def _open_table(title: str, first: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=0, show_edge=False)
    table.add_column(first, no_wrap=True)
    return table
