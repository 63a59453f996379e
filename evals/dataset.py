"""The dataset: recorded incidents, each with what a right answer says."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import InputError, MalformedRecording
from domain.evidence import IssueType
from domain.objects import ObjectRef
from tools.incidents import INCIDENTS, Incident, find_incidents, open_incident


class Expectation(BaseModel):
    """What a right answer says: the ``expected`` of an ``incident.yaml``.

    Attributes:
        issue_type: the kind of trouble; ``none`` where nothing is wrong.
        object: what has to be fixed; None where nothing is wrong.
        also: what has to be fixed besides, where faults are independent of each other.
        accept: objects that are as right as ``object``: the same fix can be made there.
        root_cause: the cause in words, for people.
        must_mention: what a reader has to find in the answer, compared without regard to case.
        must_not_blame: names of workloads that are fine.
        answers: what the person says when asked back, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issue_type: IssueType
    object: ObjectRef | None = None
    also: tuple[ObjectRef, ...] = ()
    accept: tuple[ObjectRef, ...] = ()
    root_cause: str = ""
    must_mention: tuple[str, ...] = ()
    must_not_blame: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[frozenset[ObjectRef], ...]:
        """One set of acceptable objects for each independent fault, the main one first."""
        if self.object is None:
            return ()
        return (frozenset({self.object, *self.accept}), *(frozenset({ref}) for ref in self.also))


class Case(BaseModel):
    """An incident and what is expected of an answer to its question."""

    model_config = ConfigDict(frozen=True)

    incident: Incident
    expected: Expectation

    @property
    def id(self) -> str:
        """The incident's id."""
        return self.incident.id


def load_cases(only: Sequence[str] = (), folder: Path | None = None) -> list[Case]:
    """The cases of ``folder`` (None: our own incidents), or those of them named in ``only``.

    Raises:
        UnknownIncident: ``only`` names an incident that does not exist.
        MalformedRecording: an ``incident.yaml`` cannot be used.
        InputError: there is nothing to evaluate.
    """
    folder = folder or INCIDENTS
    names = dict.fromkeys(only)
    incidents = [open_incident(name, folder) for name in names] if names else find_incidents(folder)
    cases = [_read(incident) for incident in incidents if names or incident.expected is not None]
    if not cases:
        raise InputError(
            f"{folder} holds no incident with an `expected` answer, so there is nothing to score."
        )
    return cases


def _read(incident: Incident) -> Case:
    where = incident.folder / "incident.yaml"
    if not incident.question or incident.expected is None:
        raise MalformedRecording(f"{where}: an evaluation needs both `question` and `expected`.")
    try:
        return Case(incident=incident, expected=Expectation.model_validate(incident.expected))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, ("expected", *first["loc"])))
        raise MalformedRecording(f"{where}: `{field}`: {first['msg']}.") from error
