r"""kubectl's JSONPath templates: ``{range .items[*]}{.metadata.name}{"\n"}{end}``.

The template is ours; each path in it is rewritten into RFC 9535's spelling and evaluated by python-jsonpath.
See https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonpath

from domain.errors import RefusedCommand

MAX_MATCHES = 10_000
"""Values of one path that are looked at."""

MAX_PIECES = 20_000
"""Pieces of text that a template may yield."""

_MAX_DESCENTS = 2
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<descend>\.\.)"""
    r"""|(?P<wild>\.?\*)|\.(?P<name>(?:\\.|[\w/:-])+)|(?P<dot>\.)|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<operator>==|!=|<=|>=|&&|\|\||[<>!?():,@$\[\]])|(?P<word>[A-Za-z][\w-]*)"""
)
_WORDS = ("true", "false", "null", "nil")


@dataclass(frozen=True)
class _Node:
    """A piece of a template: literal text, a path, or a range over a path with pieces inside."""

    text: str = ""
    path: str = ""
    inside: "list[_Node]" = field(default_factory=list)
    is_range: bool = False


@lru_cache(maxsize=256)
def compile_path(path: str) -> jsonpath.CompoundJSONPath | jsonpath.JSONPath:
    r"""A path as kubectl writes it: ``.metadata.labels.app\.kubernetes\.io/name``, ``.items[?(@.x=="y")]``.

    Raises:
        RefusedCommand: it is none.
    """
    try:
        return jsonpath.compile(_rewrite(path))
    except jsonpath.JSONPathError as error:
        raise RefusedCommand(
            f"The path {path!r} cannot be read: write it like .items[*].metadata.name, in single quotes."
        ) from error


def _rewrite(path: str) -> str:
    """Spell a path as RFC 9535 does: every name in brackets, rooted at ``$``."""
    tokens, position = [], 0
    while position < len(path):
        found = _TOKEN.match(path, position)
        if not found:
            raise RefusedCommand(f"The path {path!r} cannot be read at {path[position:][:20]!r}.")
        tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
        position = found.end()
    if sum(kind == "descend" for kind, _ in tokens) > _MAX_DESCENTS:
        raise RefusedCommand(f"A path may hold '..' at most {_MAX_DESCENTS} times.")
    written = "".join(_rewrite_token(kind, text) for kind, text in tokens)
    return written if written.startswith("$") else "$" + written.removeprefix("@")


def _rewrite_token(kind: str, text: str) -> str:
    match kind:
        case "name":
            return f"[{json.dumps(_unescape(text))}]"
        case "wild":
            return "[*]" if text == ".*" else "*"
        case "string":
            return json.dumps(_unescape(text[1:-1]))
        case "word" if text not in _WORDS:
            return f"[{json.dumps(text)}]"
        case "word" if text == "nil":
            return "null"
        case "dot":
            return ""
        case "space":
            return " "
    return text


def find_values(path: str, item: Any) -> list[Any]:
    """The values at a path, at most ``MAX_MATCHES``; none where a key is missing.

    Raises:
        RefusedCommand: the path cannot be read, or not be evaluated.
    """
    try:
        return [match.obj for match in islice(compile_path(path).finditer(item), MAX_MATCHES)]
    except jsonpath.JSONPathError as error:
        raise RefusedCommand(f"The path {path!r} cannot be evaluated: {error}") from error


def relax(expression: str) -> str:
    """The path of a column or of ``--sort-by``: ``a.b``, ``.a.b`` or ``{.a.b}``."""
    path = expression.strip().removeprefix("{").removesuffix("}")
    return path if path.startswith((".", "[", "$", "@")) else f".{path}"


def render_template(template: str, item: Any) -> str:
    """Fill a template with an object, or with a list object that has ``items``.

    A template without braces is taken as one path.

    Raises:
        RefusedCommand: the template cannot be read.
    """
    nodes = _parse(template if "{" in template else f"{{{relax(template)}}}")
    return "".join(islice(_render(nodes, item), MAX_PIECES))


def _render(nodes: list[_Node], item: Any) -> Iterator[str]:
    for node in nodes:
        if node.is_range:
            for value in find_values(node.path, item):
                yield ""  # every round counts, so that ranges within ranges come to an end
                yield from _render(node.inside, value)
        elif node.path:
            yield " ".join(write_value(value) for value in find_values(node.path, item))
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
    for text, is_action in _split(template):
        if not is_action:
            stack[-1].inside.append(_Node(text=text))
        elif text == "end":
            if len(stack) == 1:
                raise RefusedCommand("The template has an {end} without a {range}.")
            stack.pop()
        elif text[:1] in "\"'":
            stack[-1].inside.append(_Node(text=_unescape(text[1:-1])))
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
    for found in re.finditer(r"""\{((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^{}"'])*)\}""", template):
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
            f"The template cannot be read at {text[:20]!r}: a brace or a quote is not closed."
        )
    return text


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)
