"""The causal chain: which findings lead from a root to what was asked about."""

from collections.abc import Iterator, Mapping, Sequence

from domain.evidence import Finding

LONGEST = 6
"""Links of a chain; a longer one explains nothing to anybody."""


def build_chain(root: Finding, findings: Sequence[Finding]) -> list[Finding]:
    """From the root to what was asked about: each finding is explained by one before it.

    Of several consequences the longest line of them that ends nearest to the question is told.
    """
    below: dict[str, list[Finding]] = {}
    for finding in findings:
        for id_ in finding.explained_by:
            below.setdefault(id_, []).append(finding)
    best = max(_lines(root, below, ()), key=_telling)
    return _without_repeats(best)


def _lines(
    finding: Finding, below: Mapping[str, Sequence[Finding]], path: tuple[Finding, ...]
) -> Iterator[tuple[Finding, ...]]:
    line = (*path, finding)
    yield line
    if len(line) < LONGEST:
        for consequence in below.get(finding.id, ()):
            if consequence not in line:
                yield from _lines(consequence, below, line)


def _telling(line: tuple[Finding, ...]) -> tuple[float, bool, int, int]:
    """Near the question, ending at a workload rather than at the Service before it, told in full."""
    objects = {finding.object for finding in line}
    last = line[-1]
    return (round(last.relevance, 2), last.object.kind != "Service", len(objects), -len(line))


def _without_repeats(line: Sequence[Finding]) -> list[Finding]:
    """One finding an object: the root's own symptoms say nothing new."""
    kept: list[Finding] = []
    for finding in line:
        if all(finding.object != other.object for other in kept):
            kept.append(finding)
    return kept
