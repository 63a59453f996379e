"""Lines that might answer a search -> hits: several rankings fused, repetitions behind, a reason for each."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from tools.logs.fusion import fuse
from tools.logs.lines import read_line
from tools.logs.store import LogDocument, LogHit, LogQuery
from tools.logs.words import query_words, split_words

WEIGHTS = {"words": 2.0, "meaning": 1.0, "severity": 1.0, "rarity": 0.5, "recency": 0.5}
"""What each ranking weighs in a search."""

REPETITION = 0.85
"""Each further line of a template counts this much of the one before: hits should tell different things."""


@dataclass(frozen=True)
class Candidate:
    """A line with its rank by each signal (1 is the top). ``alike`` counts its template; 0: not known."""

    document: LogDocument
    template: Hashable
    alike: int
    ranks: Mapping[str, float]


def choose(candidates: Sequence[Candidate], query: LogQuery) -> list[LogHit]:
    """The best candidates, best first; of equals the one that comes first."""
    if not candidates:
        return []
    signals = [signal for signal in WEIGHTS if signal in candidates[0].ranks]
    columns = [(WEIGHTS[signal], [one.ranks[signal] for one in candidates]) for signal in signals]
    scored = sorted(zip(fuse(columns), candidates, strict=True), key=lambda pair: -pair[0])
    words = set(query_words(query.text))
    return [
        LogHit(document=one.document, score=score, reason=_tell_reason(one, words), alike=one.alike)
        for score, one in _demote_repetitions(scored)[: query.limit]
    ]


def _demote_repetitions(scored: Sequence[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    seen: Counter[Hashable] = Counter()
    demoted = []
    for score, one in scored:
        demoted.append((score * REPETITION ** seen[one.template], one))
        seen[one.template] += 1
    return sorted(demoted, key=lambda pair: -pair[0])


def _tell_reason(one: Candidate, words: set[str]) -> str:
    document = one.document
    told = f"{read_line(document.message).text} {document.pod} {document.container}"
    matched = [word for word in split_words(told) if word in words]
    parts = [", ".join(dict.fromkeys(matched)), document.level.name.lower()]
    if one.alike:
        parts.append("the only line of its kind" if one.alike == 1 else f"{one.alike} lines alike")
    return "; ".join(filter(None, parts))
