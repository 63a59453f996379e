"""What models cost an investigation, by who answers: calls, tokens, and the graph's time beside theirs.

Every recorded incident goes through the graph against the loopback Bedrock of the tests, so no account is
needed and nothing is spent: its answers are computed, its tokens counted as coarsely as Kubewhy counts (four
characters each). Run it with ``make bench``, or for some incidents:
``python benchmarks/model_tokens.py oom-cross-namespace``.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.settings import load_settings  # noqa: E402
from evals.dataset import Case, load_cases  # noqa: E402
from evals.solver import Setup, ask_graph  # noqa: E402
from tests.loopback.bedrock import serve_bedrock  # noqa: E402

GOAL = 6_000
"""Tokens of all prompts of one investigation, in the median."""

CLAUDE, V3, R1 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "deepseek.v3.2", "us.deepseek.r1-v1:0"
SETUPS = (
    Setup(reasoner="playbook"),
    Setup(),
    Setup(reasoner="hybrid", route=(CLAUDE,)),
    Setup(reasoner="hybrid", route=(V3,)),
    Setup(reasoner="hybrid", route=(R1,)),
    Setup(reasoner="model", route=(CLAUDE,)),
)


@dataclass(frozen=True)
class Cost:
    """Of one investigation; seconds without and within the models."""

    calls: int
    read: int
    written: int
    dollars: float
    graph: float
    models: float


async def measure(case: Case, setup: Setup) -> Cost:
    """Ask the case's question."""
    start = perf_counter()
    calls = (await ask_graph(case, setup)).calls
    models = sum(call.seconds for call in calls)
    return Cost(
        calls=len(calls),
        read=sum(call.read for call in calls),
        written=sum(call.written for call in calls),
        dollars=sum(call.cost or 0.0 for call in calls),
        graph=perf_counter() - start - models,
        models=models,
    )


async def measure_all(cases: Sequence[Case]) -> dict[str, list[Cost]]:
    """Every setup with every case, after one of each that does not count."""
    found = {}
    async with serve_bedrock() as bedrock:
        os.environ["KUBEWHY_MODELS__ENDPOINT_URL"] = bedrock.url
        load_settings.cache_clear()
        for setup in SETUPS:
            await measure(cases[0], setup)
            name = setup.name if setup.reasoner else "unless the playbook is sure"
            found[name] = [await measure(case, setup) for case in cases]
    return found


def tabulate(costs: dict[str, list[Cost]]) -> Table:
    """One row a setup: medians an investigation, and the most of its prompt tokens."""
    table = Table("who answers", title="Models: medians an investigation", title_justify="left")
    for heading in (
        "calls",
        "prompt tokens",
        "most",
        "answer tokens",
        "dollars",
        "graph s",
        "more s",
    ):
        table.add_column(heading, justify="right")
    alone = median(cost.graph for cost in next(iter(costs.values())))
    for name, found in costs.items():
        graph = median(cost.graph for cost in found)
        table.add_row(
            name,
            f"{median(cost.calls for cost in found):g}",
            f"{median(cost.read for cost in found):,.0f}",
            f"{max(cost.read for cost in found):,}",
            f"{median(cost.written for cost in found):,.0f}",
            f"{median(cost.dollars for cost in found):.4f}",
            f"{graph:.3f}",
            f"{graph - alone:+.3f}",
        )
    return table


def main() -> int:
    """Measure, print, and fail if prompts of a setup exceed the goal in the median."""
    parser = argparse.ArgumentParser(description="Count what models cost an investigation.")
    parser.add_argument("incidents", nargs="*", help="these alone")
    names: list[str] = parser.parse_args().incidents
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "KUBEWHY_MODELS__USAGE": f"{folder}/usage.sqlite",
            "KUBEWHY_MODELS__USE": "unsettled",
        }
        costs = asyncio.run(measure_all(load_cases(names)))
    Console(width=130).print(tabulate(costs))
    over = [name for name, found in costs.items() if median(cost.read for cost in found) >= GOAL]
    print(f"Goal: under {GOAL:,} prompt tokens in the median. Over it: {', '.join(over) or 'none'}.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
