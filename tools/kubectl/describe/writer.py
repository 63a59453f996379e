"""Writes descriptions: indented fields, label lists, sub-tables and events, in kubectl's layout."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from domain.objects import KubeObject
from tools.cluster.events import Event
from tools.cluster.times import parse_time
from tools.kubectl.tables.columns import entries, mapping, name_of, part
from tools.kubectl.tables.events import message_of, source_of, tell_interval
from tools.kubectl.text import NONE, align

MAX_ANNOTATION = 140
"""Characters of an annotation that are shown on its line, as in kubectl."""

_SKIPPED_ANNOTATIONS = ("kubectl.kubernetes.io/last-applied-configuration",)


class Writer:
    """Lines with tabs between cells; ``text`` lays them out."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._lines: list[str] = []

    def text(self) -> str:
        """Everything that was written, with its columns lined up."""
        return align("\n".join(self._lines))

    def line(self, text: str = "", level: int = 0) -> None:
        """A line, indented by two spaces a level."""
        self._lines.append("  " * level + text)

    def field(self, name: str, value: object, level: int = 0) -> None:
        """``Name:  value``."""
        self.line(f"{name}:\t{value}", level)

    def optional(self, name: str, value: object, level: int = 0) -> None:
        """A field that is left out when it has no value."""
        if value not in (None, "", [], {}):
            self.field(name, value, level)

    def several(self, title: str, values: Sequence[str], level: int = 0) -> None:
        """A field with one value a line, or ``<none>``."""
        self.field(title, values[0] if values else NONE, level)
        for value in values[1:]:
            self._lines.append(f"\t{value}")

    def labels(self, title: str, labels: Mapping[str, Any]) -> None:
        """``key=value`` lines, sorted."""
        self.several(title, [f"{key}={value}" for key, value in sorted(labels.items())])

    def annotations(self, title: str, annotations: Mapping[str, Any]) -> None:
        """``key: value`` lines, sorted; long values go below their key and are cut."""
        lines: list[str] = []
        for key, raw in sorted(annotations.items()):
            if key in _SKIPPED_ANNOTATIONS:
                continue
            value = str(raw).removesuffix("\n")
            if len(key) + len(value) + 2 <= MAX_ANNOTATION and "\n" not in value:
                lines.append(f"{key}: {value}")
                continue
            lines.append(f"{key}:")
            lines += [f"  {_shorten(line)}" for line in value.split("\n")]
        self.several(title, lines)

    def heading(self, item: KubeObject, *, namespaced: bool = True) -> None:
        """Name and namespace."""
        self.field("Name", name_of(item))
        if namespaced:
            self.field("Namespace", part(item, "metadata", "namespace") or "")

    def metadata(self, item: KubeObject) -> None:
        """Labels and annotations."""
        self.labels("Labels", mapping(item, "metadata", "labels"))
        self.annotations("Annotations", mapping(item, "metadata", "annotations"))

    def table(
        self, header: str, rows: Sequence[Sequence[object]], level: int = 1, *, rulers: Sequence[int] = ()
    ) -> None:
        """A sub-table; columns of the header are parted by ``|``, rulers are as long as their headings."""
        columns = header.split("|")
        self.line("\t".join(columns), level)
        lengths = rulers or [len(column) for column in columns]
        self.line("\t".join("-" * length for length in lengths), level)
        for row in rows:
            self.line("\t".join(str(cell) for cell in row), level)

    def events(self, events: Sequence[KubeObject], now: datetime) -> None:
        """The events of the object, oldest first."""
        if not events:
            self.field("Events", NONE)
            return
        rows = [
            (e.get("type"), e.get("reason"), tell_interval(e, now), source_of(e)[0], _one_line(message_of(e)))
            for e in sorted(events, key=lambda e: Event.of(e).last)
        ]
        self.line("Events:")
        self.line("Type\tReason\tAge\tFrom\tMessage", 1)
        self.line("----\t------\t----\t----\t-------", 1)
        for row in rows:
            self.line("\t".join(str(cell or "") for cell in row), 1)


def _shorten(line: str) -> str:
    return line if len(line) <= MAX_ANNOTATION - 2 else line[: MAX_ANNOTATION - 2] + "..."


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\n", " ")


def write_time(value: object) -> str:
    """``Tue, 24 Nov 2026 14:14:05 +0000``, in UTC; Go's zero time for none."""
    moment = parse_time(value)
    if moment is None:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    return format_datetime(moment.astimezone(UTC))


def controller_of(item: KubeObject) -> str:
    """``ReplicaSet/web-5d4f``: the controlling owner, or the empty string."""
    owners = entries(item, "metadata", "ownerReferences")
    return next((f"{o.get('kind')}/{o.get('name')}" for o in owners if o.get("controller")), "")
