"""A kubectl command that somebody ran, read leniently: it is never carried out, only understood."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from domain.errors import RefusedCommand
from tools.cluster.reader import Resource
from tools.cluster.resources import BUILTIN_RESOURCES, find_resource
from tools.kubectl.command import KubectlCommand

MAX_LINE = 4000
"""Characters of a command that are looked at."""

_PROGRAMS = ("kubectl", "k", "oc", "kubectl.exe")
_SWITCHES_TEXT = """
-A --all-namespaces --show-labels --no-headers --previous -p --all-containers --prefix --timestamps
-w --watch -f --follow --ignore-not-found --show-kind --show-managed-fields --containers --recursive
-R
"""
_SWITCHES = frozenset(_SWITCHES_TEXT.split())
"""Flags of the reading verbs that take no value; each other one takes the next word."""
_STREAM = re.compile(r"(?<=\s)[12]$")
"""The number of a stream before ``>``."""

_SHORT = {
    "-n": "--namespace",
    "-o": "--output",
    "-l": "--selector",
    "-c": "--container",
    "-A": "--all-namespaces",
    "-p": "--previous",
}


@dataclass(frozen=True)
class RecordedCommand:
    """What a recorded line asked for.

    Attributes:
        line: as it was recorded.
        words: the types and names after the verb.
        flags: by long name; the value is empty for a switch.
        filtered: whether a pipe cut the output down.
    """

    line: str
    verb: str
    words: tuple[str, ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    filtered: bool = False

    @property
    def namespace(self) -> str:
        """The namespace that was given, or the empty string."""
        return self.flags.get("--namespace", "")

    @property
    def output(self) -> str:
        """The format of ``-o``, without its expression."""
        return self.flags.get("--output", "").partition("=")[0]

    @property
    def targets(self) -> list[tuple[Resource | None, str]]:
        """(type, name) for each thing named; the name is empty where a whole list was asked for."""
        return list(_read_targets(self.words))

    @property
    def kind(self) -> str:
        """The one kind that was asked for; empty when there were several, or none that we know."""
        kinds = {resource.kind if resource else "" for resource, _ in self.targets}
        return kinds.pop() if len(kinds) == 1 else ""

    @property
    def names(self) -> list[str]:
        """The names that were given."""
        return [name for _, name in self.targets if name]

    @property
    def lists_all(self) -> bool:
        """Whether the output shows every object there is of the types, in the namespaces asked about."""
        narrowing = ("--selector", "--field-selector", "--chunk-size")
        return not self.filtered and not self.names and not any(flag in self.flags for flag in narrowing)


def parse_command(line: str) -> RecordedCommand | None:
    """Read a line that runs kubectl; None when it runs something else first."""
    line = line.strip()[:MAX_LINE]
    first, pipe = _cut_pipe(line)
    words = _split(first)
    if not words or words[0] not in _PROGRAMS:
        return None
    plain, flags = _part_flags(words[1:])
    if not plain:
        return None
    return RecordedCommand(line, plain[0], tuple(plain[1:]), flags, filtered=bool(pipe))


@lru_cache(maxsize=8192)
def canonical_line(line: str) -> str:
    """How a command is looked up: its typed form with types as plurals, or its bare words."""
    try:
        command = KubectlCommand.parse(line)
    except RefusedCommand:
        return " ".join(line.split())
    targets = tuple(t.model_copy(update={"word": _plural(t.word)}) for t in command.targets)
    return str(command.model_copy(update={"targets": targets}))


def _plural(word: str) -> str:
    resource = find_type(word)
    return resource.plural if resource else word


@lru_cache(maxsize=1024)
def find_type(word: str) -> Resource | None:
    """The built-in type that a word names."""
    return find_resource(word, BUILTIN_RESOURCES)


def _cut_pipe(line: str) -> tuple[str, str]:
    """The line up to the first operator outside of quotes, and the operator."""
    quote = ""
    for position, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "|;&><":
            return _STREAM.sub("", line[:position]), character
    return line, ""


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _part_flags(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    plain: list[str] = []
    flags: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            plain.append(word)
            continue
        name, equals, value = word.partition("=")
        if not equals and not name.startswith("--") and len(name) > 2 and name[:2] in _SHORT:
            name, value = name[:2], name[2:]  # -nshop, -oyaml
        elif not equals and name not in _SWITCHES:
            value = next(rest, "")
        flags[_SHORT.get(name, name)] = value
    return plain, flags


def _read_targets(words: Sequence[str]) -> Iterator[tuple[Resource | None, str]]:
    if not words:
        return
    if any("/" in word for word in words):
        for word in words:
            kind, _, name = word.partition("/")
            yield find_type(kind), name
        return
    types = [find_type(word) for word in words[0].split(",")]
    for resource in types:
        for name in words[1:] or ("",):
            yield resource, name
