"""What a model is asked for, and whom the words are written for."""

from enum import StrEnum


class Role(StrEnum):
    """What the model is asked for: the next commands, or the diagnosis."""

    PLAN = "plan"
    DIAGNOSE = "diagnose"


class Family(StrEnum):
    """Whom the words are written for."""

    CLAUDE = "claude"
    DEEPSEEK = "deepseek"
