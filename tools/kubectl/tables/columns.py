"""How objects of a kind are printed: named columns, and how an object fills one row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.objects import KubeObject
from tools.cluster.reader import Column, PrintedTable, Row
from tools.kubectl.text import tell_age

Cells = Sequence[object]


@dataclass(frozen=True)
class Printer:
    """The columns of a kind and the cells of one object."""

    columns: tuple[Column, ...]
    fill: Callable[[KubeObject, datetime], Cells]

    @classmethod
    def of(cls, columns: str, fill: Callable[[KubeObject, datetime], Cells]) -> "Printer":
        """Read columns that are written ``NAME|READY|+IMAGES``; a ``+`` marks one of ``-o wide``."""
        named = (
            Column(name=name.removeprefix("+"), priority=int(name.startswith("+")))
            for name in columns.split("|")
        )
        return cls(tuple(named), fill)

    def print(self, items: Iterable[KubeObject], now: datetime) -> PrintedTable:
        """The table of objects; ages are counted from ``now``."""
        rows = [Row(cells=tuple(self.fill(item, now)), object=item) for item in items]
        return PrintedTable(columns=self.columns, rows=tuple(rows))


def is_shown(column: Column, *, wide: bool) -> bool:
    """Whether a column is shown, with ``-o wide`` or without."""
    return wide or column.priority == 0


def write_cell(value: object) -> str:
    """A value as Go prints it: ``true``, ``3``; nothing for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def part(item: Any, *path: str | int) -> Any:
    """The value at a path of keys and indices, or None where there is none."""
    for step in path:
        if isinstance(step, int):
            item = item[step] if isinstance(item, list) and len(item) > step else None
        else:
            item = item.get(step) if isinstance(item, dict) else None
    return item


def entries(item: Any, *path: str | int) -> list[Any]:
    """The list at a path; empty where there is none."""
    found = part(item, *path)
    return found if isinstance(found, list) else []


def mapping(item: Any, *path: str | int) -> dict[str, Any]:
    """The map at a path; empty where there is none."""
    found = part(item, *path)
    return found if isinstance(found, dict) else {}


def number(item: Any, *path: str | int) -> int:
    """The whole number at a path, 0 where there is none."""
    found = part(item, *path)
    return found if isinstance(found, int) else 0


def name_of(item: KubeObject) -> str:
    """The name of an object."""
    return str(part(item, "metadata", "name") or "")


def age_of(item: KubeObject, now: datetime) -> str:
    """The AGE of an object."""
    return tell_age(part(item, "metadata", "creationTimestamp"), now)
