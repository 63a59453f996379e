"""Text that is laid out by indentation, as ``kubectl describe`` prints it -> a tree of lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

NOTHING = frozenset(("<none>", "<unset>", "<unknown>", "<nil>", "<invalid>", "<no value>", "n/a", "(none)"))
"""How kubectl says that there is no value."""

MAX_DEPTH = 40
"""Deeper levels are hung on their grandparent; no description nests this far."""


@dataclass
class Node:
    """One line and the deeper ones below it. The root is an empty line."""

    line: str = ""
    indent: int = -1
    children: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The line without what surrounds it."""
        return self.line.strip()

    @cached_property
    def key(self) -> str:
        """``Image`` of ``Image:  nginx``; the empty string for a line without one."""
        return split_pair(self.text)[0]

    @property
    def value(self) -> str:
        """``nginx`` of ``Image:  nginx``; empty for ``<none>`` and its like."""
        value = split_pair(self.text)[1]
        return "" if value in NOTHING else value

    def find(self, key: str) -> "Node":
        """The first line below with that key, or an empty node."""
        return next((child for child in self.children if child.key == key), Node())

    def has(self, *keys: str) -> bool:
        """Whether each of the keys is below."""
        return set(keys) <= {child.key for child in self.children}

    def get(self, *keys: str) -> str:
        """The value of the first of the keys that is below, empty when there is none."""
        return next((found.value for key in keys if (found := self.find(key)).line), "")

    def below(self) -> Iterator["Node"]:
        """Every line below, in order."""
        for child in self.children:
            yield child
            yield from child.below()

    def lines(self) -> list[str]:
        """The value and the lines below, as a column: for lists that begin beside their key."""
        found = [self.value, *(node.text for node in self.below())]
        return [line for line in found if line and line not in NOTHING]

    def block(self) -> list[str]:
        """The lines below with their indentation relative to the first."""
        nodes = list(self.below())
        margin = nodes[0].indent if nodes else 0
        return [node.line[min(margin, node.indent) :].rstrip() for node in nodes]


def split_pair(text: str) -> tuple[str, str]:
    """(key, value) of ``key:  value``: the colon ends the line or is followed by a space."""
    if text.endswith(":") and ": " not in text:
        return text[:-1], ""
    key, colon, value = text.partition(": ")
    return (key, value.strip()) if colon else ("", text)


def read_outline(text: str) -> Node:
    """The tree of a text; empty lines are left out."""
    root = Node()
    open_nodes = [root]
    for line in text.expandtabs(8).splitlines():
        if not line.strip():
            continue
        node = Node(line, len(line) - len(line.lstrip()))
        while open_nodes[-1].indent >= node.indent or len(open_nodes) > MAX_DEPTH:
            open_nodes.pop()
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
    return root
