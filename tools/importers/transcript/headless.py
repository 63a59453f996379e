"""Tables that lost their header to a pipe or to ``--no-headers``: what their columns are."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.objects import frame
from tools.kubectl.tables import View, table_for

_NOW = datetime(2000, 1, 1, tzinfo=UTC)
_EVENTS = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
_NEWER = ("VOLUMEATTRIBUTESCLASS", "STATUS")
"""Columns that older versions of kubectl do not print: of claims, and of Jobs."""


def columns_without_header(kind: str, command: RecordedCommand | None) -> list[Sequence[str]]:
    """The column names that a table of a kind may have, the likeliest first; none for an unknown kind."""
    if not kind:
        return []
    flags = command.flags if command else {}
    if kind == "Event" and command and command.output != "wide":
        names = list(_EVENTS)
    else:
        table = table_for([frame(kind, "any")])
        names = table.header(View(_NOW, wide=bool(command and command.output == "wide")))
    if "--all-namespaces" in flags:
        names = ["NAMESPACE", *names]
    if "--show-labels" in flags:
        names = [*names, "LABELS"]
    older = [name for name in names if name not in _NEWER]
    return [names, older] if older != names and kind != "Pod" else [names]
