"""The pieces of a transcript: a command with what it printed, and what a piece tells when it was read."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tools.importers.transcript.command import RecordedCommand

Raw = dict[str, Any]
"""An object, or a part of one, in which moments may still be ages (``Ago``)."""


class Rank(IntEnum):
    """How much a text tells of an object; the fuller one wins.

    A manifest is a document that no API server has served: it says what somebody wanted, and is believed
    only of objects that other texts tell of.
    """

    TABLE = 1
    MANIFEST = 2
    DESCRIPTION = 3
    DOCUMENT = 4


@dataclass(frozen=True)
class Section:
    """What one command printed.

    Attributes:
        command: None where nobody said what was run.
        origin: what to call it where there is no command.
    """

    text: str
    command: RecordedCommand | None = None
    origin: str = ""

    @property
    def title(self) -> str:
        """The command's line, or whatever else it is called."""
        return self.command.line if self.command else self.origin


@dataclass(frozen=True)
class Told:
    """An object that a text told of."""

    item: Raw
    rank: Rank


@dataclass(frozen=True)
class LogText:
    """A log that was printed. Where it was asked for by workload or labels, ``pod`` is still empty."""

    text: str
    namespace: str
    pod: str = ""
    container: str = ""
    previous: bool = False
    workload: tuple[str, str] = ("", "")
    selector: str = ""


@dataclass
class Reading:
    """What a section told.

    Attributes:
        listed: (kind, namespace) of which every object was shown; the namespace is empty for all of them.
        unread: what could not be read, as it was.
    """

    section: Section
    told: list[Told] = field(default_factory=list)
    events: list[Raw] = field(default_factory=list)
    logs: list[LogText] = field(default_factory=list)
    listed: set[tuple[str, str]] = field(default_factory=set)
    version: str = ""
    unread: str = ""
