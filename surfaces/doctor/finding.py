"""What a check finds."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """How a part is.

    Attributes:
        LIMITED: it works, and answers will lack something.
        UNSET: it is not configured, which is no fault.
    """

    OK = "ok"
    LIMITED = "limited"
    FAILED = "failed"
    UNSET = "unset"


class Finding(BaseModel):
    """One part, how it is, and what to do about it. Sentences for a person; they may quote a server."""

    model_config = ConfigDict(frozen=True)

    part: str
    verdict: Verdict
    says: str
    fix: str = ""


def pass_(part: str, says: str) -> Finding:
    """The part is as it should be."""
    return Finding(part=part, verdict=Verdict.OK, says=says)


def limit(part: str, says: str, fix: str) -> Finding:
    """It works, with less than it could."""
    return Finding(part=part, verdict=Verdict.LIMITED, says=says, fix=fix)


def fail(part: str, says: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(part=part, verdict=Verdict.FAILED, says=says, fix=fix)


def skip(part: str, says: str) -> Finding:
    """It is not configured, which is no fault; ``says`` tells what would."""
    return Finding(part=part, verdict=Verdict.UNSET, says=says)
