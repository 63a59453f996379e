"""How long the graph takes for an incident, with everything imported and the playbook loaded.

Opening a recording (reading its files, indexing its logs) is timed apart from the graph: a live cluster is
not opened. Run it with ``make bench``, or with the number of runs: ``python benchmarks/graph_speed.py 10``.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

from evals.dataset import Case, load_cases
from graphs.context import Context
from graphs.session import Session

GOAL = 0.5


@dataclass(frozen=True)
class Timing:
    """Seconds of one run."""

    opening: float
    graph: float


async def measure(case: Case) -> Timing:
    """Open a recording anew and ask its question."""
    start = perf_counter()
    context = Context(incident=str(case.incident.folder))
    try:
        await context.open()
        opened = perf_counter()
        async for _ in Session(context).ask(case.incident.question):
            pass
        return Timing(opened - start, perf_counter() - opened)
    finally:
        await context.close()


async def measure_all(cases: Sequence[Case], runs: int) -> dict[str, list[Timing]]:
    """Every incident ``runs`` times, one after the other, after one that does not count."""
    await measure(cases[0])
    return {case.id: [await measure(case) for _ in range(runs)] for case in cases}


def tabulate(timings: dict[str, list[Timing]]) -> Table:
    """One row an incident, slowest median first, and one for all."""
    table = Table("incident", title="The graph: seconds an incident", title_justify="left")
    for heading in ("opening, median", "graph, min", "median", "max"):
        table.add_column(heading, justify="right")

    def add(name: str, runs: Sequence[Timing]) -> None:
        graph = [run.graph for run in runs]
        numbers = (median(run.opening for run in runs), min(graph), median(graph), max(graph))
        table.add_row(name, *(f"{number:.3f}" for number in numbers))

    for name in sorted(timings, key=lambda name: -median(run.graph for run in timings[name])):
        add(name, timings[name])
    table.add_section()
    add("all", [run for runs in timings.values() for run in runs])
    return table


def main() -> int:
    """Measure, print, and fail if an incident took longer than the goal in every run."""
    parser = argparse.ArgumentParser(description="Time the graph on every recorded incident.")
    parser.add_argument("runs", nargs="?", type=int, default=5, help="how often each incident is asked")
    runs: int = parser.parse_args().runs
    timings = asyncio.run(measure_all(load_cases(), runs))
    Console(width=100).print(tabulate(timings))
    slow = [name for name, found in timings.items() if min(run.graph for run in found) >= GOAL]
    print(f"Goal: under {GOAL} s an incident. Over it: {', '.join(slow) or 'none'}.")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
