"""Opening what a run looks at: a recording, what was pasted, or a live cluster."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from agents.models.desk import ModelDesk
from agents.playbook import Playbook
from domain.settings import Settings, load_settings
from graphs.instruments import Instruments
from graphs.pasting import Paste, lay_over, quote, read_paste
from tools.cluster.fleet import OpenCluster
from tools.cluster.reader import ClusterReader
from tools.importers.incident import ImportedIncident
from tools.importers.pasted import PASTED
from tools.incidents import INCIDENTS, Incident, open_imported, open_incident
from tools.kubectl import Kubectl
from tools.logs.live import open_logs
from tools.logs.store import LogStore
from tools.redaction import Redactor


async def open_recording(name: str, namespace: str, redactor: Redactor, paste: Paste | None) -> Instruments:
    """A recorded incident by id or folder, the default one if unnamed, with what was pasted laid over it.

    Raises:
        UnknownIncident: there is no such incident.
        MalformedRecording: a file of it cannot be read.
        MalformedRule: a playbook rule cannot be used.
    """
    settings = await asyncio.to_thread(load_settings)
    folder = settings.incidents or INCIDENTS
    incident = await asyncio.to_thread(open_incident, name or settings.default_incident, folder)
    instruments = await _open_incident(incident, namespace, redactor, paste)
    instruments.incident = incident.id if incident.folder == folder / incident.id else incident.address
    return instruments


async def open_paste(paste: Paste, namespace: str, redactor: Redactor) -> Instruments:
    """What was pasted, as an incident.

    Raises:
        MalformedRule: a playbook rule cannot be used.
    """
    found = await read_paste(paste, namespace, None)
    incident = await asyncio.to_thread(open_imported, found, redactor)
    instruments = await _open_incident(incident, namespace, redactor, None)
    instruments.incident, instruments.pasted = PASTED, found
    instruments.attached = tuple(quote(found))
    return instruments


async def _open_incident(
    incident: Incident, namespace: str, redactor: Redactor, paste: Paste | None
) -> Instruments:
    settings = await asyncio.to_thread(load_settings)
    recorded, logs = await asyncio.to_thread(incident.cluster), await incident.logs()
    cluster, found = await _lay_over(recorded, paste, namespace, redactor)
    instruments = await _assemble(cluster, logs, namespace, settings, redactor, incident.recall)
    instruments.bounds = await recorded.bounds()
    leftovers = await asyncio.to_thread(incident.leftovers, redactor)
    instruments.pasted, instruments.attached = found, (*leftovers, *(quote(found) if found else ()))
    instruments.closing = (logs.close,)
    return instruments


async def _lay_over(
    reader: ClusterReader, paste: Paste | None, namespace: str, redactor: Redactor
) -> tuple[ClusterReader, ImportedIncident | None]:
    """The reader, with what was pasted laid over it if anything was."""
    return await lay_over(reader, paste, namespace, redactor) if paste else (reader, None)


async def open_live(
    cluster: OpenCluster, namespace: str, redactor: Redactor, paste: Paste | None
) -> Instruments:
    """A live cluster, with what was shipped of its logs or what it still has of them.

    Raises:
        OutOfBounds: the namespace may not be read.
        MalformedRule: a playbook rule cannot be used.
    """
    if namespace:
        cluster.bounds.check(namespace)
    settings = await asyncio.to_thread(load_settings)
    reader, found = await _lay_over(cluster.reader, paste, namespace, redactor)
    logs = await open_logs(settings, reader, within=cluster.reader)
    context = cluster.kube_context
    instruments = await _assemble(reader, logs, namespace, settings, redactor, kube_context=context)
    instruments.bounds = cluster.bounds
    instruments.pasted, instruments.attached = found, tuple(quote(found)) if found else ()
    instruments.closing = (logs.close, cluster.close)
    return instruments


async def _assemble(
    cluster: ClusterReader,
    logs: LogStore,
    namespace: str,
    settings: Settings,
    redactor: Redactor,
    recall: Callable[[str], str] = lambda _: "",
    kube_context: str = "",
) -> Instruments:
    return Instruments(
        kube_context=kube_context,
        cluster=cluster,
        logs=logs,
        kubectl=Kubectl(
            cluster,
            namespace=namespace or "default",
            max_characters=settings.limits.output_characters,
            recall=recall,
            redactor=redactor,
            context=kube_context,
        ),
        redactor=redactor,
        playbook=await asyncio.to_thread(load_playbook, settings.rules),
        desk=ModelDesk(settings.models),
        settings=settings,
        namespaces=(namespace,) if namespace else (),
    )


@lru_cache(maxsize=4)
def load_playbook(folder: Path | None) -> Playbook:
    """The playbook with the rules of ``folder``, read once a process.

    Raises:
        MalformedRule: a rule file cannot be used.
    """
    return Playbook.load(folder)
