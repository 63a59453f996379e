"""What a scene must lead to."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.objects import ObjectRef
from tests.agents.playbook.builders import Family
from tests.agents.playbook.scene import Piece


@dataclass(frozen=True)
class Case:
    """A scene that a rule must recognise.

    Attributes:
        rule: the rule that must fire.
        variant: what is particular about this scene.
        pieces: objects, events and log lines of the scene; the question is about the first workload
            among them unless ``about`` says otherwise.
        at: the object at fault, in the finding and in the diagnosis.
        says: what the cause must name.
        missing: the object that does not exist and should.
        words: what the question says besides; without them the rule is not asked.
        decides: whether the finding is the diagnosis' root. A hint is not.
    """

    rule: str
    variant: str
    pieces: list[Piece]
    at: ObjectRef
    says: tuple[str, ...]
    missing: ObjectRef | None = None
    about: ObjectRef | None = None
    decides: bool = True
    words: tuple[str, ...] = ()

    @property
    def asked(self) -> ObjectRef:
        """What the question is about."""
        return self.about or next(self._families()).ref

    @property
    def id(self) -> str:
        """Rule and variant."""
        return f"{self.rule}: {self.variant}"

    def _families(self) -> Iterator[Family]:
        return (piece for piece in self.pieces if isinstance(piece, Family))
