"""What a run of a graph works with: a context that people edit, and the instruments opened from it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Annotated, TypeVar

from opentelemetry.context import Context as TraceContext
from pydantic import Field

from agents.models.desk import ModelDesk, choose_settings
from agents.playbook import Playbook
from domain.errors import Unavailable
from domain.evidence import Evidence
from domain.settings import Settings, load_settings
from graphs.pasting import Paste, lay_over, quote, read_paste
from prompts.domains.packs import DomainPacks
from tools.cluster.bounds import EVERYWHERE, Bounds
from tools.cluster.fleet import Fleet, OpenCluster
from tools.cluster.reader import ClusterReader
from tools.cluster.snapshot import Snapshot, take_snapshot
from tools.importers.incident import ImportedIncident
from tools.importers.pasted import PASTED
from tools.incidents import INCIDENTS, Incident, open_imported, open_incident
from tools.kubectl import Kubectl
from tools.logs.joined import JoinedLogStore
from tools.logs.live import open_logs
from tools.logs.store import LogStore
from tools.redaction import RedactedCluster, Redactor, prepare

Result = TypeVar("Result")
Closing = Callable[[], Awaitable[None]]


@dataclass
class Instruments:
    """What the nodes of one run may touch, and the time they have.

    ``snapshot`` is what ``understand`` saw: it can be large, so it lives here and never in a checkpoint;
    a node that misses it after a resume has it taken again. ``attached`` came with a recording
    or was pasted; ``pasted`` is what the question held besides its words.
    ``recovered`` holds lines that did not arrive in ``logs``, where that was seen.
    ``bounds`` say which namespaces may be read, and ``kube_context`` how ``kubectl --context`` reaches the
    cluster.
    """

    cluster: ClusterReader
    logs: LogStore
    kubectl: Kubectl
    playbook: Playbook
    desk: ModelDesk
    settings: Settings
    namespaces: tuple[str, ...] = ()
    incident: str = ""
    bounds: Bounds = EVERYWHERE
    kube_context: str = ""
    attached: tuple[Evidence, ...] = ()
    pasted: ImportedIncident | None = None
    snapshot: Snapshot | None = None
    redactor: Redactor = field(default_factory=Redactor)
    closing: tuple[Closing, ...] = ()
    recovered: LogStore | None = None
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

    @property
    def seconds_left(self) -> float:
        """What is left of the run's time, in seconds; 0 when it is over."""
        return max(0.0, self.deadline - monotonic())

    @property
    def all_logs(self) -> LogStore:
        """The log store, and beside it the lines that are known not to have arrived there."""
        return JoinedLogStore(self.logs, self.recovered) if self.recovered else self.logs

    async def recover(self, lines: LogStore | None) -> None:
        """Exchange the lines beside the log store."""
        if self.recovered:
            await self.recovered.close()
        self.recovered = lines

    async def look(self) -> Snapshot:
        """Take a snapshot; it serves until the next one of this run.

        Raises:
            Unavailable: nothing could be read, or not in time.
        """
        self.snapshot = None
        self.snapshot = await self.in_time(
            take_snapshot(RedactedCluster(self.cluster, self.redactor)), "The cluster"
        )
        return self.snapshot

    async def in_time(self, work: Awaitable[Result], what: str) -> Result:
        """Wait for ``work`` until the run's time is over.

        Raises:
            Unavailable: it took longer; the sentence names ``what``.
        """
        try:
            async with asyncio.timeout(self.seconds_left):
                return await work
        except TimeoutError as error:
            limit = f"{self.settings.limits.wall_seconds:g} s"
            raise Unavailable(f"{what} did not answer within the {limit} of this investigation.") from error


