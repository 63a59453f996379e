"""The parts of a command that are more than a word: a resource type with names, and ``-o``."""

from pydantic import BaseModel, ConfigDict


class Target(BaseModel):
    """A resource type as it was written (``deploy``, ``deployments.apps``), and names; none means all."""

    model_config = ConfigDict(frozen=True)

    word: str
    names: tuple[str, ...] = ()


class Output(BaseModel):
    """What ``-o`` asks for: a format, with the expression of ``jsonpath`` and ``custom-columns``."""

    model_config = ConfigDict(frozen=True)

    format: str = ""
    expression: str = ""

    def __str__(self) -> str:
        """``wide``, or ``jsonpath={.items[*].metadata.name}``."""
        return f"{self.format}={self.expression}" if self.expression else self.format

    @property
    def is_table(self) -> bool:
        """Whether it is kubectl's own table."""
        return self.format in ("", "wide")
