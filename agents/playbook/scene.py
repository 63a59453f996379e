"""What the playbook looks at: a snapshot, the log lines seen so far, and matches in the making."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from domain.evidence import Evidence, IssueType, PlannedCommand, Source
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope
from tools.cluster.events import Event
from tools.cluster.pods import Container, is_settled, is_well, list_containers, read_condition
from tools.cluster.quantities import parse_quantity
from tools.cluster.snapshot import Snapshot
from tools.cluster.times import BEGINNING, parse_time
from tools.logs.levels import level_of_text
from tools.logs.lines import read_line
from tools.logs.store import Level

_LOGS = re.compile(r"^kubectl logs\b")
_CONTAINER = re.compile(r"\s(?:-c|--container)[ =](?P<name>\S+)")
_TIMESTAMP = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\s")

_FROM_KUBECTL = re.compile(
    r"\(no output\)$|Error from server \(\w+\): (?:There is no (?:such log of Pod [\w.-]+: )?)?"
    r"(?i:previous terminated )?(?i:container) ['\"]"
    r"|unable to retrieve container logs for |Defaulted container |Found \d+ pods, using "
    r"|failed to (?:create fsnotify watcher|try resolving symlinks in path)"
)
"""What kubectl and the kubelet print in place of a log, or above it."""

MOST_CHARACTERS = 4000
"""Characters of a log line that are looked at: beyond that it is a dump."""

_QUIET = (Level.DEBUG, Level.INFO)


@dataclass(frozen=True)
class SeenLine:
    """A log line that is evidence already: its text, its time if known, the command that shows it."""

    text: str
    command: str
    time: datetime | None = None

    @cached_property
    def quiet(self) -> bool:
        """Whether the line itself says that it is no trouble: its logger gave it level INFO or below.

        A line without a level is not quiet, whatever it says.
        """
        read = read_line(self.text)
        if read.level not in _QUIET:
            return False
        structured = self.text.lstrip().startswith("{")
        return structured or level_of_text(f"{read.text} error") in _QUIET


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
    alone: bool = False
    """Whether the object itself tells what is wrong with it, so that what it needs explains nothing."""
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
        if not _LOGS.search(item.command) or item.source not in (Source.LOG, Source.COMMAND):
            return
        pod = self._speaker(item.object)
        container = _CONTAINER.search(item.command)
        first = next((c.name for c in list_containers(pod) if not c.init), "") if pod else ""
        if pod is None or ("--all-containers" in item.command and len(list_containers(pod)) > 1):
            return
        lines = self._lines[(ObjectRef.of(pod), container["name"] if container else first)]
        known = {line.text for line in lines}
        for raw in item.text.splitlines():
            text = _read(_TIMESTAMP.sub("", raw).rstrip())[:MOST_CHARACTERS]
            if text and text not in known and not _FROM_KUBECTL.match(text):
                lines.append(SeenLine(text, item.command, item.time))

    def _speaker(self, ref: ObjectRef | None) -> KubeObject | None:
        """The Pod whose log ``kubectl logs TYPE/NAME`` shows: of a workload, its first."""
        return next(iter(self.snapshot.pods_of(ref)), None) if ref else None

    @cached_property
    def pods(self) -> list[KubeObject]:
        """The Pods that count: not the failed tries of a Job that has completed since."""
        return [pod for pod in self.snapshot.of_kind("Pod") if not self._is_bygone(pod)]

    @cached_property
    def unwell_pods(self) -> list[KubeObject]:
        """Those of them that are not well: few, where thousands are."""
        return [pod for pod in self.pods if not is_well(pod, self.now)]

    def _is_bygone(self, pod: KubeObject) -> bool:
        if (pod.get("status") or {}).get("phase") != "Failed":
            return False
        owners = (pod.get("metadata") or {}).get("ownerReferences") or []
        namespace = ObjectRef.of(pod).namespace
        names = [owner["name"] for owner in owners if owner.get("kind") == "Job"]
        jobs = [self.snapshot.find(ObjectRef(kind="Job", name=name, namespace=namespace)) for name in names]
        return any(read_condition(job, "Complete").get("status") == "True" for job in jobs if job)

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
        if event.component == _FROM_STATUS:
            return self.note(event.about, f"condition ReplicaFailure=True {event.reason}: {event.message}")
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
        events = [e for e in self.snapshot.events_about(ref) if not _is_resolved(e, item, self.snapshot)]
        return [_bound(event) for event in events] or _read_refusal(ref, item or {})


def _read(raw: str) -> str:
    """A line of JSON as a person would write it (``ERROR cannot open ...``); any other as it is."""
    if not raw.startswith("{"):
        return raw
    line = read_line(raw)
    return f"{line.level.name} {line.text}"


def describe(ref: ObjectRef) -> str:
    """The kubectl line that shows an object."""
    return f"kubectl describe {ref.path}{_in_namespace(ref)}"


def _show_events(ref: ObjectRef) -> str:
    return f"kubectl events --for {ref.path}{_in_namespace(ref)}"


def _in_namespace(ref: ObjectRef) -> str:
    return f" -n {ref.namespace}" if ref.namespace else ""


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
        why = ": ".join(
            str(container.ended[k])[:400] for k in ("reason", "message") if container.ended.get(k)
        )
        parts.append(f"{verb} with exit code {container.exit_code} ({why or 'no reason'})")
    if container.restarts:
        parts.append(f", {container.restarts} restarts")
    return " ".join(parts).replace(" ;", ";").replace(" ,", ",")


def _bound(event: Event) -> Event:
    """The API server keeps messages to 1 kB; a recording may hold anything."""
    short = event.message[:MOST_CHARACTERS]
    return event if short == event.message else replace(event, message=short)


_FROM_STATUS = "status"
"""The component of an event that is read off a condition."""


def _read_refusal(ref: ObjectRef, item: KubeObject) -> list[Event]:
    """What a ReplicaSet's status says of Pods it may not create: that outlives the event by far."""
    condition = read_condition(item, "ReplicaFailure")
    if ref.kind == "Deployment" or condition.get("status") != "True" or _has_its_pods(item):
        return []
    since = parse_time(condition.get("lastTransitionTime")) or BEGINNING
    reason, message = str(condition.get("reason") or ""), str(condition.get("message") or "")
    return [Event(ref, "Warning", reason, message, 1, since, since, _FROM_STATUS)]


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
        return _has_its_size(item) if "Resize" in event.reason else _is_bound(item)
    if kind == "Node":
        return snapshot.now - event.last > _MEMORY_OF_NODES
    if event.reason == "FailedCreate":
        return _has_its_pods(item)
    return False


_MEMORY_OF_NODES = timedelta(hours=1)
"""Nothing in a Node's state says that an event of the kernel is over; the API server forgets it by then."""


def _is_bound(claim: KubeObject) -> bool:
    return bool((claim.get("status") or {}).get("phase") == "Bound")


def _has_its_size(claim: KubeObject) -> bool:
    wants = (((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")
    has = ((claim.get("status") or {}).get("capacity") or {}).get("storage")
    wanted, held = parse_quantity(wants), parse_quantity(has)
    return bool(wanted is not None and held is not None and held >= wanted)


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
    if event.reason == "Unhealthy":
        return any(
            container.ready and is_settled(container, pod, now)
            for container in list_containers(pod)
            if container.name == event.container
        )
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
