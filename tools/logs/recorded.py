"""The logs of a recorded incident -> a log store."""

from datetime import datetime
from pathlib import Path
from typing import Any

from domain.objects import KubeObject
from tools.cluster.pods import list_containers
from tools.cluster.recorded_logs import ContainerRun
from tools.cluster.recording import Recording
from tools.cluster.times import parse_time
from tools.logs.documents import build_documents, read_fluent_bit
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import LogDocument


def open_recorded_logs(recording: Recording, folder: Path, now: datetime) -> EmbeddedLogStore:
    """A store over the container logs of a recording and the Fluent Bit records in ``folder/*.ndjson``.

    Blocking: call it off the event loop. ``now`` dates lines of which nothing tells the time.

    Raises:
        MalformedRecording: a log file cannot be used.
    """
    documents = [document for run in recording.logs.runs() for document in _read_run(recording, run, now)]
    for path in sorted(folder.glob("*.ndjson")):
        documents += read_fluent_bit(path)
    return EmbeddedLogStore.open(documents)


def _read_run(recording: Recording, run: ContainerRun, now: datetime) -> list[LogDocument]:
    pod = recording.of_kind("Pod").get((run.namespace, run.pod)) or {}
    spec: dict[str, Any] = pod.get("spec") or {}
    return build_documents(
        recording.logs.read(run) or [],
        start=_start_of(pod, run) or now,
        namespace=run.namespace,
        pod=run.pod,
        container=run.container,
        host=spec.get("nodeName") or "",
        labels=(pod.get("metadata") or {}).get("labels"),
        previous=run.previous,
    )


def _start_of(pod: KubeObject, run: ContainerRun) -> datetime | None:
    """When the run began, as the kubelet says."""
    for container in list_containers(pod):
        if container.name == run.container:
            moments = [container.running, container.ended][:: -1 if run.previous else 1]
            return next(filter(None, (parse_time(moment.get("startedAt")) for moment in moments)), None)
    return None
