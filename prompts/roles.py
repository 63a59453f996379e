"""What a model is asked for, and whom the words are written for."""

from enum import StrEnum


class Role(StrEnum):
    """What the model is asked for: next commands, a diagnosis, the kind of issue, searches for the logs."""

    PLAN = "plan"
    DIAGNOSE = "diagnose"
    CLASSIFY = "classify"
    REWRITE = "rewrite"


class Family(StrEnum):
    """Whom the words are written for."""

    CLAUDE = "claude"
    DEEPSEEK = "deepseek"
