"""Pods that no text shows, but of which events or logs tell that they were there."""

from collections.abc import Iterable, Mapping, Sequence

from tools.importers.transcript.objects import frame
from tools.importers.transcript.owners import Index
from tools.importers.transcript.section import LogText, Raw

_BEGUN = frozenset(("Started", "Unhealthy", "Killing", "ProbeWarning", "Pulled", "Created"))
"""Reasons of events about Pods whose containers have begun."""


def add_mentioned(
    objects: Index, events: Iterable[Raw], logs: Iterable[LogText], listed: set[tuple[str, str]]
) -> None:
    """Add the Pods that warnings are about, and those whose log was printed.

    Where all Pods were listed, one that is not there is gone: it is not added.
    """
    told: dict[tuple[str, str], list[Raw]] = {}
    for event in events:
        about = event.get("involvedObject") or {}
        if about.get("kind") == "Pod":
            told.setdefault((about.get("namespace") or "", about["name"]), []).append(event)
    said: dict[tuple[str, str], list[LogText]] = {}
    for log in logs:
        if log.pod:
            said.setdefault((log.namespace, log.pod), []).append(log)
    for namespace, name in dict.fromkeys((*told, *said)):
        if {("Pod", ""), ("Pod", namespace)} & listed or ("Pod", namespace, name) in objects:
            continue
        about, logged = told.get((namespace, name), []), said.get((namespace, name), [])
        if logged or any(event.get("type") == "Warning" for event in about):
            objects["Pod", namespace, name] = _guess_pod(namespace, name, about, logged)


def _guess_pod(namespace: str, name: str, events: Sequence[Raw], logs: Sequence[LogText]) -> Raw:
    """A Pod as far as events and logs tell: whether it was placed and begun, and what restarted."""
    names = list(dict.fromkeys(log.container for log in logs)) or [""]
    restarted = {log.container for log in logs if log.previous}
    begun = bool(logs) or any(map(_tells_of_start, events))
    status: Raw = {"phase": "Running" if begun else "Pending"}
    if restarted:
        status["containerStatuses"] = [
            _guess_status(container) for container in names if container in restarted
        ]
    refused = [event for event in events if event.get("reason") == "FailedScheduling"]
    if refused and not begun:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        status["conditions"] = [condition | {"message": refused[-1].get("message") or ""}]
    return frame(
        "Pod",
        name,
        namespace,
        spec={"containers": [{"name": container} for container in names]},
        status=status,
    )


def _guess_status(container: str) -> Raw:
    """Of a container whose run before has a log nothing later is known than that it ended somehow."""
    state = {"terminated": {"reason": "ContainerStatusUnknown"}}
    return {"name": container, "ready": False, "restartCount": 1, "state": state}


def _tells_of_start(event: Mapping[str, object]) -> bool:
    message = str(event.get("message") or "")
    return event.get("reason") in _BEGUN or "restarting failed container" in message
