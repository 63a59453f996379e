"""The log store: what every container said, searchable. A protocol, and the shapes that cross it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from domain.objects import ObjectRef
from domain.scope import TimeWindow


class Level(IntEnum):
    """Severity of a line, ordered."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    FATAL = 50


class LogDocument(BaseModel):
    """One log line with where it came from. ``message`` has no runtime prefix (CRI) any more."""

    model_config = ConfigDict(frozen=True)

    id: str
    time: datetime
    message: str
    level: Level
    namespace: str
    pod: str
    container: str
    host: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    previous: bool = Field(default=False, description="written by the container's previous run")
    cluster: str = Field(default="", description="the cluster it was shipped from; empty: the only one")
    service: str = Field(default="", description="what an index is named after: app label, owner, container")
    template_id: str = Field(default="", description="equal for lines alike but for their variables")
    fields: dict[str, str] = Field(
        default_factory=dict, description="what a structured line said beside its message: trace_id, error"
    )


class LogQuery(BaseModel):
    """A search. The words of ``text`` are joined by OR and ranked; without any, every line matches.

    ``clusters``, ``namespaces``, ``pods`` and ``containers`` empty mean: all. A store that has vectors also
    searches by the meaning of ``text``; the filters hold for both.
    """

    model_config = ConfigDict(frozen=True)

    text: str = ""
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    pods: tuple[str, ...] = Field(default=(), description="pod names, or prefixes ending in '*'")
    containers: tuple[str, ...] = ()
    min_level: Level = Level.DEBUG
    window: TimeWindow | None = None
    limit: int = Field(default=20, ge=1, le=1000)


class LogHit(BaseModel):
    """A document with its score (higher is better) and what made it score."""

    model_config = ConfigDict(frozen=True)

    document: LogDocument
    score: float
    reason: str = ""
    alike: int = Field(default=0, ge=0, description="lines of its template; 0: the store does not know")


class LogPattern(BaseModel):
    """A drain3 template: lines alike but for their variables (``<*>``).

    ``new`` is true when the template was never seen before the window began, while older lines exist.
    """

    model_config = ConfigDict(frozen=True)

    template: str
    count: int
    first_seen: datetime
    last_seen: datetime
    level: Level
    new: bool
    sample: LogDocument


class LogCount(BaseModel):
    """How many lines of one severity lie in one interval, which begins at ``start``."""

    model_config = ConfigDict(frozen=True)

    start: datetime
    level: Level
    count: int


class LogStore(Protocol):
    """Where log lines can be searched. Every method may raise ``LogsUnavailable``."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the answers so far lack and why, in sentences for a person: another source, no vectors."""
        ...

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query, best first: words, meaning, severity, rarity and recency, fused."""
        ...

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines of the same container around one, oldest first, the line itself included."""
        ...

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the query's filters, rarest and most severe first."""
        ...

    async def histogram(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the query's filters, by interval and severity; the text does not count."""
        ...

    async def close(self) -> None:
        """Release what the store holds."""
        ...


@runtime_checkable
class ShippedLogs(Protocol):
    """What a ``LogStore`` may be besides: one whose lines were shipped to it, so that some may be missing.

    A store that wraps another has the method too and asks the other through ``read_arrivals``.
    """

    async def arrivals(self, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
        """The time of each Pod's newest line, of those that have one; None: its lines were not shipped."""
        ...


async def read_arrivals(store: LogStore, pods: Sequence[ObjectRef]) -> dict[ObjectRef, datetime] | None:
    """``ShippedLogs.arrivals`` of a store that has it; None for one whose lines come from the cluster itself.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    return await store.arrivals(pods) if isinstance(store, ShippedLogs) else None
