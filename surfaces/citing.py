"""Which evidence an answer cites, in which order, and how much of it is shown: the same in every surface."""

from collections.abc import Mapping

from domain.diagnosis import Diagnosis
from domain.evidence import Evidence
from surfaces.text import sanitise

EVIDENCE_CHARACTERS = 400
EVIDENCE_LINES = 5


def number_evidence(diagnosis: Diagnosis) -> dict[str, int]:
    """Evidence id -> its number in the report, in the order of the argument; what does not exist has none."""
    known = {item.id for item in diagnosis.evidence}
    chain = [id_ for link in diagnosis.chain for id_ in link.evidence]
    also = [id_ for hypothesis in diagnosis.also for id_ in hypothesis.evidence]
    cited = dict.fromkeys((*diagnosis.cited, *chain, *also))
    return {id_: number for number, id_ in enumerate((id_ for id_ in cited if id_ in known), start=1)}


def sort_evidence(diagnosis: Diagnosis, numbers: Mapping[str, int]) -> list[Evidence]:
    """What is cited, in the order of the argument."""
    return sorted((e for e in diagnosis.evidence if e.id in numbers), key=lambda e: numbers[e.id])


def shorten(text: str) -> str:
    """The first lines of an observation, bounded and safe to print."""
    lines = [line.rstrip() for line in sanitise(text).splitlines() if line.strip()]
    kept = "\n".join(lines[:EVIDENCE_LINES])[:EVIDENCE_CHARACTERS]
    left = len("\n".join(lines)) - len(kept)
    return f"{kept} ..." if left > 0 else kept
