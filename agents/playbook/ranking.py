"""Which finding explains which, and which is closest to the question."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from rapidfuzz import fuzz

from agents.playbook.scene import Scene
from agents.playbook.topology import Topology
from domain.evidence import Finding
from domain.objects import ObjectRef

ELSEWHERE, IN_SCOPE, DEPENDANT, ASKED = 0.15, 0.55, 0.6, 1.0
WORD_MATCH = 0.35
STEP = 0.03
"""What one edge of distance from the asked object costs."""
CREDIBLE = 0.45
"""A finding below this confidence is a hint; it is never reported as the cause, and explains nothing."""
MOST_STEPS = 12
"""How far away the cause of a symptom may be, in edges of "needs"."""
MOST_CAUSES = 3
"""How many explanations a symptom keeps, nearest first."""


def link_findings(
    findings: Sequence[Finding],
    blames: Mapping[str, Sequence[ObjectRef]],
    alone: Collection[str],
    topology: Topology,
) -> list[Finding]:
    """Say of each symptom which findings it is a consequence of.

    A symptom is explained by the causes found on the objects it blames, else on any object it needs,
    nearest first, and by the nearest symptom on the way to them (on the same object only one that
    points elsewhere); a cause is explained by nothing. One of ``alone`` is explained by nothing but what
    was found on the very same objects.
    """
    links = _Links(findings, blames, alone, topology)
    linked = [f.model_copy(update={"explained_by": links.explain(f) if f.symptom else ()}) for f in findings]
    return _break_circles(linked)


class _Links:
    """Findings by the objects they are about, so that one looks only at those within reach."""

    def __init__(
        self,
        findings: Sequence[Finding],
        blames: Mapping[str, Sequence[ObjectRef]],
        alone: Collection[str],
        topology: Topology,
    ) -> None:
        self._blames, self._alone, self._topology = blames, alone, topology
        self._findings = {finding.id: finding for finding in findings}
        self._about: dict[ObjectRef, list[str]] = defaultdict(list)
        for finding in self._findings.values():
            for ref in {finding.subject, finding.object}:
                self._about[ref].append(finding.id)

    def explain(self, finding: Finding) -> tuple[str, ...]:
        """The ids of what explains a symptom: the nearest causes, and the symptom on the way to them."""
        steps = self._reach(finding)
        ranked = sorted(
            (self._findings[id_] for id_ in steps),
            key=lambda f: (steps[f.id], f.symptom, -f.confidence, f.id),
        )
        causes = [f for f in ranked if not f.symptom]
        if not causes:
            return tuple(f.id for f in ranked[:MOST_CAUSES])
        between = [
            f
            for f in ranked
            if steps[f.id] < steps[causes[0].id] and (f.object != finding.object or self._blames.get(f.id))
        ]
        return tuple(f.id for f in (*causes[:MOST_CAUSES], *between[:1]))

    def _reach(self, finding: Finding) -> dict[str, int]:
        """The findings that may explain one, with the steps to them.

        They are credible, and none is beyond the nearest that tells its own cause.
        """
        sources = self._blames.get(finding.id) or (finding.subject, finding.object)
        near = self._topology.distances(sources, limit=0 if finding.id in self._alone else MOST_STEPS)
        steps: dict[str, int] = {}
        for ref, distance in near.items():
            for id_ in self._about.get(ref, ()):
                steps[id_] = min(distance, steps.get(id_, distance))
        steps.pop(finding.id, None)
        told = min((d for id_, d in steps.items() if id_ in self._alone), default=MOST_STEPS)
        return {id_: d for id_, d in steps.items() if d <= told and self._is_credible(id_)}

    def _is_credible(self, id_: str) -> bool:
        finding = self._findings[id_]
        return finding.symptom or finding.confidence >= CREDIBLE


def _break_circles(findings: Sequence[Finding]) -> list[Finding]:
    """Of symptoms that explain each other, the most certain one (it says the most) is the root."""
    by_id = {finding.id: finding for finding in findings}
    for finding in sorted(findings, key=lambda f: -f.confidence):
        kept = tuple(id_ for id_ in finding.explained_by if finding.id not in trace_back([id_], by_id))
        by_id[finding.id] = finding.model_copy(update={"explained_by": kept})
    return list(by_id.values())


def trace_back(ids: Iterable[str], by_id: Mapping[str, Finding]) -> set[str]:
    """These findings and everything that explains them, directly or not."""
    seen = set(ids)
    queue = list(seen)
    while queue:
        above = set(by_id[queue.pop()].explained_by) - seen
        seen |= above
        queue += above
    return seen


def weigh_findings(findings: Sequence[Finding], scene: Scene, topology: Topology) -> list[Finding]:
    """Rank: causes before what they explain, near the question before far, certain before likely."""
    nearness = _Nearness(scene, topology)
    by_id = {f.id: f.model_copy(update=nearness.weigh(f)) for f in findings}
    for finding in list(by_id.values()):
        for id_ in trace_back(finding.explained_by, by_id):
            if not by_id[id_].explained_by:
                _inherit(finding, by_id, id_)
    return sorted(by_id.values(), key=_rank)


def _rank(finding: Finding) -> tuple[bool, float, str]:
    return (bool(finding.explained_by), -score(finding), finding.id)


def score(finding: Finding) -> float:
    """0 to 1: relevance first, then confidence; a bare symptom counts less than a cause."""
    return (0.65 * finding.relevance + 0.35 * finding.confidence) * (0.75 if finding.symptom else 1.0)


def _inherit(consequence: Finding, by_id: dict[str, Finding], root_id: str) -> None:
    root = by_id[root_id]
    inherited = consequence.relevance - STEP
    if inherited > root.relevance:
        reason = f"explains the trouble of {consequence.object}"
        by_id[root_id] = root.model_copy(update={"relevance": inherited, "reason": reason})


class _Nearness:
    """How close an object is to what was asked, and why."""

    def __init__(self, scene: Scene, topology: Topology) -> None:
        self._scope = scene.scope
        asked = set(scene.scope.workloads)
        asked |= {scene.owner(ref) for ref in asked}
        self._below = topology.distances(asked)
        self._above = topology.dependants(asked) if asked else set()
        spoken_for = {part for ref in asked for part in (*ref.name.split("-"), ref.namespace)}
        self._open_words = [word for word in scene.scope.words if word not in spoken_for]

    def weigh(self, finding: Finding) -> dict[str, object]:
        """``relevance`` and ``reason`` of a finding."""
        best = max((self._weigh_object(ref) for ref in (finding.subject, finding.object)), key=lambda w: w[0])
        return {"relevance": min(1.0, round(best[0], 3)), "reason": best[1]}

    def _weigh_object(self, ref: ObjectRef) -> tuple[float, str]:
        if ref in self._below:
            steps = self._below[ref]
            reason = (
                "what was asked about"
                if not steps
                else f"{steps} step{'s' * (steps > 1)} from what was asked about"
            )
            return max(DEPENDANT, ASKED - STEP * steps), reason
        in_scope = not self._scope.namespaces or ref.namespace in self._scope.namespaces
        base, reason = (IN_SCOPE, "in the namespaces asked about") if in_scope else (ELSEWHERE, "elsewhere")
        if ref in self._above:
            base, reason = max(base, DEPENDANT), "depends on what was asked about"
        # A word that was resolved to the object asked about says nothing about a namesake elsewhere.
        if word := match_word(ref, self._scope.words if in_scope else self._open_words):
            base, reason = base + WORD_MATCH, f"the question says {word!r}"
        return base, reason


def match_word(ref: ObjectRef, words: Iterable[str]) -> str:
    """The word of the question that sounds most like the object's name, or nothing."""
    parts = [part for part in ref.name.lower().split("-") if len(part) > 3 and not part.isdigit()]
    for word in words:
        if len(word) > 3 and any(_sounds_alike(part, word) for part in parts):
            return word
    return ""


def _sounds_alike(part: str, word: str) -> bool:
    shared = min(len(part), len(word))
    same_stem = part[:shared] == word[:shared] or (shared > 5 and part[: shared - 2] == word[: shared - 2])
    return same_stem or fuzz.ratio(part, word) >= 85
