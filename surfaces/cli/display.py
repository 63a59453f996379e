"""Progress as it happens: which node, which command, what was found. On stderr."""

from collections.abc import AsyncIterator

from rich.console import Console
from rich.text import Text

from domain.diagnosis import Diagnosis
from graphs.progress import Progress
from graphs.session import Clarification
from surfaces.text import sanitise

VERBS = {
    "understand": "understand",
    "retrieve_logs": "read logs",
    "survey": "survey",
    "select_model": "choose",
    "plan_commands": "plan",
    "run_command": "look",
    "diagnose": "diagnose",
    "judge_recovery": "compare",
    "report": "report",
}
COLUMN = max(map(len, VERBS.values())) + 2
MOST_FOUND = 3


async def show_progress(
    items: AsyncIterator[Progress | Clarification | Diagnosis], silent: bool = False
) -> Diagnosis | Clarification:
    """Print each step as it comes and hand back what the investigation ended with."""
    console = Console(stderr=True, quiet=silent)
    end: Diagnosis | Clarification | None = None
    with console.status("looking"):
        async for item in items:
            if isinstance(item, Diagnosis | Clarification):
                end = item
                continue
            for line in write_progress(item):
                _print(line, console)
    if end is None:
        raise RuntimeError("an investigation ended without an answer")
    return end


def _print(line: Text, console: Console) -> None:
    """One line a step on a terminal; all of it in a file."""
    if console.is_terminal:
        console.print(line, no_wrap=True, overflow="ellipsis", highlight=False)
    else:
        console.print(line, soft_wrap=True, highlight=False)


def write_progress(item: Progress) -> list[Text]:
    """The lines of one step: what the node says, its command, what it found."""
    head = Text(f"{VERBS.get(item['node'], item['node']):<{COLUMN}}", style="cyan")
    lines = [head + Text(sanitise(item["message"]))]
    if command := item.get("command"):
        lines = [head + Text(sanitise(command), style="bold"), _detail(item["message"])]
    found = item.get("found", [])
    lines += [_detail(text) for text in found[:MOST_FOUND]]
    if len(found) > MOST_FOUND:
        lines.append(_detail(f"and {len(found) - MOST_FOUND} more"))
    return lines


def _detail(text: str) -> Text:
    first = sanitise(text).strip().partition("\n")[0]
    return Text(" " * COLUMN + first, style="dim")
