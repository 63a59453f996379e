"""What the playbook looks at: a snapshot, the log lines seen so far, and matches in the making."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.evidence import Evidence, IssueType, PlannedCommand, Source
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope
from tools.cluster.events import Event
from tools.cluster.pods import Container, is_well
from tools.cluster.snapshot import Snapshot

_LOGS_COMMAND = re.compile(r"\blogs\b.*?\s(?:-c|--container)[ =](?P<container>\S+)")
_TIMESTAMP = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\s")


@dataclass(frozen=True)
class SeenLine:
    """A log line that is evidence already: its text, its time if known, the command that shows it."""

    text: str
    command: str
    time: datetime | None = None


@dataclass(frozen=True)
class Match:
    """A rule's signal was found on ``subject``.

    ``variables`` fill the rule's sentences. ``object`` is what has to change (None: the subject's
    topmost owner), ``missing`` what should exist and does not. ``confidence`` and ``issue_type`` replace the
    rule's.
    """

    subject: ObjectRef
    variables: dict[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    object: ObjectRef | None = None
    missing: ObjectRef | None = None
    confidence: float | None = None
    issue_type: IssueType | None = None
    blames: tuple[ObjectRef, ...] = ()
    """Objects the trouble points at: what they suffer from explains this match."""
    confirm: tuple[PlannedCommand, ...] = ()
    """Commands beyond the rule's that would confirm or refute it."""


class Scene:
    """Snapshot, scope and the logs that evidence holds; hands out observations as evidence."""

    def __init__(self, snapshot: Snapshot, scope: Scope, evidence: Iterable[Evidence] = ()) -> None:
        """Index the log lines of ``evidence`` by Pod and container."""
        self.snapshot = snapshot
        self.scope = scope
        self.now = snapshot.now
        self._lines: dict[tuple[ObjectRef, str], list[SeenLine]] = defaultdict(list)
        for item in evidence:
            self._index_log(item)

    def _index_log(self, item: Evidence) -> None:
        command = _LOGS_COMMAND.search(item.command)
        if not command or not item.object or item.source not in (Source.LOG, Source.COMMAND):
            return
        lines = self._lines[(item.object, command["container"])]
        known = {line.text for line in lines}
        for raw in item.text.splitlines():
            text = _TIMESTAMP.sub("", raw).rstrip()
            if text and text not in known:
                lines.append(SeenLine(text, item.command, item.time))

    def log_lines(self, pod: ObjectRef, container: str) -> Sequence[SeenLine]:
        """The lines of a container seen so far, in the order they were brought."""
        return self._lines.get((pod, container), ())

    def logs_seen(self) -> Iterable[tuple[ObjectRef, str, Sequence[SeenLine]]]:
        """Every Pod and container of which lines were seen."""
        for (pod, container), lines in self._lines.items():
            yield pod, container, lines

    def note(self, ref: ObjectRef, text: str, command: str = "") -> Evidence:
        """An observation on an object, with the command that shows it to a person."""
        return Evidence(source=Source.OBJECT, object=ref, text=text, command=command or describe(ref))

    def note_event(self, event: Event) -> Evidence:
        """An event as evidence."""
        times = f" (x{event.count})" if event.count > 1 else ""
        return Evidence(
            source=Source.EVENT,
            object=event.about,
            time=event.last,
            text=f"{event.type} {event.reason}: {event.message}{times}",
            command=_show_events(event.about),
        )

    def note_line(self, pod: ObjectRef, line: SeenLine) -> Evidence:
        """A log line as evidence."""
        return Evidence(source=Source.LOG, object=pod, time=line.time, text=line.text, command=line.command)

    def note_container(self, pod: ObjectRef, container: Container) -> Evidence:
        """The state of a container as evidence."""
        return self.note(pod, tell_state(container))

    def owner(self, ref: ObjectRef) -> ObjectRef:
        """The topmost owner of an object: what a person would have to change."""
        return self.snapshot.owner(ref)

    def live_events(self, ref: ObjectRef) -> list[Event]:
        """Events about an object that later state has not resolved."""
        item = self.snapshot.find(ref)
        return [e for e in self.snapshot.events_about(ref) if not _is_resolved(e, item, self.snapshot)]


def describe(ref: ObjectRef) -> str:
    """The kubectl line that shows an object."""
    where = f" -n {ref.namespace}" if ref.namespace else ""
    return f"kubectl describe {ref.path}{where}"


def _show_events(ref: ObjectRef) -> str:
    where = f" -n {ref.namespace}" if ref.namespace else ""
    return f"kubectl events --for {ref.path}{where}"


def tell_state(container: Container) -> str:
    """The state of a container in a sentence, such as an engineer would read off ``describe``."""
    kind = "init container" if container.init else "container"
    parts = [f"{kind} {container.name}:"]
    if container.waiting:
        parts.append(f"waiting, {container.waiting.get('reason', 'no reason')}")
        if message := container.waiting.get("message"):
            parts.append(f"({message})")
    elif container.running:
        parts.append("running, ready" if container.ready else "running, not ready")
    if container.ended:
        verb = "ended" if container.has_ended else "; last run ended"
        parts.append(f"{verb} with exit code {container.exit_code} ({container.ended.get('reason', '?')})")
    if container.restarts:
        parts.append(f", {container.restarts} restarts")
    return " ".join(parts).replace(" ;", ";").replace(" ,", ",")


_WHILE_SCHEDULING = {"FailedScheduling", "NotTriggerScaleUp"}
_WHILE_WAITING = {"Failed", "BackOff", "InspectFailed", "ErrImageNeverPull", "FailedCreatePodSandBox"}
_WHILE_MOUNTING = {"FailedMount", "FailedAttachVolume", "FailedMapVolume"}


def _is_resolved(event: Event, item: KubeObject | None, snapshot: Snapshot) -> bool:
    if item is None:
        return True
    kind = event.about.kind
    if kind == "Pod":
        return _pod_resolved(event, item, snapshot.now)
    if kind == "PersistentVolumeClaim":
        return bool((item.get("status") or {}).get("phase") == "Bound")
    if event.reason == "FailedCreate":
        return _has_its_pods(item)
    return False


def _pod_resolved(event: Event, pod: KubeObject, now: datetime) -> bool:
    status = pod.get("status") or {}
    if is_well(pod, now):
        return True
    if event.reason in _WHILE_SCHEDULING:
        return bool((pod.get("spec") or {}).get("nodeName"))
    statuses = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    waiting = [s for s in statuses if (s.get("state") or {}).get("waiting")]
    if event.reason in _WHILE_MOUNTING:
        return bool(statuses) and not any(
            s["state"]["waiting"].get("reason") in ("ContainerCreating", "PodInitializing") for s in waiting
        )
    if event.reason in _WHILE_WAITING:
        return bool(statuses) and not waiting
    return False


def _has_its_pods(item: KubeObject) -> bool:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    if item.get("kind") == "DaemonSet":
        return bool(
            (status.get("currentNumberScheduled") or 0) >= (status.get("desiredNumberScheduled") or 0)
        )
    if item.get("kind") == "Job":
        return bool(status.get("active") or status.get("succeeded"))
    wanted = spec.get("replicas")
    return bool((status.get("replicas") or 0) >= (1 if wanted is None else wanted))
