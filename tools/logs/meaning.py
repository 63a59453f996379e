"""Templates near a question, by vectors that are made when they are first needed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from tools.embeddings.embedder import Embedder

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

Key = TypeVar("Key")

NEAREST = 30
"""Templates that a question brings to the surface, at most."""

LEAST_NEARNESS = 0.2
"""Cosines of what has nothing to do with each other lie below that, with the sentence models in use."""

LEAST_SHARE = 0.75
"""What is less near than this share of the nearest is left to be found by words."""


def keep_near(nearness: Mapping[Key, float]) -> dict[Key, float]:
    """What stands out of some cosines, the nearest first."""
    best = sorted(nearness.items(), key=lambda pair: -pair[1])[:NEAREST]
    least = max(LEAST_NEARNESS, LEAST_SHARE * best[0][1]) if best else 0.0
    return {key: cosine for key, cosine in best if cosine >= least}


class TemplateMeanings:
    """Vectors of the templates of one store: there are hundreds, so each question is compared with all."""

    def __init__(self, embedder: Embedder) -> None:
        """Nothing is embedded yet."""
        self._embedder = embedder
        self._known: dict[int, NDArray[float32]] = {}

    async def find(self, text: str, templates: Mapping[int, str]) -> dict[int, float]:
        """The nearest of some templates, given as number -> text, each with its cosine.

        Raises:
            EmbeddingUnavailable: the model cannot be used.
        """
        import numpy

        missing = [number for number in templates if number not in self._known]
        *made, question = await self._embedder.embed([*(templates[number] for number in missing), text])
        self._known |= {
            number: numpy.asarray(vector, "float32") for number, vector in zip(missing, made, strict=True)
        }
        if not templates:
            return {}
        matrix = numpy.stack([self._known[number] for number in templates])
        cosines = matrix @ numpy.asarray(question, "float32")
        return keep_near(dict(zip(templates, cosines.tolist(), strict=True)))
