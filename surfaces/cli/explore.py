"""Looking around by hand: the recorded incidents, kubectl, the logs."""

import asyncio
import json
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from domain.settings import load_settings
from surfaces.cli.text import sanitise
from tools.incidents import INCIDENTS, Incident, find_incidents, open_incident

if TYPE_CHECKING:
    from tools.cluster.reader import ClusterReader

MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Search:
    """What was typed after ``kubewhy logs``."""

    words: str
    incident: str
    level: str
    namespace: str
    limit: int


async def list_incidents(as_json: bool) -> None:
    """Print every recorded incident with its question."""
    settings = load_settings()
    found = await asyncio.to_thread(find_incidents, settings.incidents or INCIDENTS)
    if as_json:
        typer.echo(json.dumps([_summarise(incident) for incident in found], indent=2))
        return
    width = max((len(incident.id) for incident in found), default=0)
    for incident in found:
        typer.echo(f"{incident.id:<{width}}  {incident.provenance:<8}  {sanitise(incident.question)}")


def _summarise(incident: Incident) -> dict[str, str]:
    fields = {"id", "title", "question", "provenance", "kubernetes"}
    return {key: str(value) for key, value in incident.model_dump(include=fields).items()}


async def run_kubectl(words: list[str], name: str, cluster: str) -> None:
    """Print what a kubectl command shows on a recorded incident, or on a live cluster if one is named.

    Raises:
        RefusedCommand: it is not one of the commands that only read.
        typer.Exit: the server would have answered with an error; the code is kubectl's.
    """
    async with open_reader(name, cluster) as reader:
        from tools.kubectl import Kubectl

        output = await Kubectl(reader, max_characters=MOST_CHARACTERS).run(shlex.join(words))
    typer.echo(sanitise(output.text))
    if output.text.startswith("Error from server"):
        raise typer.Exit(1)


@asynccontextmanager
async def open_reader(name: str, cluster: str) -> AsyncIterator["ClusterReader"]:
    """The live cluster of that kubeconfig context, or the recorded one.

    Raises:
        UnknownIncident: there is no such incident.
    """
    if not cluster:
        incident = await open_recording(name)
        yield await asyncio.to_thread(incident.cluster)
        return
    from tools.cluster.live.cluster import LiveCluster
    from tools.cluster.live.login import KubeconfigLogin

    async with LiveCluster(cluster, KubeconfigLogin(load_settings().kubeconfig_paths(), cluster)) as reader:
        yield reader


async def search_logs(search: Search) -> None:
    """Print the lines that a search finds, best first.

    Raises:
        MalformedRecording: a log file cannot be used.
    """
    from tools.logs.store import Level, LogQuery

    incident = await open_recording(search.incident)
    store = await incident.logs()
    try:
        query = LogQuery(
            text=search.words,
            namespaces=(search.namespace,) if search.namespace else (),
            min_level=Level[search.level],
            limit=search.limit,
        )
        documents = [hit.document for hit in await store.search(query)]
    finally:
        await store.close()
    for line in documents:
        where = f"{line.namespace}/{line.pod} {line.container}"
        typer.echo(f"{line.time:%Y-%m-%dT%H:%M:%SZ} {line.level.name:<7} {where}: {sanitise(line.message)}")
    if not documents:
        typer.echo("No line matches.", err=True)


async def open_recording(name: str) -> Incident:
    """The incident of that id or folder, or the default one when none is named.

    Raises:
        UnknownIncident: there is none.
    """
    settings = load_settings()
    folder = settings.incidents or INCIDENTS
    return await asyncio.to_thread(open_incident, name or settings.default_incident, folder)
