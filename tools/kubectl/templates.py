r"""kubectl's JSONPath templates and columns: ``{range .items[*]}{.metadata.name}{"\n"}{end}``.

The template is ours; the paths in it are those of ``tools.kubectl.paths``.
See https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.errors import RefusedCommand
from tools.kubectl.paths import Budget, compile_path, find_values, relax, unescape
from tools.kubectl.words import quote

MAX_PIECES = 100_000
"""Pieces of text that a template may yield."""

MAX_CHARACTERS = 2_000_000
"""About how much text a template may yield."""

MAX_COLUMNS = 30

_ACTION = re.compile(r"""\{((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^{}"'])*)\}""")
_COMMA = re.compile(r""",(?=(?:[^'"\[\](){}]|"[^"]*"|'[^']*'|\[[^\]]*\]|\([^)]*\))*$)""")


@dataclass(frozen=True)
class _Node:
    """A piece of a template: literal text, a path, or a range over a path with pieces inside."""

    text: str = ""
    path: str = ""
    inside: "list[_Node]" = field(default_factory=list)
    is_range: bool = False


def check_expression(format_name: str, expression: str) -> None:
    """Read the expression of ``-o jsonpath`` or ``-o custom-columns``, so that it can be used later.

    Raises:
        RefusedCommand: it cannot be read.
    """
    if format_name == "jsonpath":
        _parse(expression)
    else:
        read_columns(expression)


def read_columns(spec: str) -> list[tuple[str, str]]:
    """(header, path) of each of ``NAME:.metadata.name,NODE:.spec.nodeName``.

    Raises:
        RefusedCommand: a column has no header or no path, the path cannot be read, or there are too many.
    """
    columns = [(name, path) for name, _, path in (part.partition(":") for part in _COMMA.split(spec))]
    if wrong := next((name or path or "," for name, path in columns if not name or not path), None):
        raise RefusedCommand(
            f"The column {quote(wrong)} cannot be read: write custom-columns=NAME:.metadata.name,..."
        )
    if len(columns) > MAX_COLUMNS:
        raise RefusedCommand(f"A table may have at most {MAX_COLUMNS} columns: ask for fewer.")
    for _, path in columns:
        compile_path(relax(path))
    return [(name, relax(path)) for name, path in columns]


def render_template(template: str, item: Any) -> str:
    """Fill a template with an object, or with a list object that has ``items``.

    A template without braces is taken as one path.

    Raises:
        RefusedCommand: the template cannot be read, or looks at too many values.
    """
    written: list[str] = []
    length = 0
    for piece in _render(_parse(template), item, Budget()):
        written.append(piece)
        length += len(piece)
        if len(written) >= MAX_PIECES or length > MAX_CHARACTERS:
            written.append("\n... more is left out ...")
            break
    return "".join(written)


def _render(nodes: list[_Node], item: Any, budget: Budget) -> Iterator[str]:
    for node in nodes:
        if node.is_range:
            for value in find_values(node.path, item, budget):
                yield ""  # every round counts, so that ranges within ranges come to an end
                yield from _render(node.inside, value, budget)
        elif node.path:
            for number, value in enumerate(find_values(node.path, item, budget)):
                yield (" " if number else "") + write_value(value)
        else:
            yield node.text


def write_value(value: Any) -> str:
    """A value as kubectl prints it: text as it is, maps and lists as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _parse(template: str) -> list[_Node]:
    stack: list[_Node] = [_Node()]
    for text, is_action in _split(template if "{" in template else f"{{{relax(template)}}}"):
        if not is_action:
            stack[-1].inside.append(_Node(text=text))
        elif text == "end":
            if len(stack) == 1:
                raise RefusedCommand("The template has an {end} without a {range}.")
            stack.pop()
        elif text[:1] in "\"'":
            stack[-1].inside.append(_Node(text=unescape(text[1:-1])))
        else:
            is_range = text.startswith("range ")
            node = _Node(path=_path_of(text.removeprefix("range "), len(stack) > 1), is_range=is_range)
            stack[-1].inside.append(node)
            stack.extend([node] * is_range)
    if len(stack) > 1:
        raise RefusedCommand("The template has a {range} without its {end}.")
    return stack[0].inside


def _path_of(text: str, is_inside: bool) -> str:
    path = relax(text)
    compile_path(path)
    if is_inside and (path.startswith("$") or ".." in path):
        raise RefusedCommand("Inside a {range} a path starts at the current item, without $ and '..'.")
    return path


def _split(template: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a template, and whether each stood in braces."""
    position = 0
    for found in _ACTION.finditer(template):
        if found.start() > position:
            yield _check_literal(template[position : found.start()]), False
        if action := found[1].strip():
            yield action, True
        position = found.end()
    if position < len(template):
        yield _check_literal(template[position:]), False


def _check_literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise RefusedCommand(
            f"The template cannot be read at {quote(text[:20])}: a brace or a quote is not closed."
        )
    return text
