"""What a run of a graph works with: a context that people edit, and the instruments opened from it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Annotated, TypeVar

from pydantic import Field

from agents.playbook import Playbook, PlaybookReasoner
from agents.reasoner import Reasoner
from domain.errors import Unavailable
from domain.evidence import Evidence
from domain.settings import Settings, load_settings
from tools.cluster.reader import ClusterReader
from tools.cluster.snapshot import Snapshot, take_snapshot
from tools.incidents import INCIDENTS, open_incident
from tools.kubectl import Kubectl
from tools.logs.cluster import ClusterLogStore
from tools.logs.store import LogStore

Result = TypeVar("Result")
Closing = Callable[[], Awaitable[None]]


@dataclass
class Instruments:
    """What the nodes of one run may touch, and the time they have.

    ``snapshot`` is what ``understand`` saw: it can be large, so it lives here and never in a checkpoint;
    a node that misses it after a resume has it taken again. ``attached`` came with a recording.
    """

    cluster: ClusterReader
    logs: LogStore
    kubectl: Kubectl
    playbook: Playbook
    reasoner: Reasoner
    settings: Settings
    namespaces: tuple[str, ...] = ()
    incident: str = ""
    attached: tuple[Evidence, ...] = ()
    snapshot: Snapshot | None = None
    closing: tuple[Closing, ...] = ()
    deadline: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.start_clock()

    def start_clock(self) -> None:
        """Give the run its full time from now: a person may take hours to answer a question."""
        self.deadline = monotonic() + self.settings.limits.wall_seconds

    @property
    def out_of_time(self) -> bool:
        """Whether the run has to answer with what it has."""
        return monotonic() >= self.deadline

    async def look(self) -> Snapshot:
        """Take a snapshot; it serves until the next one of this run.

        Raises:
            Unavailable: nothing could be read, or not in time.
        """
        self.snapshot = None
        self.snapshot = await self.in_time(take_snapshot(self.cluster), "The cluster")
        return self.snapshot

    async def in_time(self, work: Awaitable[Result], what: str) -> Result:
        """Wait for ``work`` until the run's time is over.

        Raises:
            Unavailable: it took longer; the sentence names ``what``.
        """
        try:
            async with asyncio.timeout(max(0.0, self.deadline - monotonic())):
                return await work
        except TimeoutError as error:
            limit = f"{self.settings.limits.wall_seconds:g} s"
            raise Unavailable(f"{what} did not answer within the {limit} of this investigation.") from error


@dataclass
class Context:
    """What a person chooses for a run. Empty fields mean the defaults."""

    incident: Annotated[
        str, Field(description="id or folder of a recorded incident; empty: the default one")
    ] = ""
    namespace: Annotated[str, Field(description="look into this namespace only; empty: all")] = ""
    cluster: Annotated[
        str, Field(description="a context of the kubeconfig: a live cluster instead of an incident")
    ] = ""

    def __post_init__(self) -> None:
        """Nothing is open yet."""
        self._lock = asyncio.Lock()
        self._instruments: Instruments | None = None

    @classmethod
    def of(cls, instruments: Instruments) -> "Context":
        """A context whose instruments are ready."""
        context = cls(instruments.incident, "".join(instruments.namespaces[:1]))
        context._instruments = instruments
        return context

    async def open(self) -> Instruments:
        """The instruments of this run, opened on first use.

        Raises:
            UnknownIncident: there is no such incident.
            MalformedRecording: a file of it cannot be read.
            MalformedRule: a playbook rule cannot be used.
        """
        async with self._lock:
            if self._instruments is None:
                opening = (
                    _open_live(self.cluster, self.namespace)
                    if self.cluster
                    else _open_recording(self.incident, self.namespace)
                )
                self._instruments = await opening
            return self._instruments

    async def close(self) -> None:
        """Release what was opened. The context opens anew if it is used again."""
        async with self._lock:
            if self._instruments is not None:
                for close in self._instruments.closing:
                    await close()
                self._instruments = None


async def _open_recording(name: str, namespace: str) -> Instruments:
    settings = await asyncio.to_thread(load_settings)
    folder = settings.incidents or INCIDENTS
    incident = await asyncio.to_thread(open_incident, name or settings.default_incident, folder)
    cluster, logs = await asyncio.to_thread(incident.cluster), await incident.logs()
    instruments = await _assemble(cluster, logs, namespace, settings, incident.recall)
    instruments.incident = incident.id if incident.folder == folder / incident.id else incident.address
    instruments.attached = await asyncio.to_thread(incident.leftovers)
    instruments.closing = (logs.close,)
    return instruments


async def _open_live(name: str, namespace: str) -> Instruments:
    """A cluster by its kubeconfig context; its own logs stand in for shipped ones."""
    from tools.cluster.live.cluster import LiveCluster  # the client alone takes a third of a second
    from tools.cluster.live.login import KubeconfigLogin

    settings = await asyncio.to_thread(load_settings)
    cluster = LiveCluster(name, KubeconfigLogin(settings.kubeconfig_paths(), name))
    logs = ClusterLogStore(cluster)
    instruments = await _assemble(cluster, logs, namespace, settings)
    instruments.closing = (logs.close, cluster.close)
    return instruments


async def _assemble(
    cluster: ClusterReader,
    logs: LogStore,
    namespace: str,
    settings: Settings,
    recall: Callable[[str], str] = lambda _: "",
) -> Instruments:
    return Instruments(
        cluster=cluster,
        logs=logs,
        kubectl=Kubectl(
            cluster,
            namespace=namespace or "default",
            max_characters=settings.limits.output_characters,
            recall=recall,
        ),
        playbook=await asyncio.to_thread(load_playbook, settings.rules),
        reasoner=PlaybookReasoner(),
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
