"""The rule format: what a failure type looks like, what it means, what to do about it. YAML data.

A rule file is a list of rules::

    - id: image-invalid-name             # unique; one mechanism of Kubernetes
      issue_type: startup                # see domain.evidence.IssueType
      kind: Pod                          # whose objects are looked at: a kind, or a list of kinds
      match:                             # one mapping, or a list of mappings of which one must hold
        container: {waiting: '^InvalidImageName$'}
      confidence: 0.97
      cause: 'Container {container} of {owner} names image {image}, which is no valid reference.'
      confirm: [{line: 'kubectl describe pod {name} -n {namespace}', purpose: 'What does the kubelet say?'}]
      fix: {summary: '...', commands: ['...'], patch: '...'}
      verify: ['kubectl rollout status {owner_path} -n {namespace}']

``match`` may hold ``container`` (state of a container), ``event`` (an event that later state has not
resolved), ``condition``, ``field`` and ``log`` (a line of a failing container's log); all that are given
must hold. Patterns are Python regular expressions, searched for; their named groups become variables of
the sentences. Instead of ``match`` a rule may name an ``analyzer``: a typed Python function that relates
several objects.

Variables that are always there: ``namespace``, ``name``, ``kind``, ``owner`` ("Deployment x"),
``owner_path`` ("deployment/x"), ``owner_name``, ``node`` (of a Pod); with ``event``/``condition`` also
``message``; with ``container``/``log`` also ``container``, ``container_kind``, ``image``, ``exit_code``,
``restarts``, ``state``, ``limit`` (" of 64Mi", or nothing) and ``last_words`` (the telling last lines of its
log, if they were seen, as ": “...”"); with ``log`` also ``line``. A ``log`` pattern that holds a line
break is searched for in two lines at a time. Lines that their logger gave level INFO or below are no sign.

A rule with ``symptom: true`` says *that* something fails, not why; it yields to whatever explains it. Of
symptoms that explain each other the one with the higher ``confidence`` is the root. Lines about a roll-out
(``kubectl rollout ...``) are left out, or become ``kubectl get``, for an owner that has none.
"""

import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from domain.errors import MalformedRule
from domain.evidence import IssueType, PlannedCommand


def _compile(value: object) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(str(value))
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compile)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class ContainerSignal(_Part):
    """A container's state. ``failing`` asks whether it keeps ending badly at present."""

    waiting: Pattern | None = None
    ended: Pattern | None = Field(default=None, description="reason of the last end")
    exit_code: tuple[int, ...] = ()
    message: Pattern | None = Field(default=None, description="message of waiting or of the last end")
    init: bool | None = None
    failing: bool | None = None
    ready: bool | None = None


class EventSignal(_Part):
    """An event about the object that later state has not resolved."""

    reason: Pattern | None = None
    message: Pattern | None = None


class ConditionSignal(_Part):
    """A condition of the object's status."""

    type: str
    status: str = "True"
    reason: Pattern | None = None
    message: Pattern | None = None


class FieldSignal(_Part):
    """A field by dotted path: equal to a value, or matching a pattern."""

    path: str
    equals: Any = None
    matches: Pattern | None = None


class Signals(_Part):
    """Signals that must hold together."""

    container: ContainerSignal | None = None
    event: EventSignal | None = None
    condition: ConditionSignal | None = None
    field: FieldSignal | None = None
    log: Pattern | None = None
    well: bool = Field(default=False, description="lines of Pods that are well count too")


class Target(_Part):
    """An object by kind and name; both may hold variables. Cluster-scoped kinds have no namespace."""

    kind: str
    name: str
    namespaced: bool = True


class RuleFix(_Part):
    """What to do, with variables."""

    summary: str
    commands: tuple[str, ...] = ()
    patch: str = ""


class Rule(_Part):
    """One failure type. See the module for the format."""

    id: str
    issue_type: IssueType
    cause: str
    kind: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ("Pod",)
    match: tuple[Signals, ...] = ()
    analyzer: str = ""
    object: Target | None = Field(default=None, description="what has to change; None: the topmost owner")
    missing: Target | None = None
    symptom: bool = False
    confidence: float = Field(default=0.8, ge=0, le=1)
    confirm: tuple[PlannedCommand, ...] = ()
    fix: RuleFix = RuleFix(summary="")
    verify: tuple[str, ...] = ()


def _as_list(raw: dict[str, Any]) -> dict[str, Any]:
    match = raw.get("match")
    return {**raw, "match": [match]} if isinstance(match, dict) else raw


_RULES = TypeAdapter(list[Annotated[Rule, BeforeValidator(_as_list)]])


def read_rules(path: Path) -> list[Rule]:
    """The rules of one file.

    Raises:
        MalformedRule: it is no YAML, or a rule has a wrong or unknown field.
    """
    try:
        return _RULES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError) as error:
        raise MalformedRule(f"The rule file {path} cannot be read: {_first_line(error)}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " -> ".join(str(part) for part in first["loc"])
        raise MalformedRule(f"The rule file {path} is malformed at {where}: {first['msg']}.") from error


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())


def read_folder(folder: Path) -> list[Rule]:
    """The rules of every ``*.yaml`` in a folder, by file name.

    Raises:
        MalformedRule: the folder does not exist, a file is malformed, or two rules share an id.
    """
    if not folder.is_dir():
        raise MalformedRule(f"There is no rule folder {folder}; set `rules` to a folder of *.yaml files.")
    rules = [rule for path in sorted(folder.glob("*.yaml")) for rule in read_rules(path)]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise MalformedRule(f"Two rules in {folder} have the id {rule.id!r}; ids must be unique.")
        seen.add(rule.id)
    return rules
