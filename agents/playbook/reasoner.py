"""The reasoner that needs no model: it plans from the findings and writes the diagnosis from them."""

from collections.abc import Iterable, Iterator, Sequence

from agents.playbook.chain import build_chain
from agents.playbook.ranking import CREDIBLE, IN_SCOPE, score, trace_back
from domain.case import CaseFile
from domain.diagnosis import CommandPlan, Diagnosis, Hypothesis, Link, Outcome
from domain.evidence import Evidence, Finding, Fix, IssueType, PlannedCommand, Source
from domain.objects import ObjectRef

HINT = 0.3
"""A finding below this confidence is not even mentioned."""

SUSPICIOUS = 0.35
"""A hint from this confidence on forbids to call a namespace well."""

NEAR = 0.5
"""A finding below this relevance is nobody's business unless nothing nearer is wrong."""

UNCONNECTED = 0.6
"""What is left of the confidence when nothing connects the cause with the workload asked about."""

SETTLED = 0.8
"""A cause from this confidence on is told without a model."""

COMMANDS_A_ROUND = 4
HYPOTHESES = 3


class PlaybookReasoner:
    """Answers both questions from the case file's findings; pure, in milliseconds."""

    name = "playbook"

    async def plan(self, case: CaseFile) -> CommandPlan:
        """The commands that would confirm or refute the best hypotheses and were not run yet.

        Enough is seen when every command of the best ones has run; with no finding at all, the logs
        of what was asked about are read once before it says so.
        """
        wanted = [c for finding in _worth_checking(case) for c in finding.confirm]
        wanted += _look_closer(case)
        fresh: dict[str, PlannedCommand] = {}
        for command in wanted:
            if not case.has_run(command.line):
                fresh.setdefault(command.line, command)
        commands = tuple(fresh.values())[:COMMANDS_A_ROUND]
        reason = (
            f"to check {len(commands)} things about the best hypotheses" if commands else "enough was seen"
        )
        return CommandPlan(commands=commands, reason=reason)

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        """The best finding that nothing else explains, with its chain; or "nothing wrong", or "unknown"."""
        root = choose_root(case)
        if root is None:
            return _find_nothing(case)
        chain = build_chain(root, case.findings)
        also = tuple(_hypothesis(f) for f in _independent(root, chain, case))
        asked = [finding for finding in chain if finding.object in case.scope.workloads]
        unaffected = _tell_unaffected(chain, case)
        apart = root.relevance <= IN_SCOPE and _is_apart(chain, case)
        doubt = UNCONNECTED if apart else 1.0
        return Diagnosis(
            outcome=Outcome.DIAGNOSED,
            summary=_summarise(root, asked[-1] if asked else chain[-1], unaffected),
            issue_type=_issue_type(root, chain),
            root_cause=root.cause,
            object=root.object,
            missing=root.missing,
            confidence=round(root.confidence * doubt, 2),
            chain=(*_missing_link(root), *(_link(finding) for finding in chain)),
            also=also,
            alternatives=tuple(_hypothesis(f) for f in _alternatives(root, chain, also, case)),
            cited=(*root.evidence, *(item.id for item in unaffected)),
            evidence=(*_cite(case, (root, *chain)), *unaffected),
            caveats=() if doubt == 1.0 else ("It is not known to be connected with what was asked about.",),
            fix=root.fix,
            verification=_verification(chain),
            open_questions=_open_questions(root, chain, case),
            cluster=case.scope.cluster,
            reasoner=self.name,
        )


def _believed(case: CaseFile) -> list[Finding]:
    """The findings that the person does not doubt."""
    return [finding for finding in case.findings if finding.id not in case.doubted]


def _credible(case: CaseFile) -> list[Finding]:
    return [f for f in _believed(case) if not f.explained_by and f.confidence >= CREDIBLE]


def choose_root(case: CaseFile) -> Finding | None:
    """The best credible finding that nothing explains: of those behind what was asked about, if any."""
    near = [f for f in _credible(case) if f.relevance >= NEAR]
    own = _behind_asked(case)
    return max([f for f in near if f.id in own] or near, key=lambda f: (score(f), f.id), default=None)


