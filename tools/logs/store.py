"""The log store: what every container said, searchable. A protocol, and the shapes that cross it."""

from datetime import datetime
from enum import IntEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

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


class LogQuery(BaseModel):
    """A search. ``words`` are joined by OR and ranked; an empty text matches every line in the filters.

    ``namespaces`` and ``pods`` empty mean: all. A vector of the text's meaning joins these fields with
    the OpenSearch store; the filters stay as they are.
    """

    model_config = ConfigDict(frozen=True)

    text: str = ""
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


class LogStore(Protocol):
    """Where log lines can be searched. Every method may raise ``LogsUnavailable``."""

    async def search(self, query: LogQuery) -> list[LogHit]:
        """The best lines for a query: words (BM25), severity, rarity and recency, fused; best first."""
        ...

    async def around(self, document: LogDocument, before: int = 3, after: int = 3) -> list[LogDocument]:
        """The lines of the same container around one, oldest first, the line itself included."""
        ...

    async def patterns(self, query: LogQuery) -> list[LogPattern]:
        """The templates of the lines that pass the query's filters, rarest and most severe first."""
        ...

    async def close(self) -> None:
        """Release what the store holds."""
        ...
