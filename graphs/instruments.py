"""What the nodes of a run work with: cluster, logs, kubectl, playbook, models, and the time they have."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from agents.models.desk import ModelDesk
from agents.playbook import Playbook
from domain.errors import Unavailable
from domain.evidence import Evidence
from domain.settings import Settings
from tools.cluster.bounds import EVERYWHERE, Bounds
from tools.cluster.reader import ClusterReader
from tools.cluster.snapshot import Snapshot, take_snapshot
from tools.importers.incident import ImportedIncident
from tools.kubectl import Kubectl
from tools.logs.joined import JoinedLogStore
from tools.logs.store import LogStore
from tools.redaction import RedactedCluster, Redactor

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
