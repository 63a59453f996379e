"""The table of Pods. STATUS is worked out as ``printPod`` of Kubernetes v1.34 does.

See https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/printers/internalversion/printers.go
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.objects import KubeObject
from tools.cluster.pods import read_condition
from tools.cluster.times import BEGINNING, parse_time
from tools.kubectl.tables.columns import Cells, Printer, age_of, entries, mapping, name_of, part
from tools.kubectl.text import NONE, tell_age


@dataclass
class _Tally:
    """What is added up over the containers of a Pod."""

    reason: str
    ready: int = 0
    restarts: int = 0
    last_restart: datetime = BEGINNING

    def count_restarts(self, status: dict[str, Any]) -> None:
        """Add a container's restarts, and remember when the last one was."""
        self.restarts += int(status.get("restartCount") or 0)
        ended = parse_time(part(status, "lastState", "terminated", "finishedAt"))
        self.last_restart = max(self.last_restart, ended or BEGINNING)


def _fill_pod(pod: KubeObject, now: datetime) -> Cells:
    tally = _tally(pod)
    restarts = str(tally.restarts)
    if tally.restarts and tally.last_restart > BEGINNING:
        restarts += f" ({tell_age(tally.last_restart, now)} ago)"
    spec, status = mapping(pod, "spec"), mapping(pod, "status")
    sidecars = [c for c in entries(spec, "initContainers") if _is_sidecar(c)]
    return (
        name_of(pod),
        f"{tally.ready}/{len(entries(spec, 'containers')) + len(sidecars)}",
        tally.reason,
        restarts,
        age_of(pod, now),
        part(status, "podIPs", 0, "ip") or status.get("podIP") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _count_gates(pod),
    )


def _tally(pod: KubeObject) -> _Tally:
    status = mapping(pod, "status")
    tally = _Tally(status.get("reason") or status.get("phase") or "")
    if read_condition(pod, "PodScheduled").get("reason") == "SchedulingGated":
        tally.reason = "SchedulingGated"
    sidecars = _Tally("")
    initialized = _count_init(pod, tally, sidecars)
    if initialized or read_condition(pod, "Initialized").get("status") == "True":
        tally.restarts, tally.last_restart = sidecars.restarts, sidecars.last_restart
        _count_containers(pod, tally)
    if part(pod, "metadata", "deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            tally.reason = "Unknown"
        elif status.get("phase") not in ("Succeeded", "Failed"):
            tally.reason = "Terminating"
    return tally


def _count_init(pod: KubeObject, tally: _Tally, sidecars: _Tally) -> bool:
    """Go through the init containers up to the first that is not done; whether all are done."""
    specs = entries(pod, "spec", "initContainers")
    restartable = {c.get("name") for c in specs if _is_sidecar(c)}
    for index, status in enumerate(entries(pod, "status", "initContainerStatuses")):
        tally.count_restarts(status)
        is_sidecar = status.get("name") in restartable
        if is_sidecar:
            sidecars.count_restarts(status)
        terminated = part(status, "state", "terminated")
        if terminated and not terminated.get("exitCode"):
            continue
        if is_sidecar and status.get("started"):
            tally.ready += bool(status.get("ready"))
            continue
        waiting = part(status, "state", "waiting", "reason")
        if terminated:
            tally.reason = f"Init:{_tell_end(terminated)}"
        elif waiting and waiting != "PodInitializing":
            tally.reason = f"Init:{waiting}"
        else:
            tally.reason = f"Init:{index}/{len(specs)}"
        return False
    return True


def _count_containers(pod: KubeObject, tally: _Tally) -> None:
    """The first container with something to tell gives the reason."""
    has_running = False
    for status in reversed(entries(pod, "status", "containerStatuses")):
        tally.count_restarts(status)
        waiting = part(status, "state", "waiting", "reason")
        terminated = part(status, "state", "terminated")
        if waiting:
            tally.reason = waiting
        elif terminated:
            tally.reason = _tell_end(terminated)
        elif status.get("ready") and part(status, "state", "running") is not None:
            has_running = True
            tally.ready += 1
    if tally.reason == "Completed" and has_running:
        is_ready = read_condition(pod, "Ready").get("status") == "True"
        tally.reason = "Running" if is_ready else "NotReady"


def _tell_end(terminated: dict[str, Any]) -> str:
    if reason := terminated.get("reason"):
        return str(reason)
    if signal := terminated.get("signal"):
        return f"Signal:{signal}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _is_sidecar(container: dict[str, Any]) -> bool:
    return container.get("restartPolicy") == "Always"


def _count_gates(pod: KubeObject) -> str:
    gates = entries(pod, "spec", "readinessGates")
    passed = [read_condition(pod, gate.get("conditionType", "")).get("status") == "True" for gate in gates]
    return f"{sum(passed)}/{len(gates)}" if gates else NONE


PODS = {
    "Pod": Printer.of("NAME|READY|STATUS|RESTARTS|AGE|+IP|+NODE|+NOMINATED NODE|+READINESS GATES", _fill_pod),
}
