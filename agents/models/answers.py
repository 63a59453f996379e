"""What a model may say: schemas that bound and clean it, and what of it becomes a plan or a diagnosis.

Nothing here reaches anything but the parser: commands are checked against the policy, citations against the
case. Descriptions are read by the models, and kept short: every prompt pays for them.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.diagnosis import CommandPlan, Diagnosis, Hypothesis, Link, Outcome
from domain.errors import InputError
from domain.evidence import Fix, IssueType, PlannedCommand
from domain.objects import ObjectRef
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import KubectlCommand
from tools.redaction import redact

COMMANDS = 4
LINES = 12
QUERIES = 4
QUERY_CHARACTERS = 120
WORDS = 1_000
PATCH = 4_000

_KINDS = {resource.kind.lower(): resource.kind for resource in BUILTIN_RESOURCES}
_FIXING = ("kubectl ", "helm ")


def _cut(value: Any, limit: int = WORDS) -> str:
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return redact("".join(c for c in text if c.isprintable() or c in "\n\t").strip()[:limit])


def _list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value[:LINES] if isinstance(value, list) else [value]


def _share(value: Any) -> float:
    """0.8, "0.8", 80, "80%": what models write for a confidence."""
    number = float(str(value or 0).strip().rstrip("%") or 0)
    return min(1.0, max(0.0, number / 100 if number > 1 else number))


Text = Annotated[str, BeforeValidator(_cut)]
Patch = Annotated[str, BeforeValidator(lambda value: _cut(value, PATCH))]
Texts = Annotated[list[Text], BeforeValidator(_list)]
Share = Annotated[float, BeforeValidator(_share)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")


class SaidObject(_Said):
    """An object of the cluster."""

    kind: Text = Field(description="such as Deployment")
    name: Text
    namespace: Text = Field(default="", description="empty for cluster-scoped kinds")

    def ref(self) -> ObjectRef:
        """The object, with its kind spelled as Kubernetes does."""
        kind = _KINDS.get(self.kind.lower(), self.kind)
        return ObjectRef(kind=kind, name=self.name, namespace=self.namespace)


class SaidLink(_Said):
    """One step of the chain."""

    object: SaidObject
    statement: Text
    evidence: Texts = Field(default_factory=list, description="ids such as E3f9a01bc")


class SaidHypothesis(_Said):
    """Another fault, or another explanation."""

    object: SaidObject
    cause: Text
    issue_type: IssueType = IssueType.UNKNOWN
    confidence: Share = 0.0
    reason: Text = ""
    evidence: Texts = Field(default_factory=list)


class SaidCommand(_Said):
    """A kubectl line."""

    command: Text
    purpose: Text = ""


class SaidPlan(_Said):
    """Give the next read-only kubectl commands, or say that enough was seen."""

    enough: bool = Field(default=False, description="true: no further command is needed")
    reason: Text = ""
    commands: Annotated[list[SaidCommand], BeforeValidator(_list)] = Field(default_factory=list)

    def plan(self) -> CommandPlan:
        """At most ``COMMANDS`` of them; what the policy refuses is refused when it is run."""
        said = [] if self.enough else self.commands[:COMMANDS]
        commands = (PlannedCommand(line=" ".join(c.command.split()), purpose=c.purpose) for c in said)
        return CommandPlan(commands=tuple(commands), reason=self.reason)


class SaidDiagnosis(_Said):
    """Give the diagnosis. Every claim cites ids of the evidence shown."""

    outcome: Literal["diagnosed", "healthy", "unknown"]
    summary: Text = Field(description="one sentence, cause first")
    issue_type: IssueType = IssueType.UNKNOWN
    root_cause: Text = ""
    object: SaidObject | None = Field(default=None, description="what has to change; it exists")
    missing: SaidObject | None = Field(default=None, description="what should exist and does not")
    confidence: Share = 0.0
    cited: Texts = Field(default_factory=list, description="ids that the root cause rests on")
    chain: Annotated[list[SaidLink], BeforeValidator(_list)] = Field(
        default_factory=list, description="from the root to what was asked about"
    )
    also: Annotated[list[SaidHypothesis], BeforeValidator(_list)] = Field(default_factory=list)
    alternatives: Annotated[list[SaidHypothesis], BeforeValidator(_list)] = Field(default_factory=list)
    fix: Text = ""
    fix_commands: Texts = Field(default_factory=list)
    fix_patch: Patch = ""
    verification: Texts = Field(default_factory=list, description="read-only kubectl lines")
    open_questions: Texts = Field(default_factory=list)
    disagreement: Text = Field(default="", description="which finding is wrong and why, if one is")

    def diagnosis(self, model: str) -> Diagnosis:
        """The diagnosis as ``model`` gives it; its citations are not checked yet."""
        return Diagnosis(
            outcome=Outcome(self.outcome),
            summary=self.summary,
            issue_type=IssueType.NONE if self.outcome == "healthy" else self.issue_type,
            root_cause=self.root_cause,
            object=self.object.ref() if self.object else None,
            missing=self.missing.ref() if self.missing else None,
            confidence=self.confidence,
            chain=tuple(_link(link) for link in self.chain),
            also=tuple(_hypothesis(item) for item in self.also),
            alternatives=tuple(_hypothesis(item) for item in self.alternatives),
            cited=_ids(self.cited),
            fix=Fix(summary=self.fix, commands=_keep_commands(self.fix_commands), patch=self.fix_patch),
            verification=tuple(_keep_readable(self.verification)),
            open_questions=tuple(self.open_questions),
            caveats=(f"{model}: {self.disagreement}",) if self.disagreement else (),
            reasoner=model,
        )


class SaidIssueType(_Said):
    """Name the kind of trouble."""

    issue_type: IssueType
    reason: Text = ""


class SaidQueries(_Said):
    """Give search queries for the logs."""

    queries: Texts = Field(default_factory=list, description="a few words each, as the log would have them")

    def bounded(self) -> tuple[str, ...]:
        """At most ``QUERIES`` of them, on one line each, short as a search is."""
        lines = (" ".join(query.split())[:QUERY_CHARACTERS] for query in self.queries)
        return tuple(dict.fromkeys(filter(None, lines)))[:QUERIES]


def _ids(said: Iterable[str]) -> tuple[str, ...]:
    """``[E1a2b3c4d]`` and ``E1a2b3c4d,`` are ids too."""
    return tuple(dict.fromkeys(word.strip("[](),.; ") for word in said))


def _link(said: SaidLink) -> Link:
    return Link(object=said.object.ref(), statement=said.statement, evidence=_ids(said.evidence))


def _hypothesis(said: SaidHypothesis) -> Hypothesis:
    return Hypothesis(
        object=said.object.ref(),
        issue_type=said.issue_type,
        cause=said.cause,
        confidence=said.confidence,
        reason=said.reason,
        evidence=_ids(said.evidence),
    )


def _keep_commands(lines: Iterable[str]) -> tuple[str, ...]:
    """Of a fix, the lines of kubectl and helm alone: people copy them without reading twice."""
    plain = (line.strip().strip("`") for line in lines)
    return tuple(line for line in plain if line.startswith(_FIXING) and not set(line) & set("\n;|&`$<>\\"))


def _keep_readable(lines: Iterable[str]) -> Iterable[PlannedCommand]:
    """The verification commands that the policy accepts, since a follow-up runs them."""
    for line in lines:
        try:
            yield PlannedCommand(line=str(KubectlCommand.parse(line)), purpose="Has it recovered?")
        except InputError:
            continue
