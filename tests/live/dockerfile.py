"""Reads a Dockerfile: the instructions that ours uses, and no others."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One instruction of a stage: its flags (``--from=x``), and the rest of the line."""

    instruction: str
    text: str
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The rest as words: a JSON array's, else the shell's."""
        return list(map(str, json.loads(self.text))) if self.text.startswith("[") else shlex.split(self.text)


@dataclass(frozen=True)
class Stage:
    """One stage: what it starts from (another stage, or an image), and what is done."""

    name: str
    base: str
    steps: tuple[Step, ...]

    def find(self, instruction: str) -> list[Step]:
        """The steps of one kind, in order."""
        return [step for step in self.steps if step.instruction == instruction]


def read_dockerfile(text: str) -> dict[str, Stage]:
    """The stages by name, in order.

    Raises:
        ValueError: a stage has no name, or an instruction is not one of those that ours uses.
    """
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    for line in _read_lines(text):
        instruction, _, rest = line.partition(" ")
        if instruction == "ARG":
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif instruction == "FROM":
            match = re.fullmatch(r"(\S+) AS (\S+)", rest)
            if not match:
                raise ValueError(f"A stage has no name: {line}")
            base = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], match[1])
            stages[match[2]] = Stage(match[2], base, ())
        else:
            last = list(stages.values())[-1]
            stages[last.name] = Stage(last.name, last.base, (*last.steps, _read_step(instruction, rest)))
    return stages


def _read_lines(text: str) -> Iterator[str]:
    """Instructions, each on one line; comments between and within them are left out."""
    begun = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        begun += line.removesuffix("\\")
        if begun.strip() and not line.endswith("\\"):
            yield begun.strip()
            begun = ""


def _read_step(instruction: str, rest: str) -> Step:
    if instruction not in {"RUN", "COPY", "ENV", "WORKDIR", "USER", "ENTRYPOINT", "CMD"}:
        raise ValueError(f"{instruction} is not understood")
    flags = {}
    while match := re.match(r"--(\w+)=(\S+)\s+", rest):
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    return Step(instruction, rest, flags)
