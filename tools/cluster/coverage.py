"""What a recording holds whole: only then is the absence of an object a fact."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from tools.cluster.bounds import Bounds
from tools.cluster.reader import ClusterReader


class Coverage(BaseModel):
    """What was read when the recording was made.

    Attributes:
        namespaces: the only ones that were looked into; empty: that is not known.
        everywhere: the kinds of which every object in the cluster was recorded; those without a namespace.
        kinds: by namespace, the kinds of which every object in it was recorded.
        unseen: why a kind could not be read, wholly or in one of the namespaces.
    """

    model_config = ConfigDict(frozen=True)

    namespaces: tuple[str, ...] = ()
    everywhere: frozenset[str] = frozenset()
    kinds: dict[str, frozenset[str]] = {}
    unseen: dict[str, str] = {}

    @classmethod
    def of(
        cls, listed: Iterable[tuple[str, str]], unseen: Mapping[str, str], namespaces: Iterable[str]
    ) -> "Coverage":
        """From pairs of kind and namespace."""
        kinds: dict[str, set[str]] = {}
        for kind, namespace in listed:
            kinds.setdefault(namespace, set()).add(kind)
        everywhere = kinds.pop("", set())
        return cls.model_validate(
            {
                "namespaces": tuple(namespaces),
                "everywhere": everywhere,
                "kinds": kinds,
                "unseen": dict(unseen),
            }
        )

    def describe(self) -> dict[str, Any]:
        """For ``incident.yaml``: plain lists, in order."""
        return {
            "namespaces": list(self.namespaces),
            "everywhere": sorted(self.everywhere),
            "kinds": {namespace: sorted(kinds) for namespace, kinds in sorted(self.kinds.items())},
            "unseen": dict(sorted(self.unseen.items())),
        }

    def draw_bounds(self, known: Iterable[str]) -> Bounds:
        """The namespaces that were looked into; others of those ``known`` lie outside."""
        bounds = Bounds(namespaces=self.namespaces, drawn_by="the recording")
        return replace(bounds, outside=frozenset(name for name in known if not bounds.allow(name)))

    def has_all(self, kind: str, namespace: str | None) -> bool:
        """Whether every object of a kind in a namespace was recorded; None: in one namespace at least."""
        if kind in self.everywhere:
            return True
        places = self.kinds if namespace is None else (namespace,)
        return any(kind in self.kinds.get(place, ()) for place in places)

    def explain(self, kind: str) -> str:
        """Why the absence of an object of a kind says nothing; empty where it is a fact."""
        if why := self.unseen.get(kind, ""):
            return why
        return "" if self.has_all(kind, None) else "they were not recorded."


@runtime_checkable
class PartialReader(Protocol):
    """What a ``ClusterReader`` may be besides: one that knows of what it does not hold all."""

    @property
    def coverage(self) -> Coverage | None:
        """What it holds whole; None where that was not written down, or where it is a living cluster."""
        ...


def read_coverage(reader: ClusterReader) -> Coverage | None:
    """``PartialReader.coverage`` of a reader that has it."""
    return reader.coverage if isinstance(reader, PartialReader) else None
