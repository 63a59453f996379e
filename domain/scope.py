"""What a question is about: where, which objects, and when."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.objects import ObjectRef

NamespacePattern = Annotated[str, Field(pattern=r"^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$")]
"""A namespace, or several: ``*`` stands for any characters."""


class TimeWindow(BaseModel):
    """The stretch of time a question is about; both ends are timezone-aware."""

    model_config = ConfigDict(frozen=True)

    start: datetime
    end: datetime


class Scope(BaseModel):
    """Cluster, namespaces, workloads and time window of a question.

    ``namespaces`` empty means: every namespace the reader may see. ``workloads`` are the objects the
    words were resolved to, best first; empty when the question names none.
    ``words`` are what is left of the question to weigh findings by ("thumbnails", "mails").
    """

    model_config = ConfigDict(frozen=True)

    cluster: str
    window: TimeWindow
    namespaces: tuple[str, ...] = ()
    workloads: tuple[ObjectRef, ...] = ()
    words: tuple[str, ...] = Field(default=(), description="lower-case content words of the question")
