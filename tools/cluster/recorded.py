"""A recorded incident answers like a cluster."""

import asyncio
import builtins
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import KubeObject, ObjectRef
from tools.cluster.bounds import EVERYWHERE, Bounds
from tools.cluster.coverage import Coverage
from tools.cluster.events import Event
from tools.cluster.identity import has_uid, read_uids
from tools.cluster.pods import list_containers
from tools.cluster.reader import LogLine, Resource
from tools.cluster.recorded_logs import ContainerRun
from tools.cluster.recording import Recording, custom_resources, read_recording
from tools.cluster.resources import BUILTIN_RESOURCES, builtin_kind
from tools.cluster.selectors import match_fields, match_labels
from tools.cluster.times import BEGINNING, parse_time

_PAST_TIMES = (
    *("creationTimestamp", "lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "lastProbeTime"),
    *("startedAt", "finishedAt", "renewTime", "timestamp"),
)
"""Fields of metadata, conditions, container states, Leases and metrics that never lie in the future."""


class RecordedCluster:
    """A ``ClusterReader`` over a folder; its layout is told in ``tools.cluster.recording``.

    The folder is read once, when first asked for anything, in a thread of its own. What is returned is
    shared: do not change it. ``list`` also takes ``Kind.group`` for a custom resource whose kind is a
    built-in one too. Each method raises ``MalformedRecording`` when the folder cannot be used.

    A recording that says what it holds whole raises ``ClusterUnavailable`` for what it does not hold, as the
    cluster would have; of one that does not say it, what is not there counts as absent.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "recorded",
        now: datetime | None = None,
        coverage: Coverage | None = None,
    ) -> None:
        """Name the folder; nothing is read yet.

        Args:
            folder: what ``kubectl cluster-info dump`` wrote, or an incident's ``cluster/``.
            name: how people call the cluster.
            now: when it was recorded; by default the newest time that the recording mentions.
            coverage: what it holds whole; None where nobody wrote that down.
        """
        self.folder = folder
        self._name = name
        self._now = now
        self._coverage = coverage
        self._recording: Recording | None = None
        self._events: list[KubeObject] = []
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name people know the cluster by."""
        return self._name

    @property
    def coverage(self) -> Coverage | None:
        """What the recording holds whole; None where nobody wrote that down."""
        return self._coverage

    async def bounds(self) -> Bounds:
        """The namespaces that were recorded, where that was written down."""
        known = (await self.recording()).of_kind("Namespace")
        return self._coverage.draw_bounds(name for _, name in known) if self._coverage else EVERYWHERE

    async def now(self) -> datetime:
        """The moment of the recording, timezone-aware."""
        recording = await self.recording()
        if self._now is None:
            self._now = max(_times(recording), default=datetime.now(UTC))
        return self._now

    async def resources(self) -> builtins.list[Resource]:
        """The built-in types and the custom ones that were recorded."""
        return [*BUILTIN_RESOURCES, *custom_resources(await self.recording())]

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        """Objects of a kind by namespace and name; empty for a kind that was not recorded.

        Raises:
            RefusedCommand: a selector cannot be read.
        """
        recording = await self.recording()
        has_labels, has_fields = match_labels(labels), match_fields(fields)
        where = None if _is_cluster_scoped(kind) else namespace
        found = [item for (home, _), item in sorted(recording.of_kind(kind).items()) if where in (None, home)]
        if not found:
            self._check_recorded(kind, where)
        return [item for item in found if has_labels(item) and has_fields(item)]

    async def get(self, kind: str, name: str, namespace: str = "") -> KubeObject:
        """One object; the namespace is ignored for kinds that have none.

        Raises:
            NotFound: there is none of that name.
        """
        home = "" if _is_cluster_scoped(kind) else namespace
        item = (await self.recording()).of_kind(kind).get((home, name))
        if item is None:
            self._check_recorded(kind, home)
            where = f" in namespace {home}" if home else ""
            raise NotFound(f"There is no {kind} {name}{where}.")
        return item

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        """Events, oldest first. Those about an earlier object of the same name are left out of ``about``."""
        recording = await self.recording()
        found = [e for e in self._events if namespace in (None, e["metadata"].get("namespace") or "")]
        if not found:
            self._check_recorded("Event", namespace)
        if about is None:
            return found
        uids = read_uids(recording.of_kind(about.kind).get((about.namespace, about.name)))
        return [event for event in found if Event.of(event).about == about and has_uid(event, uids)]

    async def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        previous: bool = False,
        tail: int | None = None,
        since: datetime | None = None,
    ) -> builtins.list[LogLine]:
        """A container's log, oldest line first; lines without a time pass ``since``.

        Raises:
            NotFound: no such Pod or container, or it has no (previous) log.
        """
        recording = await self.recording()
        run = ContainerRun(namespace, pod, container, previous)
        lines = await asyncio.to_thread(recording.logs.read, run)
        if lines is None:
            lines = await asyncio.to_thread(_explain_no_log, recording, run)
        if since is not None:
            lines = [line for line in lines if line.time is None or line.time >= since]
        return lines if tail is None or tail < 0 else lines[max(0, len(lines) - tail) :]

    async def top(self, kind: str, namespace: str | None = None) -> builtins.list[KubeObject]:
        """``PodMetrics`` or ``NodeMetrics`` objects for kind ``Pod`` or ``Node``.

        Raises:
            ClusterUnavailable: metrics were not recorded.
        """
        if not (await self.recording()).of_kind(f"{kind}Metrics"):
            why = self._coverage.unseen.get(f"{kind}Metrics", "") if self._coverage else ""
            raise ClusterUnavailable(why or f"Metrics of {kind} objects were not recorded.")
        return await self.list(f"{kind}Metrics", namespace)

    async def version(self) -> str:
        """The server's gitVersion; without ``version.json`` the newest that a kubelet reports.

        Raises:
            ClusterUnavailable: neither was recorded.
        """
        recording = await self.recording()
        nodes = recording.of_kind("Node").values()
        kubelets = [((n.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion") for n in nodes]
        version = recording.version or max(filter(None, kubelets), default="")
        if not version:
            raise ClusterUnavailable("The recording does not say the version of its cluster.")
        return version

    def _check_recorded(self, kind: str, namespace: str | None) -> None:
        """Let pass what is known to be absent.

        Raises:
            ClusterUnavailable: it was not recorded.
        """
        if self._coverage is None or self._coverage.has_all(kind, namespace) or not builtin_kind(kind):
            return
        if namespace and self._coverage.namespaces and namespace not in self._coverage.namespaces:
            raise ClusterUnavailable(f"Namespace {namespace} was not recorded.")
        raise ClusterUnavailable(self._coverage.unseen.get(kind) or f"{kind} objects were not recorded.")

    async def recording(self) -> Recording:
        """What the folder holds, for readers of its logs."""
        if self._recording is not None:
            return self._recording
        return await asyncio.to_thread(self._load_once)

    def _load_once(self) -> Recording:
        with self._lock:
            if self._recording is None:
                recording = read_recording(self.folder)
                self._events = sorted(
                    recording.of_kind("Event").values(), key=lambda event: Event.of(event).last
                )
                self._recording = recording
            return self._recording


def _is_cluster_scoped(kind: str) -> bool:
    known = builtin_kind(kind)
    return known is not None and not known.namespaced


def _explain_no_log(recording: Recording, run: ContainerRun) -> builtins.list[LogLine]:
    """An empty log for a container that ran and said nothing.

    Raises:
        NotFound: for every other reason, in the API server's words.
    """
    pod = recording.of_kind("Pod").get((run.namespace, run.pod))
    if pod is None:
        raise NotFound(f"There is no Pod {run.pod} in namespace {run.namespace}.")
    containers = {container.name: container.status for container in list_containers(pod)}
    if run.container not in containers:
        names = ", ".join(containers)
        raise NotFound(f"Pod {run.pod} has no container {run.container!r}, it has: {names}.")
    status = containers[run.container]
    state = (status.get("lastState") if run.previous else status.get("state")) or {}
    if run.previous and not state.get("terminated"):
        raise NotFound(f"There is no previous terminated container {run.container!r} in Pod {run.pod}.")
    if waiting := state.get("waiting"):
        reason = waiting.get("reason") or "no reason given"
        raise NotFound(f"Container {run.container!r} in Pod {run.pod} is waiting to start: {reason}.")
    if error := recording.logs.error(run):
        raise NotFound(f"The log of container {run.container!r} in Pod {run.pod} was not readable: {error}.")
    return []


def _times(recording: Recording) -> Iterator[datetime]:
    """Moments at which something is known to have happened: creations, conditions, starts, ends, events."""
    for items in recording.objects.values():
        for item in items.values():
            moments = [*_conditions(item), *_container_states(item), item["metadata"], item.get("spec"), item]
            texts = [m.get(key) for m in moments if isinstance(m, dict) for key in _PAST_TIMES]
            yield from filter(None, map(parse_time, texts))
    for event in recording.of_kind("Event").values():
        if (last := Event.of(event).last) > BEGINNING:
            yield last


def _container_states(item: KubeObject) -> Iterator[Any]:
    for container in list_containers(item) if item["kind"] == "Pod" else ():
        for state in ("state", "lastState"):
            yield from (container.status.get(state) or {}).values()


def _conditions(item: KubeObject) -> builtins.list[dict[str, Any]]:
    status = item.get("status")
    found = status.get("conditions") if isinstance(status, dict) else None
    return [c for c in found if isinstance(c, dict)] if isinstance(found, builtins.list) else []
