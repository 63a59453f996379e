"""Looking around by hand: the recorded incidents, kubectl, the logs."""

import asyncio
import json
import shlex
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from domain.errors import ClusterUnavailable, MalformedRecording
from domain.settings import load_settings
from surfaces.text import sanitise
from tools.incidents import INCIDENTS, Incident, find_incidents, open_incident

if TYPE_CHECKING:
    from tools.cluster.reader import ClusterReader
    from tools.kubectl import Kubectl
    from tools.logs.store import LogStore

MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Search:
    """What was typed after ``kubewhy logs``."""

    words: str
    incident: str
    level: str
    namespace: str
    limit: int
    cluster: str = ""


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
    """Print what a kubectl command shows on a recorded incident, or on a live cluster.

    Raises:
        RefusedCommand: it is not one of the commands that only read.
        typer.Exit: the server would have answered with an error; the code is kubectl's.
    """
    async with open_kubectl(name, cluster) as kubectl:
        output = await kubectl.run(shlex.join(words))
    typer.echo(sanitise(output.text))
    if output.text.startswith("Error from server"):
        raise typer.Exit(1)


async def import_incident(path: Path, out: Path) -> None:
    """Write a recording of another form as an incident.

    Raises:
        MalformedRecording: it is of no known form, or ``out`` exists already.
    """
    from tools.importers.cleaning import clean_imported
    from tools.importers.incident import write_incident
    from tools.importers.registry import import_recording
    from tools.redaction import Redactor

    if await asyncio.to_thread(out.exists):
        raise MalformedRecording(f"{out} exists already: name a folder that does not.")
    redactor = Redactor(load_settings().redaction)
    imported = clean_imported(await asyncio.to_thread(import_recording, path), redactor)
    await asyncio.to_thread(write_incident, imported, out)
    typer.echo(
        f"{len(imported.objects)} objects, {len(imported.events)} events, {len(imported.logs)} logs in {out}"
    )
    typer.echo(f'kubewhy ask --incident {out} "what is wrong?"')


@asynccontextmanager
async def open_kubectl(name: str, cluster: str) -> AsyncIterator["Kubectl"]:
    """Kubectl on the live cluster or the incident of that name; with neither, on the default cluster if any.

    Raises:
        UnknownIncident: there is no such incident.
        UnknownCluster: there is no such cluster, or there are several and no default.
    """
    from tools.cluster.fleet import Fleet
    from tools.kubectl import Kubectl
    from tools.redaction import Redactor

    settings = load_settings()
    fleet, redactor = Fleet(settings), Redactor(settings.redaction)
    cluster = cluster or ("" if name else fleet.default())
    if not cluster:
        incident = await open_recording(name)
        reader = await asyncio.to_thread(incident.cluster)
        yield Kubectl(reader, max_characters=MOST_CHARACTERS, recall=incident.recall, redactor=redactor)
        return
    live = fleet.open(cluster)
    try:
        yield Kubectl(
            live.reader, max_characters=MOST_CHARACTERS, redactor=redactor, context=live.kube_context
        )
    finally:
        await live.close()


async def search_logs(search: Search) -> None:
    """Print the lines that a search finds, best first.

    Raises:
        MalformedRecording: a log file cannot be used.
    """
    from tools.cluster.snapshot import take_snapshot
    from tools.logs.store import Level, LogQuery
    from tools.redaction import RedactedCluster, Redactor

    redactor = Redactor(load_settings().redaction)
    query = LogQuery(
        text=search.words,
        namespaces=(search.namespace,) if search.namespace else (),
        min_level=Level[search.level],
        limit=search.limit,
    )
    async with open_logs_of(search) as (store, reader):
        documents = [hit.document for hit in await store.search(query)]
        with suppress(ClusterUnavailable):
            await take_snapshot(RedactedCluster(reader, redactor))  # the secrets among env values
        notes = store.notes
    for line in documents:
        where = f"{line.namespace}/{line.pod} {line.container}"
        message = redactor.redact(sanitise(line.message))
        typer.echo(f"{line.time:%Y-%m-%dT%H:%M:%SZ} {line.level.name:<7} {where}: {message}")
    for note in notes if documents else (*notes, "No line matches."):
        typer.echo(note, err=True)


@asynccontextmanager
async def open_logs_of(search: Search) -> AsyncIterator[tuple["LogStore", "ClusterReader"]]:
    """The logs that are meant, and the cluster that they are of.

    Raises:
        UnknownCluster: there is no such cluster.
        OutOfBounds: the namespace may not be read.
        UnknownIncident: there is no such incident.
        MalformedRecording: a log file cannot be used.
    """
    from tools.cluster.fleet import Fleet
    from tools.logs.live import open_logs

    settings = load_settings()
    fleet = Fleet(settings)
    cluster = search.cluster or ("" if search.incident else fleet.default())
    async with AsyncExitStack() as opened:
        if cluster:
            live = fleet.open(cluster)
            opened.push_async_callback(live.close)
            if search.namespace:
                live.bounds.check(search.namespace)
            reader = live.reader
            store = await open_logs(settings, reader, within=reader)
        else:
            incident = await open_recording(search.incident)
            reader, store = await asyncio.to_thread(incident.cluster), await incident.logs()
        opened.push_async_callback(store.close)
        yield store, reader


async def open_recording(name: str) -> Incident:
    """The incident of that id or folder, or the default one when none is named.

    Raises:
        UnknownIncident: there is none.
    """
    settings = load_settings()
    folder = settings.incidents or INCIDENTS
    return await asyncio.to_thread(open_incident, name or settings.default_incident, folder)
