"""Tables that lost their header to a pipe or to ``--no-headers``: what their columns are."""

from collections.abc import Sequence

from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.objects import frame
from tools.kubectl.tables import find_printer
from tools.kubectl.tables.columns import is_shown

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
        wide = bool(command and command.output == "wide")
        columns = find_printer([frame(kind, "any")]).columns
        names = [column.name for column in columns if is_shown(column, wide=wide)]
    if "--all-namespaces" in flags:
        names = ["NAMESPACE", *names]
    if "--show-labels" in flags:
        names = [*names, "LABELS"]
    older = [name for name in names if name not in _NEWER]
    return [names, older] if older != names and kind != "Pod" else [names]