@dataclass
class Context:
    """What a person chooses for a run.

    With neither incident nor cluster, the question may name a cluster of ``kubewhy.toml``; else it is about
    the usual one, else about the default cluster, or where none is configured about the default incident.
    """

    incident: Annotated[
        str, Field(description="id or folder of a recorded incident, instead of a live cluster")
    ] = ""
    namespace: Annotated[str, Field(description="look into this namespace only; empty: all")] = ""
    cluster: Annotated[
        str, Field(description="a live cluster: its name in kubewhy.toml, or a context of the kubeconfig")
    ] = ""
    usual_cluster: Annotated[
        str, Field(description="a live cluster that is meant unless the question names another: a channel's")
    ] = ""
    reasoner: Annotated[
        str, Field(description="who answers: playbook, hybrid, model; empty: as kubewhy.toml has it")
    ] = ""
    route: Annotated[
        tuple[str, ...], Field(description="models to try in turn; empty: as kubewhy.toml has it")
    ] = ()
    domain: Annotated[
        str, Field(description="domain pack for the prompts, or none; empty: as kubewhy.toml has it")
    ] = ""

    def __post_init__(self) -> None:
        """Nothing is open yet."""
        self._lock = asyncio.Lock()
        self._instruments: Instruments | None = None
        self._redactor: Redactor | None = None
        self._named = ""
        self._paste: Paste | None = None
        self.trace: TraceContext | None = None

    @classmethod
    def of(cls, instruments: Instruments) -> "Context":
        """A context whose instruments are ready."""
        context = cls(instruments.incident, "".join(instruments.namespaces[:1]))
        context._instruments, context._redactor = instruments, instruments.redactor
        return context

    async def fleet(self) -> Fleet:
        """The clusters that may be chosen.

        Raises:
            MalformedSettings: the settings cannot be used.
        """
        return Fleet(await asyncio.to_thread(load_settings))

    async def redactor(self) -> Redactor:
        """What takes the secrets out of all that this context is used for, whichever cluster it is about.

        Raises:
            MalformedSettings: the settings cannot be used.
        """
        settings = await asyncio.to_thread(load_settings)
        await prepare()
        if self._redactor is None:
            hidden = {**settings.redaction.patterns, **(await self._packs()).patterns()}
            self._redactor = Redactor(settings.redaction.model_copy(update={"patterns": hidden}))
        return self._redactor

    async def _packs(self) -> DomainPacks:
        settings = await asyncio.to_thread(load_settings)
        return await asyncio.to_thread(DomainPacks, settings.domains, self.domain)

    async def turn_to(self, cluster: str) -> None:
        """Look at this cluster from now on, unless a person chose another, or an incident."""
        if cluster != self._named:
            await self.close()
            self._named = cluster

    async def bring(self, paste: Paste | None) -> None:
        """Look at what was pasted too; where neither a cluster nor an incident is named, at nothing else."""
        if (paste and paste.text) != (self._paste and self._paste.text):
            await self.close()
            self._paste = paste

    async def open(self) -> Instruments:
        """The instruments of this run, opened on first use.

        Raises:
            UnknownIncident: there is no such incident.
            MalformedRecording: a file of it cannot be read.
            MalformedRule: a playbook rule cannot be used.
            UnknownCluster: there is no such cluster, or there are several and no default.
            OutOfBounds: the namespace may not be read.
            MalformedSettings: the reasoner or the route cannot be used.
        """
        async with self._lock:
            if self._instruments is None:
                opened = await self._open()
                models = choose_settings(opened.settings.models, self.reasoner, self.route)
                opened.desk = ModelDesk(models, await self._packs())
                self._instruments = opened
            return self._instruments

    async def _open(self) -> Instruments:
        fleet = await self.fleet()
        cluster = self.cluster
        if not (cluster or self.incident):
            cluster = self._named or self.usual_cluster or fleet.default()
        if cluster:
            return await _open_live(fleet.open(cluster), self.namespace, await self.redactor(), self._paste)
        if self._paste and self.incident in ("", PASTED):
            return await _open_paste(self._paste, self.namespace, await self.redactor())
        return await _open_recording(self.incident, self.namespace, await self.redactor(), self._paste)

    async def close(self) -> None:
        """Release what was opened. The context opens anew if it is used again."""
        async with self._lock:
            if self._instruments is not None:
                await self._instruments.recover(None)
                for close in self._instruments.closing:
                    await close()
                self._instruments = None


async def _open_recording(name: str, namespace: str, redactor: Redactor, paste: Paste | None) -> Instruments:
    settings = await asyncio.to_thread(load_settings)
    folder = settings.incidents or INCIDENTS
    incident = await asyncio.to_thread(open_incident, name or settings.default_incident, folder)
    instruments = await _open_incident(incident, namespace, redactor, paste)
    instruments.incident = incident.id if incident.folder == folder / incident.id else incident.address
    return instruments


async def _open_paste(paste: Paste, namespace: str, redactor: Redactor) -> Instruments:
    """What was pasted, as an incident."""
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


async def _open_live(
    cluster: OpenCluster, namespace: str, redactor: Redactor, paste: Paste | None
) -> Instruments:
    """A live cluster, with what was shipped of its logs or what it still has of them."""
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
