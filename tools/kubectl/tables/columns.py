"""What a table is: named columns, and how an object fills one row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.objects import KubeObject
from tools.kubectl.text import tell_age

Cells = Sequence[object]


@dataclass(frozen=True)
class View:
    """How a table is looked at: the moment that ages are counted from, and ``-o wide``."""

    now: datetime
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """The columns of a kind and the cells of one object; a ``+`` marks a column of ``-o wide``."""

    columns: tuple[str, ...]
    fill: Callable[[KubeObject, View], Cells]

    @classmethod
    def of(cls, columns: str, fill: Callable[[KubeObject, View], Cells]) -> "Table":
        """Read columns that are written ``NAME|READY|+IMAGES``."""
        return cls(tuple(columns.split("|")), fill)

    def header(self, view: View) -> list[str]:
        """The names of the columns that are shown."""
        return [name.removeprefix("+") for name in self.columns if self._shows(name, view)]

    def row(self, item: KubeObject, view: View) -> list[str]:
        """The cells that are shown, as text."""
        cells = zip(self.columns, self.fill(item, view), strict=True)
        return [write_cell(cell) for name, cell in cells if self._shows(name, view)]

    def _shows(self, name: str, view: View) -> bool:
        return view.wide or not name.startswith("+")


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


def age_of(item: KubeObject, view: View) -> str:
    """The AGE of an object."""
    return tell_age(part(item, "metadata", "creationTimestamp"), view.now)
