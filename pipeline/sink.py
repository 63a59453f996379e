"""What the pipeline writes to: documents, and vectors of templates. OpenSearch is behind both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from tools.embeddings.embedder import Vector
from tools.logs.store import LogDocument


class Write(Enum):
    """How the writing of one document ended."""

    WRITTEN = "written"
    EXISTED = "existed"
    BUSY = "busy"
    REFUSED = "refused"


@dataclass(frozen=True)
class WriteResult:
    """``BUSY`` may succeed later (429, 5xx, no answer), ``REFUSED`` never will; these have a reason."""

    outcome: Write
    reason: str = ""


class DocumentSink(Protocol):
    """Where documents are written."""

    async def write(self, documents: Sequence[tuple[LogDocument, Vector | None]]) -> list[WriteResult]:
        """Create the documents that are not there yet, and say for each how it ended, in their order.

        Nothing that is already there is changed. Never raises for what a document or the store is at fault
        for.
        """
        ...


class TemplateVectors(Protocol):
    """Vectors of templates that outlive a process. Both methods may raise ``LogsUnavailable``."""

    async def fetch(self, ids: Sequence[str], embedder: str) -> Mapping[str, Vector]:
        """The vectors that are known of these templates, made by that embedder."""
        ...

    async def save(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep templates by id (template, vector, embedder, embedded_at); one of the same id is replaced."""
        ...
