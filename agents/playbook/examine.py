"""Running the rules over a scene: from signals to ranked findings that explain each other."""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from agents.playbook.analyzers import ANALYZERS
from agents.playbook.ranking import link_findings, weigh_findings
from agents.playbook.rule import Rule, Target
from agents.playbook.scene import Match, Scene
from agents.playbook.signals import match_rule
from agents.playbook.topology import Topology
from domain.evidence import Evidence, Finding, Fix, PlannedCommand
from domain.objects import ObjectRef

MOST_CITED = 8
"""Pieces of evidence that a finding about several Pods keeps."""

_NUMBERS = re.compile(r"\d+")
"""Numbers, in which alone the evidence of two Pods often differs: of restarts, of seconds."""


class Examination(BaseModel):
    """Findings, best first, and the evidence they cite."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def examine(rules: Sequence[Rule], scene: Scene) -> Examination:
    """Match every rule, link consequences to causes, rank by what was asked."""
    matched = [(rule, match) for rule in rules for match in _matches(rule, scene)]
    findings = [_conclude(rule, match, scene) for rule, match in matched]
    blames = {finding.id: match.blames for finding, (_, match) in zip(findings, matched, strict=True)}
    alone = {finding.id for finding, (_, match) in zip(findings, matched, strict=True) if match.alone}
    topology = Topology(scene)
    evidence = {item.id: item for _, match in matched for item in match.evidence}
    linked = link_findings(_merge(findings, evidence), blames, alone, topology)
    return Examination(
        findings=tuple(weigh_findings(linked, scene, topology)), evidence=tuple(evidence.values())
    )


def _matches(rule: Rule, scene: Scene) -> Iterable[Match]:
    return ANALYZERS[rule.analyzer](scene) if rule.analyzer else match_rule(rule, scene)


def _merge(findings: Iterable[Finding], evidence: Mapping[str, Evidence]) -> list[Finding]:
    """One finding a rule and *object at fault*: three Pods of one Deployment are one trouble.

    What a further Pod shows is cited only where it says something else than the first.
    """
    merged: dict[tuple[str, ObjectRef, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.object, str(finding.missing or finding.object))
        if finding.object == finding.subject:
            key = (finding.rule, finding.subject, "")
        first = merged.setdefault(key, finding)
        if first is not finding:
            told = {_NUMBERS.sub("", evidence[id_].text) for id_ in first.evidence}
            new = [id_ for id_ in finding.evidence if _NUMBERS.sub("", evidence[id_].text) not in told]
            cited = tuple(dict.fromkeys((*first.evidence, *new)))[:MOST_CITED]
            merged[key] = first.model_copy(update={"evidence": cited})
    return list(merged.values())


class _Sentence(string.Formatter):
    """``str.format`` with names only: no attribute, no index, unknown names become ``?``."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(field_name, "?"), field_name


_SENTENCE = _Sentence()
_ROLLOUT = re.compile(r"kubectl rollout (?P<verb>\w+) (?P<kind>\w+)/")
_ROLLING = {"deployment", "statefulset", "daemonset"}


def fill(template: str, variables: dict[str, str]) -> str:
    """Fill a rule's sentence. Values are data: braces in them mean nothing."""
    return _SENTENCE.vformat(template, (), variables)


def _conclude(rule: Rule, match: Match, scene: Scene) -> Finding:
    variables = {**_name(match.subject, scene), **match.variables}
    target = match.object or _resolve(rule.object, match.subject, variables)
    at_fault = target if target and scene.snapshot.find(target) else None
    return Finding(
        rule=rule.id,
        object=at_fault or scene.owner(match.subject),
        subject=match.subject,
        issue_type=match.issue_type or rule.issue_type,
        cause=fill(rule.cause, variables),
        confidence=match.confidence or rule.confidence,
        missing=match.missing or _resolve(rule.missing, match.subject, variables),
        symptom=rule.symptom,
        evidence=tuple(dict.fromkeys(item.id for item in match.evidence)),
        confirm=(*_fill_commands(rule.confirm, variables), *match.confirm),
        fix=_fill_fix(rule, variables),
        verify=tuple(dict.fromkeys(_suit(fill(line, variables)) for line in rule.verify)),
    )


def _fill_commands(commands: Iterable[PlannedCommand], variables: dict[str, str]) -> Iterator[PlannedCommand]:
    for command in commands:
        yield PlannedCommand(line=fill(command.line, variables), purpose=fill(command.purpose, variables))


def _fill_fix(rule: Rule, variables: dict[str, str]) -> Fix:
    return Fix(
        summary=fill(rule.fix.summary, variables),
        commands=tuple(line for raw in rule.fix.commands if (line := _suit(fill(raw, variables)))),
        patch=fill(rule.fix.patch, variables),
    )


def _suit(line: str) -> str:
    """A line about the roll-out of what has none (a Job, a Pod): look at it instead; else nothing to run."""
    found = _ROLLOUT.match(line)
    if not found or found["kind"] in _ROLLING:
        return line
    return line.replace("rollout status", "get") if found["verb"] == "status" else ""


def _name(subject: ObjectRef, scene: Scene) -> dict[str, str]:
    owner = scene.owner(subject)
    spec = (scene.snapshot.find(subject) or {}).get("spec") or {}
    return {
        "kind": subject.kind,
        "name": subject.name,
        "path": subject.path,
        "namespace": subject.namespace,
        "owner": f"{owner.kind} {owner.name}",
        "owner_kind": owner.kind,
        "owner_name": owner.name,
        "owner_path": owner.path,
        "node": str(spec.get("nodeName") or "no node"),
    }


def _resolve(target: Target | None, subject: ObjectRef, variables: dict[str, str]) -> ObjectRef | None:
    if target is None:
        return None
    namespace = subject.namespace if target.namespaced else ""
    return ObjectRef(kind=target.kind, name=fill(target.name, variables), namespace=namespace)
