"""What the command line imports: seconds and the heaviest modules, by command.

``kubewhy --help`` and ``kubewhy incidents`` have to be quick; ``kubewhy ask`` may load the graph. Each
command runs in a process of its own under ``python -X importtime``.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.table import Table

COMMANDS = (("--help",), ("incidents",), ("ask", "--help"), ("ask", "--incident", "missing-configmap-chain"))
RUNS = 5
TOP = 10
HEAVY = ("langgraph", "langchain_core", "boto3", "botocore")
"""What the first two commands must not import."""

_LINE = re.compile(r"import time:\s+(?P<own>\d+) \|\s+(?P<total>\d+) \| (?P<indent>\s*)(?P<module>\S+)")


@dataclass(frozen=True)
class Import:
    """A module that was imported; microseconds without and with what it imported itself."""

    module: str
    own: int
    total: int


def run(words: tuple[str, ...], *options: str) -> tuple[float, str]:
    """Run ``kubewhy``: seconds from start to end, and its stderr."""
    command = [sys.executable, *options, "-m", "surfaces.cli.app", *words]
    with TemporaryDirectory() as folder:
        environment = os.environ | {"KUBEWHY_THREADS": f"{folder}/threads.sqlite"}
        start = perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return perf_counter() - start, done.stderr


def list_imports(words: tuple[str, ...]) -> list[Import]:
    """Every import of one run of ``kubewhy``."""
    found = (_LINE.match(line) for line in run(words, "-X", "importtime")[1].splitlines())
    return [Import(m["module"], int(m["own"]), int(m["total"])) for m in found if m]


def sum_by_package(imports: list[Import]) -> dict[str, int]:
    """Microseconds spent in the modules of each top-level package itself, most first."""
    sums: dict[str, int] = {}
    for item in imports:
        package = item.module.partition(".")[0]
        sums[package] = sums.get(package, 0) + item.own
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def tabulate(by_command: dict[str, list[Import]], seconds: dict[str, float]) -> Table:
    """The heaviest packages of each command, side by side."""
    table = Table(title="Imports: milliseconds by package, heaviest first", title_justify="left")
    for command in by_command:
        table.add_column(command)
    heaviest = [list(sum_by_package(imports).items())[:TOP] for imports in by_command.values()]
    for rank in range(TOP):
        table.add_row(*(f"{sums[rank][1] / 1000:5.1f} {sums[rank][0]}" for sums in heaviest))
    table.add_section()
    table.add_row(*(f"{len(imports)} modules" for imports in by_command.values()))
    table.add_row(
        *(f"{sum(i.own for i in imports) / 1000:.0f} ms of importing" for imports in by_command.values())
    )
    table.add_row(*(f"{seconds[command]:.2f} s in all, median of {RUNS}" for command in by_command))
    return table


def main() -> int:
    """Measure, print, and fail if a command that has to be quick imports something heavy."""
    by_command = {" ".join(words): list_imports(words) for words in COMMANDS}
    seconds = {" ".join(words): median(run(words)[0] for _ in range(RUNS)) for words in COMMANDS}
    Console(width=130).print(tabulate(by_command, seconds))
    quick = [" ".join(words) for words in COMMANDS[:2]]
    heavy = {i.module.partition(".")[0] for command in quick for i in by_command[command]} & set(HEAVY)
    print(f"Heavy modules in {' and '.join(map(repr, quick))}: {', '.join(sorted(heavy)) or 'none'}.")
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main())
