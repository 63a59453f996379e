"""kubectl's JSONPath expressions, one path at a time: ``.items[?(@.status.phase=="Pending")].metadata.name``.

Each path is rewritten into RFC 9535's spelling and evaluated by python-jsonpath. What an expression may
cost is bounded: it comes from a model or from a person in a hurry, and a cluster can hold a great deal.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonpath
from jsonpath.filter import BaseExpression, FilterQuery, RelativeFilterQuery
from jsonpath.parse import Parser
from jsonpath.stream import TokenStream

from domain.errors import RefusedCommand
from tools.kubectl.words import quote

MAX_MATCHES = 10_000
"""Values of one path that are looked at."""

MAX_STEPS = 1_000_000
"""Values that one expression may pass on its ways: about a second's work."""

_MAX_DESCENTS = 2
_MAX_OPERATORS = 20
_BUDGET = "budget"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<descend>\.\.)"""
    r"""|(?P<wild>\.?\*)|\.(?P<name>(?:\\.|[\w/:-])+)|(?P<dot>\.)"""
    r"""|(?P<number>-?\d{1,15}(?:\.\d{1,15})?)(?![\d.])"""
    r"""|(?P<operator>==|!=|<=|>=|&&|\|\||[<>!?])|(?P<mark>[():,@$\[\]])|(?P<word>[A-Za-z][\w-]*)"""
)
_WORDS = ("true", "false", "null", "nil")


class Budget:
    """How many values an expression may still pass."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        """Start with ``steps`` in hand."""
        self._left = steps

    def spend(self) -> None:
        """Pass one value.

        Raises:
            RefusedCommand: there is nothing left.
        """
        self._left -= 1
        if self._left < 0:
            raise RefusedCommand(
                "The expression looks at too many values: give -n and -l, or a path without '..' and '*'."
            )


class _Match(jsonpath.JSONPathMatch):
    """A value on the way: it is counted, and remembers neither its path nor its children."""

    __slots__ = ()

    def __init__(self, filter_context: Mapping[str, Any], obj: object) -> None:
        filter_context[_BUDGET].spend()
        super().__init__(filter_context=filter_context, obj=obj, parent=None, path="", parts=(), root={})

    def new_child(self, obj: object, key: int | str) -> "_Match":
        return _Match(self.filter_context(), obj)

    def add_child(self, *children: jsonpath.JSONPathMatch) -> None:
        """Children are not kept: nobody asks for them, and they take most of the memory."""


class _Path(jsonpath.JSONPath):
    """A path whose steps are counted; text is a value to it, and no document to be read."""

    def finditer(self, data: Any, *, filter_context: Mapping[str, Any] | None = None) -> Iterable[_Match]:
        matches: Iterable[Any] = [_Match(filter_context or {}, data)]
        for segment in self.segments:
            matches = segment.resolve(matches)
        return matches


class _Parser(Parser):
    def parse_relative_query(self, stream: TokenStream) -> BaseExpression:
        query = super().parse_relative_query(stream)
        return RelativeFilterQuery(_count_steps(query.path)) if isinstance(query, FilterQuery) else query


class _Environment(jsonpath.JSONPathEnvironment):
    parser_class = _Parser


_ENVIRONMENT = _Environment()


def _count_steps(path: jsonpath.JSONPath) -> _Path:
    return _Path(env=path.env, segments=path.segments)


@lru_cache(maxsize=256)
def compile_path(path: str) -> jsonpath.JSONPath:
    r"""A path as kubectl writes it: ``.metadata.labels.app\.kubernetes\.io/name``, ``.items[?(@.x=="y")]``.

    Raises:
        RefusedCommand: it is none, or could cost too much.
    """
    cause: jsonpath.JSONPathError | None = None
    try:
        compiled = _ENVIRONMENT.compile(_rewrite(path))
        if isinstance(compiled, jsonpath.JSONPath):
            return _count_steps(compiled)
    except jsonpath.JSONPathError as error:
        cause = error
    raise RefusedCommand(
        f"The path {quote(path)} cannot be read: write it like .items[*].metadata.name, in single quotes."
    ) from cause


def find_values(path: str, item: Any, budget: Budget | None = None) -> list[Any]:
    """The values at a path, at most ``MAX_MATCHES``; none where a key is missing.

    Args:
        path: as kubectl writes it.
        item: an object, or a list object that has ``items``.
        budget: what the command may still spend; by default as much as a command may.

    Raises:
        RefusedCommand: the path cannot be read, or not be evaluated, or the budget is used up.
    """
    context = {_BUDGET: budget or Budget()}
    try:
        found = compile_path(path).finditer(item, filter_context=context)
        return [match.obj for match in islice(found, MAX_MATCHES)]
    except jsonpath.JSONPathError as error:
        raise RefusedCommand(f"The path {quote(path)} cannot be evaluated: {error}.") from error


def relax(expression: str) -> str:
    """The path of a column or of ``--sort-by``: ``a.b``, ``.a.b`` or ``{.a.b}``."""
    path = expression.strip().removeprefix("{").removesuffix("}")
    return path if path.startswith((".", "[", "$", "@")) else f".{path}"


def unescape(text: str) -> str:
    r"""Text with ``\n``, ``\t``, ``\"`` and the like carried out."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


def _rewrite(path: str) -> str:
    """Spell a path as RFC 9535 does: every name in brackets, rooted at ``$``."""
    tokens = _tokenise(path)
    _check_cost(tokens)
    written = "".join(_rewrite_token(kind, text) for kind, text in tokens)
    return written if written.startswith("$") else "$" + written.removeprefix("@")


def _tokenise(path: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while position < len(path):
        found = _TOKEN.match(path, position)
        if not found:
            raise RefusedCommand(f"The path {quote(path)} cannot be read at {quote(path[position:][:20])}.")
        tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
        position = found.end()
    return tokens


def _check_cost(tokens: list[tuple[str, str]]) -> None:
    """What multiplies: descents within descents, the root within a filter, long conditions."""
    kinds = [kind for kind, _ in tokens]
    if kinds.count("descend") > _MAX_DESCENTS:
        raise RefusedCommand(f"A path may hold '..' at most {_MAX_DESCENTS} times.")
    if kinds.count("operator") > _MAX_OPERATORS:
        raise RefusedCommand(f"A path may compare at most {_MAX_OPERATORS} times: ask for less at once.")
    if any(text == "$" for _, text in tokens[1:]):
        raise RefusedCommand("A path has its $ at the beginning only: inside of a filter write @.")


def _rewrite_token(kind: str, text: str) -> str:
    match kind:
        case "name":
            return f"[{json.dumps(unescape(text))}]"
        case "wild":
            return "[*]" if text == ".*" else "*"
        case "string":
            return json.dumps(unescape(text[1:-1]))
        case "word" if text not in _WORDS:
            return f"[{json.dumps(text)}]"
        case "word" if text == "nil":
            return "null"
        case "dot":
            return ""
        case "space":
            return " "
    return text
