"""The faults: what is applied in what order, how one sees that it is broken, what a right answer says."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from evals.dataset import Expectation
from tests.live.controlplane import ControlPlane
from tests.live.processes import NotReady
from tests.live.site import Site
from tools.incidents import Incident

FOLDER = Path(__file__).parent / "faults"
SETTLE_SECONDS = 100.0
"""A crash loop has had four restarts by then, and the kubelet waits long between two."""

LIMIT_SECONDS = 360.0
_POLL_SECONDS = 5.0


class Fault(BaseModel):
    """A folder of ``faults/``: ``fault.yaml``, ``before.yaml``; where it is healthy first, ``change.yaml``.

    Attributes:
        id: the folder's name.
        title: what is wrong, for people.
        question: what somebody asks who does not know.
        namespaces: those of the fault; the first is where it is asked.
        shows: a regular expression that an event or the status of an object there matches once it is broken.
        delete: arguments of `kubectl delete`, between the manifests and the change.
        silence: the node whose kubelet is stopped then.
        expected: what a right answer says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    question: str
    namespaces: tuple[str, ...]
    shows: str = ""
    delete: tuple[str, ...] = ()
    silence: str = ""
    expected: Expectation

    @property
    def changes(self) -> bool:
        """Whether it is healthy first."""
        return bool(self.delete or self.silence) or (FOLDER / self.id / "change.yaml").exists()

    def expected_answer(self) -> dict[str, Any]:
        """What a right answer says, as the file has it."""
        content = yaml.safe_load((FOLDER / self.id / "fault.yaml").read_text())
        return dict(content["expected"])

    def as_incident(self) -> Incident:
        """What a dataset calls it."""
        folder = FOLDER / self.id
        return Incident(id=self.id, folder=folder, cluster_folder=folder, title=self.title)


def load_faults(only: Sequence[str] = ()) -> list[Fault]:
    """All faults, or those named."""
    folders = [FOLDER / name for name in only] or sorted(path.parent for path in FOLDER.glob("*/fault.yaml"))
    return [
        Fault.model_validate({"id": folder.name, **yaml.safe_load((folder / "fault.yaml").read_text())})
        for folder in folders
    ]


def break_all(site: Site, faults: Sequence[Fault]) -> None:
    """Apply every fault, and wait until each shows.

    Raises:
        NotReady: one did not get healthy first, or does not show.
    """
    if not faults:
        return
    plane = site.plane
    _apply(plane, [FOLDER / fault.id / "before.yaml" for fault in faults])
    changing = [fault for fault in faults if fault.changes]
    for fault in changing:
        _wait_until_healthy(plane, fault)
    for fault in changing:
        for what in fault.delete:
            plane.kubectl("delete", "--wait=false", *what.split())
        if fault.silence:
            site.nodes[fault.silence].silence()
    changes = [FOLDER / fault.id / "change.yaml" for fault in changing]
    _apply(plane, [path for path in changes if path.exists()])
    _wait_until_broken(plane, faults)


def remove_all(plane: ControlPlane, faults: Sequence[Fault]) -> None:
    """Delete what the faults made, without waiting for the end of it."""
    files = [f"--filename={FOLDER / fault.id / 'before.yaml'}" for fault in faults]
    plane.kubectl("delete", "--ignore-not-found", "--wait=false", *files)


def _apply(plane: ControlPlane, paths: Sequence[Path]) -> None:
    if paths:
        plane.kubectl("apply", *(f"--filename={path}" for path in paths))


def _wait_until_healthy(plane: ControlPlane, fault: Fault) -> None:
    for namespace in fault.namespaces:
        plane.kubectl(
            "wait", "--for=condition=Available", "deployment", "--all", "-n", namespace, "--timeout=180s"
        )


def _wait_until_broken(plane: ControlPlane, faults: Sequence[Fault]) -> None:
    begin = time.monotonic()
    while True:
        texts = _read_states(plane)
        hidden = [
            fault.id
            for fault in faults
            if fault.shows and not any(re.search(fault.shows, texts[name]) for name in fault.namespaces)
        ]
        passed = time.monotonic() - begin
        if passed > SETTLE_SECONDS and not hidden:
            return
        if passed > LIMIT_SECONDS:
            raise NotReady(f"After {passed:.0f}s these faults do not show: {', '.join(hidden)}")
        time.sleep(_POLL_SECONDS)


def _read_states(plane: ControlPlane) -> dict[str, str]:
    """Events and the status of Pods, Jobs and autoscalers, a line each, by namespace."""
    listed = json.loads(plane.kubectl("get", "events,pods,jobs,hpa", "-A", "-o", "json"))
    texts: dict[str, str] = defaultdict(str)
    for item in listed["items"]:
        said = f"{item.get('reason', '')} {item.get('message', '')} {json.dumps(item.get('status', ''))}\n"
        texts[item["metadata"]["namespace"]] += said
    return texts