def is_settled(case: CaseFile) -> bool:
    """Whether the playbook is sure of a cause for what was asked about: a model could only repeat it."""
    root = choose_root(case)
    return root is not None and not root.symptom and root.confidence >= SETTLED and root.relevance > IN_SCOPE


def _behind_asked(case: CaseFile) -> set[str]:
    """The trouble of the very objects asked about, and what it goes back to."""
    asked = [f.id for f in case.findings if {f.object, f.subject} & set(case.scope.workloads)]
    return trace_back(asked, {f.id: f for f in case.findings})


def _tell_unaffected(chain: Sequence[Finding], case: CaseFile) -> tuple[Evidence, ...]:
    """What the survey saw of the workloads asked about, if none of them has a part in the trouble."""
    if not _is_apart((*chain, *case.findings), case):
        return ()
    return tuple(item for item in case.evidence if item.object in case.scope.workloads)


def _is_apart(findings: Iterable[Finding], case: CaseFile) -> bool:
    """Whether workloads were asked about, and none of them has a part in these findings."""
    return bool(case.scope.workloads) and _objects(findings).isdisjoint(case.scope.workloads)


def _objects(findings: Iterable[Finding]) -> set[ObjectRef]:
    return {ref for finding in findings for ref in (finding.object, finding.subject)}


def _summarise(root: Finding, affected: Finding, unaffected: Sequence[Evidence]) -> str:
    sentences = [root.cause[0].upper() + root.cause[1:]]
    if affected.object.name not in root.cause:
        sentences.append(f"That is why {affected.object.kind} {affected.object.name} is in trouble.")
    names = dict.fromkeys(f"{item.object.kind} {item.object.name}" for item in unaffected if item.object)
    if names:
        sentences.append(f"{' and '.join(names)} itself shows no fault.")
    return " ".join(sentences)


def _issue_type(root: Finding, chain: Sequence[Finding]) -> IssueType:
    types = [root.issue_type, *(f.issue_type for f in chain)]
    return next((t for t in types if t is not IssueType.UNKNOWN), IssueType.UNKNOWN)


def _link(finding: Finding) -> Link:
    return Link(object=finding.object, statement=finding.cause, evidence=finding.evidence)


def _missing_link(root: Finding) -> Iterator[Link]:
    """The chain begins at the object that does not exist, if that is the root."""
    if root.missing:
        yield Link(object=root.missing, statement="does not exist", evidence=root.evidence)


def _hypothesis(finding: Finding) -> Hypothesis:
    return Hypothesis(
        object=finding.object,
        issue_type=finding.issue_type,
        cause=finding.cause,
        confidence=round(finding.confidence, 2),
        reason=finding.reason,
        evidence=finding.evidence,
    )


def _independent(root: Finding, chain: Sequence[Finding], case: CaseFile) -> list[Finding]:
    """Other faults close to the question, each with a cause of its own; one an object."""
    seen = {root.object, root.subject, *(f.object for f in chain)}
    found = []
    for finding in _credible(case):
        if finding.relevance >= NEAR and finding.confidence >= 0.55 and finding.object not in seen:
            seen |= {finding.object, finding.subject}
            found.append(finding)
    return found[:HYPOTHESES]


def _alternatives(
    root: Finding, chain: Sequence[Finding], also: Sequence[Hypothesis], case: CaseFile
) -> list[Finding]:
    """What else was considered for the same objects, best first."""
    told, explained = {root.id, *(f.id for f in chain)}, _objects(chain)
    causes = {h.cause for h in also}
    rest = [
        finding
        for finding in _believed(case)
        if finding.id not in told
        and finding.cause not in causes
        and finding.relevance >= NEAR
        and not finding.explained_by
        and (finding.confidence >= CREDIBLE or finding.object not in explained)
    ]
    return sorted(rest, key=score, reverse=True)[:HYPOTHESES]


def _verification(chain: Sequence[Finding]) -> tuple[PlannedCommand, ...]:
    found: dict[str, PlannedCommand] = {}
    for finding in (chain[0], chain[-1]):
        for line in finding.verify:
            purpose = f"Has {finding.object.kind} {finding.object.name} recovered?"
            found.setdefault(line, PlannedCommand(line=line, purpose=purpose))
    return tuple(found.values())[:5]


