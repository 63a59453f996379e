"""Options by which a person chooses who answers."""

from typing import Annotated

import typer

from domain.modes import Mode

ROUTE_HELP = "The models to try in turn, whatever kind of issue it is; alone, it means hybrid."

ReasonerOption = Annotated[
    Mode | None,
    typer.Option(
        help="Who answers: the playbook alone; models too, unless the playbook is sure (hybrid); models"
        " first. Unless given, as kubewhy.toml has it."
    ),
]
RouteOption = Annotated[str, typer.Option(metavar="MODEL,MODEL", help=ROUTE_HELP)]


def split_route(words: str) -> tuple[str, ...]:
    """``a, b`` -> both."""
    return tuple(word for part in words.split(",") if (word := part.strip()))
