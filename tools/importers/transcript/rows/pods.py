"""A row of ``kubectl get pods``: one word for what the containers do, turned back into their states."""

import re

from tools.importers.transcript.ages import Ago, parse_age
from tools.importers.transcript.columns import Cells
from tools.importers.transcript.objects import prune, read_text
from tools.importers.transcript.section import Raw

_READY = re.compile(r"(\d{1,2})/(\d{1,2})")
_RESTARTS = re.compile(r"(\d{1,9})(?: \((\S+) ago\))?")
_INIT_COUNT = re.compile(r"Init:(\d{1,2})/(\d{1,2})")
_CODE = re.compile(r"(ExitCode|Signal):(\d{1,9})")

MAX_CONTAINERS = 10
"""Containers of one Pod that a row is believed to have."""

_PHASES = {
    "Running": "Running",
    "Pending": "Pending",
    "Succeeded": "Succeeded",
    "Failed": "Failed",
    "Unknown": "Unknown",
}
_ENDED = frozenset(
    ("Error", "OOMKilled", "Completed", "ContainerCannotRun", "StartError", "ContainerStatusUnknown")
)
_FAILED = frozenset(
    (
        "Evicted",
        "DeadlineExceeded",
        "NodeLost",
        "NodeAffinity",
        "OutOfcpu",
        "OutOfmemory",
        "OutOfpods",
        "UnexpectedAdmissionError",
        "Preempting",
        "Shutdown",
        "Terminated",
        "NodeShutdown",
        "Preempted",
    )
)
"""``status.reason`` of Pods that are over, in the place of a state."""
_LIVING = frozenset(
    ("CrashLoopBackOff", "RunContainerError", "Error", "OOMKilled", "PostStartHookError", "NotReady")
)
"""Words that a Pod has whose containers have begun: its phase is Running."""


def read_pod(cells: Cells) -> Raw:
    """Spec and status of a Pod as far as its row tells them.

    Containers have no name yet (``""``): that has to come from elsewhere. Where several fare differently,
    the row tells the worst; it is put to the first of those that are not ready.
    """
    word = cells.get("STATUS", "").strip()
    ready = _READY.fullmatch(cells.get("READY", ""))
    restarts, ago = _read_restarts(cells.get("RESTARTS", ""))
    begun = ago or parse_age(cells.get("AGE", ""))
    counts = (int(ready[1]), min(int(ready[2]), MAX_CONTAINERS)) if ready else (0, 0)
    status: Raw = {"phase": _phase(word, counts), "podIP": read_text(cells.get("IP", ""))}
    spec: Raw = {
        "nodeName": read_text(cells.get("NODE", "")),
        "containers": [{"name": ""} for _ in range(counts[1])],
    }
    if word.startswith("Init:"):
        spec["initContainers"], status["initContainerStatuses"] = _read_init(word, restarts, begun)
        restarts, begun = 0, None
    status["containerStatuses"] = _read_statuses(word, counts, restarts, begun)
    if word in _FAILED:
        status["reason"] = word
    if spec["nodeName"]:
        status["conditions"] = _read_conditions(counts, word)
    elif word == "SchedulingGated":
        status["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": word}]
    item = {"spec": prune(spec), "status": prune(status)}
    if word == "Terminating":
        item["metadata"] = {"deletionTimestamp": parse_age("0s")}
    return item


def _read_restarts(text: str) -> tuple[int, Ago | None]:
    found = _RESTARTS.fullmatch(text.strip())
    return (int(found[1]), parse_age(found[2] or "")) if found else (0, None)


def _phase(word: str, counts: tuple[int, int]) -> str:
    if word in _PHASES:
        return _PHASES[word]
    if word == "Completed":
        return "Succeeded"
    if word in _FAILED:
        return "Failed"
    if word == "Terminating":
        return "Running"
    return "Running" if word in _LIVING or counts[0] else "Pending"


def _read_conditions(counts: tuple[int, int], word: str) -> list[Raw]:
    ready = "True" if counts[0] == counts[1] and word == "Running" else "False"
    return [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": ready}]


def _read_statuses(word: str, counts: tuple[int, int], restarts: int, begun: Ago | None) -> list[Raw]:
    """One status a container: the ready ones first, then the one that the word tells of."""
    ready, total = counts
    statuses = []
    for place in range(total):
        telling = place == min(ready, total - 1)
        state = _read_state("Running" if place < ready else word, begun)
        status = {
            "name": "",
            "ready": place < ready,
            "restartCount": restarts if telling else 0,
            "state": state,
        }
        if telling and restarts and begun:
            status["lastState"] = {"terminated": {"finishedAt": begun}}
        statuses.append(status)
    return statuses


def _read_state(word: str, begun: Ago | None) -> Raw:
    if word in ("Running", "NotReady", "Terminating"):
        return {"running": prune({"startedAt": begun})}
    if found := _CODE.fullmatch(word):
        return {"terminated": {"exitCode" if found[1] == "ExitCode" else "signal": int(found[2])}}
    if word in _ENDED:
        return {"terminated": {"reason": word} | ({"exitCode": 0} if word == "Completed" else {})}
    if word in _PHASES or word in _FAILED or not word:
        return {}
    return {"waiting": {"reason": "PodInitializing" if word.startswith("Init:") else word}}


def _read_init(word: str, restarts: int, begun: Ago | None) -> tuple[list[Raw], list[Raw]]:
    """(specs, statuses) of init containers: ``Init:1/2`` counts them, ``Init:Error`` tells of one."""
    found = _INIT_COUNT.fullmatch(word)
    done, total = (int(found[1]), int(found[2])) if found else (0, 1)
    statuses: list[Raw] = []
    for place in range(total):
        if place < done:
            state: Raw = {"terminated": {"reason": "Completed", "exitCode": 0}}
        else:
            state = _read_state("Running" if found else word.removeprefix("Init:"), begun)
        status = {
            "name": "",
            "ready": place < done,
            "restartCount": restarts if place == done else 0,
            "state": state,
        }
        if place == done and restarts and begun:
            status["lastState"] = {"terminated": {"finishedAt": begun}}
        statuses.append(status)
    return [{"name": ""} for _ in range(total)], statuses
