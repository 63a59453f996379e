"""What a description needs besides its object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.objects import KubeObject
from tools.kubectl.tables.columns import entries, part


@dataclass(frozen=True)
class Related:
    """The object's events, and the objects of other kinds that its description looks at.

    Attributes:
        now: the moment that ages are counted from.
        events: events about the object; None to leave them out.
        objects: by kind, those of the same namespace (of all, for a Node).
    """

    now: datetime
    events: Sequence[KubeObject] | None = None
    objects: Mapping[str, Sequence[KubeObject]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Sequence[KubeObject]:
        """The related objects of a kind."""
        return self.objects.get(kind, ())

    def owned_by(self, owner: KubeObject, kind: str) -> list[KubeObject]:
        """The objects of a kind that ``owner`` controls."""
        uid = part(owner, "metadata", "uid")
        return [
            item
            for item in self.of_kind(kind)
            if any(
                o.get("uid") == uid and o.get("controller")
                for o in entries(item, "metadata", "ownerReferences")
            )
        ]
