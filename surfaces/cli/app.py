"""The ``kubewhy`` command. Every command imports what it needs when it runs, so that help is quick."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from surfaces.cli.about import about
from surfaces.cli.choices import ReasonerOption, RouteOption, split_route
from surfaces.cli.doctor import doctor
from surfaces.cli.eval import app as eval_app
from surfaces.cli.guard import run
from surfaces.cli.ingest import ingest
from surfaces.cli.prompt import prompt
from surfaces.cli.record import record
from surfaces.cli.slack import slack

app = typer.Typer(
    name="kubewhy",
    help="Answers why something in Kubernetes is broken.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class LevelName(StrEnum):
    """Severities by name."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"


IncidentOption = Annotated[
    str,
    typer.Option(
        "--incident",
        metavar="ID|DIR",
        help="A recorded incident, by id, or a file or folder that holds one.",
    ),
]
ClusterOption = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="A live cluster: its name in kubewhy.toml, or a kubeconfig context. Only read."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON to stdout and nothing else.")]


@app.command()
def ask(
    question: Annotated[
        str,
        typer.Argument(
            help="What is wrong, in your words, with output of kubectl below if you like; - reads it from"
            " stdin. Empty: the incident's own question."
        ),
    ] = "",
    incident: IncidentOption = "",
    thread: Annotated[
        str, typer.Option(metavar="T", help="Go on with an earlier investigation, or answer its question.")
    ] = "",
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Look into this one only.")] = "",
    cluster: ClusterOption = "",
    reasoner: ReasonerOption = None,
    route: RouteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find out what is wrong and how to fix it.

    Exit codes: 0 diagnosed (or the fix is verified), 1 no cause found, 2 bad input.
    """
    from surfaces.cli.ask import Request, ask_until_answered

    models = split_route(route)
    request = Request(question, incident, thread, namespace, cluster, as_json, reasoner or "", models)
    ask_until_answered(request)


@app.command()
def incidents(as_json: JsonOption = False) -> None:
    """List the recorded incidents."""
    from surfaces.cli.explore import list_incidents

    run(lambda: list_incidents(as_json))


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="Example: kubewhy kubectl --incident oom-cross-namespace -- get pods -A",
)
def kubectl(
    words: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="As after kubectl itself.")],
    incident: IncidentOption = "",
    cluster: ClusterOption = "",
) -> None:
    """Run a read-only kubectl command on a recorded incident, or on a live cluster."""
    from surfaces.cli.explore import run_kubectl

    run(lambda: run_kubectl(words, incident, cluster))


@app.command()
def logs(
    words: Annotated[str, typer.Argument(help="What to look for. Empty: the most telling lines.")] = "",
    incident: IncidentOption = "",
    level: Annotated[LevelName, typer.Option(help="The least severity.")] = LevelName.DEBUG,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Look into this one only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The number of lines.")] = 20,
    cluster: ClusterOption = "",
) -> None:
    """Search the logs of a recorded incident, or those that a live cluster shipped."""
    from surfaces.cli.explore import Search, search_logs

    run(lambda: search_logs(Search(words, incident, level.name, namespace, limit, cluster)))


@app.command(name="import")
def import_(
    path: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="A support bundle, must-gather, transcript.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to make; it must not exist yet.")],
) -> None:
    """Turn other people's recordings into an incident."""
    from surfaces.cli.explore import import_incident

    run(lambda: import_incident(path, out))


app.command()(about)
app.command()(prompt)
app.command()(ingest)
app.command()(record)
app.command()(slack)
app.command()(doctor)
app.add_typer(eval_app, name="eval")


def main() -> None:
    """Run the command line."""
    app(prog_name="kubewhy")


if __name__ == "__main__":
    main()
