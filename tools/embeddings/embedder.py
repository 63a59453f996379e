"""What turns text into vectors: a protocol."""

from collections.abc import Sequence
from typing import Protocol

Vector = tuple[float, ...]


class Embedder(Protocol):
    """A model that places texts of like meaning near each other."""

    @property
    def name(self) -> str:
        """The model and its setting, such as ``titan-v2/256``; vectors of two names do not mix."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of every vector."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length 1 for each text, in their order. Texts too long for the model are cut.

        Raises:
            EmbeddingUnavailable: the model cannot be reached, refuses or throttles for too long.
        """
        ...
