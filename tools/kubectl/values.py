"""The values of flags, types and names: each has a closed form, checked before anything is read."""

import re
from collections.abc import Callable
from typing import Any

from domain.errors import RefusedCommand
from tools.cluster.selectors import match_fields, match_labels
from tools.cluster.times import parse_time
from tools.kubectl.flags import Settings
from tools.kubectl.parts import Output
from tools.kubectl.paths import compile_path, relax
from tools.kubectl.templates import check_expression
from tools.kubectl.words import quote

MAX_TAIL = 5000
"""Lines of a log; a longer ``--tail`` is clipped to it."""

MAX_HOURS = 87_600
"""How far ``--since`` goes back: ten years."""

_TYPE = re.compile(r"[a-z][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9.-]{0,252})?")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")
_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"([a-z0-9][a-z0-9.-]{0,252}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_GROUP = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")
_SUBRESOURCE = re.compile(r"[a-z]{1,40}")
_DURATION = re.compile(r"(\d{1,9}(\.\d{1,9})?(h|m|s|ms))+")
_HOURS = {"h": 1.0, "m": 1 / 60, "s": 1 / 3600, "ms": 1 / 3_600_000}
_TIME = re.compile(r"20\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_FORMATS = {
    "get": ("wide", "yaml", "json", "name", "jsonpath", "custom-columns"),
    "events": ("json", "yaml"),
    "api-resources": ("wide", "name"),
    "version": ("json", "yaml"),
}
_EXPRESSIONS = ("jsonpath", "custom-columns")


def read_values(verb: str, settings: Settings) -> dict[str, Any]:
    """The values of a verb's flags as the fields of a command.

    Raises:
        RefusedCommand: a value has not the form that its flag takes.
    """
    if settings.get("since") and settings.get("since_time"):
        raise RefusedCommand("Give --since or --since-time, not both.")
    fields: dict[str, Any] = {name: _READERS.get(name, _keep)(value) for name, value in settings.items()}
    if "output" in fields:
        fields["output"] = _read_output(verb, fields["output"])
    if verb == "get" and "sort_by" in fields:
        compile_path(relax(fields["sort_by"]))
    return fields


def split_path(word: str) -> tuple[str, str]:
    """The type and the name of ``TYPE/NAME``.

    Raises:
        RefusedCommand: it is none.
    """
    kind, _, name = word.partition("/")
    if not name:
        raise RefusedCommand(f"{quote(word)} is not TYPE/NAME: write every object like deployment/web.")
    return check_type(kind), check_name(name)


def check_type(word: str) -> str:
    """A resource type in lower case.

    Raises:
        RefusedCommand: none is written like that.
    """
    if not _TYPE.fullmatch(word.lower()):
        raise RefusedCommand(
            f"{quote(word)} cannot be a resource type: write pods, deploy, or ingresses.networking.k8s.io."
        )
    return word.lower()


def check_name(word: str) -> str:
    """The name of an object.

    Raises:
        RefusedCommand: no object is called like that.
    """
    if not _NAME.fullmatch(word):
        raise RefusedCommand(f"{quote(word)} cannot be the name of an object: give the exact name.")
    return word


def check_container(word: str) -> str:
    """The name of a container.

    Raises:
        RefusedCommand: no container is called like that.
    """
    if not _DNS_LABEL.fullmatch(word):
        raise RefusedCommand(f"{quote(word)} cannot be the name of a container: give the exact name.")
    return word


def _keep(value: Any) -> Any:
    return value


def _matching(pattern: re.Pattern[str], refusal: str) -> Callable[[str], str]:
    """A reader of text of one form; ``refusal`` follows the text in the sentence."""

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise RefusedCommand(f"{quote(text)} {refusal}.")
        return text

    return read


def _read_since(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise RefusedCommand("--since takes a duration such as 90s, 15m or 24h.")
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", text)
    if sum(float(value) * _HOURS[unit] for value, unit in parts) > MAX_HOURS:
        raise RefusedCommand("--since goes back at most ten years: write 1h, or leave it out for all.")
    return text


def _read_since_time(text: str) -> str:
    if not _TIME.fullmatch(text) or parse_time(text.upper()) is None:
        raise RefusedCommand("--since-time takes a time such as 2026-01-31T14:05:00Z.")
    return text


def _read_selector(text: str) -> str:
    match_labels(text)
    return text


def _read_field_selector(text: str) -> str:
    match_fields(text)
    return text


def _read_types(types: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := [kind for kind in types if kind.capitalize() not in ("Normal", "Warning")]:
        raise RefusedCommand(f"--types takes Normal and Warning, not {quote(wrong[0])}.")
    return tuple(kind.capitalize() for kind in types)


def _read_label_columns(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_read_label, keys))


def _read_output(verb: str, text: str) -> Output:
    name, has_expression, expression = text.partition("=")
    if name not in _FORMATS[verb]:
        raise RefusedCommand(f"-o {quote(name)} is refused: {verb} takes -o {', '.join(_FORMATS[verb])}.")
    if name in _EXPRESSIONS and not expression:
        raise RefusedCommand(f"-o {name} needs an expression: write -o {name}=...")
    if has_expression and name not in _EXPRESSIONS:
        raise RefusedCommand(f"-o {name} takes no expression.")
    if name in _EXPRESSIONS:
        check_expression(name, expression)
    return Output(format=name, expression=expression)


_read_label = _matching(_LABEL, "cannot be the key of a label: write -L app.kubernetes.io/name")

_READERS: dict[str, Callable[[Any], Any]] = {
    "namespace": _matching(_DNS_LABEL, "cannot be a namespace: give one name, or -A for all"),
    "container": check_container,
    "subresource": _matching(_SUBRESOURCE, "cannot be a subresource: write log or status"),
    "api_group": _matching(_GROUP, "cannot be an API group: write apps or networking.k8s.io"),
    "selector": _read_selector,
    "field_selector": _read_field_selector,
    "label_columns": _read_label_columns,
    "since": _read_since,
    "since_time": _read_since_time,
    "tail": lambda lines: min(lines, MAX_TAIL),
    "types": _read_types,
    "for_object": lambda path: "/".join(split_path(path)),
}
"""How the value of a field is read; the others are kept as they are."""