def _open_questions(root: Finding, chain: Sequence[Finding], case: CaseFile) -> tuple[str, ...]:
    questions = [f"What made {root.object} fail beyond this was not seen."] if root.symptom else []
    hints = [f for f in _hints(case) if f.confidence < CREDIBLE and f.object not in _objects(chain)]
    return (*questions, *(f"Perhaps worth a look: {finding.cause}" for finding in hints[:2]))


def _hints(case: CaseFile) -> list[Finding]:
    """What nothing explains, close to the question, and more than a guess."""
    return [f for f in _believed(case) if not f.explained_by and f.relevance >= NEAR and f.confidence >= HINT]


def _cite(case: CaseFile, findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    by_id = case.by_id()
    ids = dict.fromkeys(id_ for finding in findings for id_ in finding.evidence)
    return tuple(by_id[id_] for id_ in ids if id_ in by_id)


def _worth_checking(case: CaseFile) -> list[Finding]:
    """The best few hypotheses, and the symptoms for which no cause is known yet."""
    near = [f for f in _believed(case) if f.relevance >= NEAR and f.confidence >= CREDIBLE]
    roots = [f for f in near if not f.explained_by]
    unsettled = [f for f in roots if f.symptom]
    consequences = [f for f in near if f.explained_by and f.symptom]
    return [*unsettled[:HYPOTHESES], *roots[:HYPOTHESES], *consequences[:1]]


def _look_closer(case: CaseFile) -> Iterator[PlannedCommand]:
    """What to read when no finding is credible: the logs and events of what was asked about."""
    if choose_root(case) is not None:
        return
    for ref in case.scope.workloads[:2]:
        if ref.kind in ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job"):
            line = f"kubectl logs {ref.path} -n {ref.namespace} --tail=60"
            yield PlannedCommand(line=line, purpose=f"What does {ref.name} say?")
    namespaces = dict.fromkeys([*(ref.namespace for ref in case.scope.workloads), *case.scope.namespaces])
    for namespace in [name for name in namespaces if name][:2]:
        line = f"kubectl events -n {namespace} --types=Warning"
        yield PlannedCommand(line=line, purpose=f"What was warned of in {namespace}?")


def _find_nothing(case: CaseFile) -> Diagnosis:
    """Nothing credible: everything looked at is well, or it could not be looked at."""
    hints, well = _hints(case), _tell_well(case)
    if case.doubted or not well or any(hint.confidence >= SUSPICIOUS for hint in hints):
        told = f"No cause was found, only that something is wrong: {hints[0].cause}" if hints else ""
        return Diagnosis(
            outcome=Outcome.UNKNOWN,
            summary=told or f"No {'other ' if case.doubted else ''}cause was found in what could be seen.",
            evidence=_cite(case, hints),
            alternatives=tuple(_hypothesis(hint) for hint in hints[1:HYPOTHESES]),
            cluster=case.scope.cluster,
        )
    return Diagnosis(
        outcome=Outcome.HEALTHY,
        summary=f"Nothing wrong found: {'; '.join(item.text for item in well[:3])}.",
        issue_type=IssueType.NONE,
        confidence=0.8 if not case.not_seen else 0.6,
        cited=tuple(item.id for item in well),
        evidence=tuple(well),
        fix=Fix(summary="Nothing needs to be changed."),
        open_questions=tuple(f"Perhaps worth a look: {hint.cause}" for hint in hints[:2]),
        cluster=case.scope.cluster,
    )


def _tell_well(case: CaseFile) -> list[Evidence]:
    """The survey's statements that what was asked about is well; none unless every namespace is."""
    spaces = [item for item in case.evidence if item.object and item.object.kind == "Namespace"]
    if not set(case.scope.namespaces) <= {item.object.name for item in spaces if item.object}:
        return []
    asked = [i for i in case.evidence if i.object in case.scope.workloads and i.source is Source.OBJECT]
    return [*asked, *spaces]
