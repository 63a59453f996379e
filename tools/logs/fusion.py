"""Several rankings of the same things -> one."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

SMOOTHING = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009)."""


def rank(values: Sequence[float]) -> list[float]:
    """The rank of each value, the lowest value is first; equal values share the middle of their ranks.

    So a class with many members (every line that is merely INFO) stands clearly behind the few before it.
    """
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + 1 + bisect_right(ordered, value)) / 2 for value in values]


def fuse(rankings: Sequence[tuple[float, Sequence[float]]]) -> list[float]:
    """Reciprocal rank fusion of (weight, ranks): a score for each thing, higher is better."""
    columns = zip(*(ranks for _, ranks in rankings), strict=True)
    weights = [weight for weight, _ in rankings]
    return [sum(w / (SMOOTHING + r) for w, r in zip(weights, ranks, strict=True)) for ranks in columns]
