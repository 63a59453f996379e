"""Observations, and what the playbook concludes from them."""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2s

from pydantic import BaseModel, ConfigDict, Field, computed_field

from domain.objects import ObjectRef


class Source(StrEnum):
    """Where an observation comes from."""

    LOG = "log"
    EVENT = "event"
    OBJECT = "object"
    COMMAND = "command"


class IssueType(StrEnum):
    """The kind of trouble: what the model-selector routes by and the evaluation reports by."""

    ADMISSION = "admission"
    SCHEDULING = "scheduling"
    STORAGE = "storage"
    STARTUP = "startup"
    CONFIGURATION = "configuration"
    RUNTIME = "runtime"
    RESOURCES = "resources"
    NETWORKING = "networking"
    PERMISSIONS = "permissions"
    NODE = "node"
    NONE = "none"
    UNKNOWN = "unknown"


class Evidence(BaseModel):
    """One observation. Nothing is claimed without one.

    The id is derived from the content (``E`` and eight hex digits): the same observation made twice,
    by two nodes of the graph or after a restart, is one piece of evidence, and a citation that was
    made up does not hit by luck. ``text`` is redacted and bounded before it gets here. ``command`` is
    the kubectl line that shows the observation to a person.
    """

    model_config = ConfigDict(frozen=True)

    source: Source
    text: str
    object: ObjectRef | None = None
    time: datetime | None = None
    command: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """``E3f9a01bc``."""
        content = f"{self.source}|{self.object}|{self.text}"
        return "E" + blake2s(content.encode(), digest_size=4).hexdigest()


class PlannedCommand(BaseModel):
    """A kubectl line and why it should be run."""

    model_config = ConfigDict(frozen=True)

    line: str
    purpose: str = ""


class Fix(BaseModel):
    """What to do about a cause: a sentence, and commands or a manifest to copy. Never run by Kubewhy."""

    model_config = ConfigDict(frozen=True)

    summary: str
    commands: tuple[str, ...] = ()
    patch: str = ""


class Finding(BaseModel):
    """What a playbook rule concluded.

    Attributes:
        rule: id of the rule.
        object: the object that has to change ("at fault"); it exists in the cluster.
        subject: the object that shows the trouble (a Pod); equal to ``object`` where they are one.
        missing: the object that should exist and does not, if that is the cause.
        cause: one sentence, ready for a person.
        symptom: true for a finding that says *that* something fails rather than why; it ranks below
            any finding that explains it.
        explained_by: ids of the findings that this one is a consequence of.
        relevance: 0 to 1, how close the finding is to what was asked.
        evidence: ids of ``Evidence``.
        confirm: commands that would confirm or refute it.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    object: ObjectRef
    subject: ObjectRef
    issue_type: IssueType
    cause: str
    confidence: float = Field(ge=0, le=1)
    missing: ObjectRef | None = None
    symptom: bool = False
    evidence: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()
    relevance: float = Field(default=0.5, ge=0, le=1)
    reason: str = Field(default="", description="why it ranks where it does, in words")
    confirm: tuple[PlannedCommand, ...] = ()
    fix: Fix = Fix(summary="")
    verify: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Rule and subject: one rule concludes one thing about one object."""
        return f"{self.rule}:{self.subject}"
