"""Records namespaces of a cluster as an incident."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from domain.errors import ClusterUnavailable, UnknownObject
from domain.objects import ObjectRef
from tools.cluster.reader import ClusterReader
from tools.importers.cleaning import clean_imported
from tools.importers.incident import ImportedIncident, check_is_new, write_incident
from tools.recorder.logs import ReadLogs, RecordLimits, print_log, read_logs
from tools.recorder.objects import ReadObjects, read_objects
from tools.recorder.progress import Progress, Stage
from tools.redaction import Redactor

LIMITS = RecordLimits()


async def record(
    reader: ClusterReader,
    namespaces: Sequence[str],
    since: timedelta,
    folder: Path,
    *,
    progress: Progress,
    question: str = "",
    limits: RecordLimits = LIMITS,
    redactor: Redactor | None = None,
) -> ImportedIncident:
    """Record what is in namespaces now, without secrets, into a new folder.

    Args:
        reader: the cluster.
        namespaces: at least one.
        since: how far back logs go; their last lines are kept in any case.
        folder: where ``incident.yaml``, ``cluster/`` and ``logs/`` are written; new or empty.
        progress: is told of every step.
        question: what is wrong, in words.
        limits: how much is kept of logs.
        redactor: takes the secrets out; by default a new one.

    Returns:
        What was written; it says what could not be read.

    Raises:
        MalformedRecording: the folder is not empty, or cannot be written.
        UnknownObject: a namespace does not exist.
        OutOfBounds: a namespace may not be read.
        ClusterUnavailable: nothing can be read.
    """
    await asyncio.to_thread(check_is_new, folder)
    await _check_namespaces(reader, namespaces)
    start = await reader.now()
    objects = await read_objects(reader, namespaces, progress)
    logs = await read_logs(reader, objects.of_kind("Pod"), start - since, limits, progress)
    incident = await _gather(reader, namespaces, objects, logs)
    incident.question = question
    write = partial(_write, incident, redactor or Redactor(), folder)
    return await Stage(progress, "writing", 1).step(asyncio.to_thread(write))


async def _check_namespaces(reader: ClusterReader, namespaces: Sequence[str]) -> None:
    try:
        known = {ObjectRef.of(item).name for item in await reader.list("Namespace")}
    except ClusterUnavailable:
        return
    for namespace in namespaces:
        if known and namespace not in known:
            raise UnknownObject(
                f"There is no namespace {namespace!r} in this cluster: it has {', '.join(sorted(known))}."
            )


async def _gather(
    reader: ClusterReader, namespaces: Sequence[str], objects: ReadObjects, logs: ReadLogs
) -> ImportedIncident:
    return ImportedIncident(
        reader.name,
        objects=objects.objects,
        events=objects.events,
        logs={run: print_log(lines) for run, lines in logs.runs.items()},
        log_errors=logs.errors,
        listed=objects.listed,
        unseen=objects.unseen,
        namespaces=tuple(namespaces),
        only=tuple(namespaces),
        recorded_at=await reader.now(),
        version=await _read_version(reader),
        title=f"Recorded from cluster {reader.name}",
        cluster=reader.name,
        provenance="recorded",
    )


async def _read_version(reader: ClusterReader) -> str:
    try:
        return await reader.version()
    except ClusterUnavailable:
        return ""


def _write(incident: ImportedIncident, redactor: Redactor, folder: Path) -> ImportedIncident:
    """Take the secrets out, and write. Blocking."""
    incident.name = folder.absolute().name
    cleaned = clean_imported(incident, redactor)
    write_incident(cleaned, folder)
    return cleaned
