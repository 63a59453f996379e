"""Label and field selectors, read and matched as the API server does."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import RefusedCommand
from domain.objects import KubeObject

Predicate = Callable[[KubeObject], bool]

_COMMA_OUTSIDE_BRACKETS = re.compile(r",(?![^()]*\))")
_KEY = r"(?P<key>[A-Za-z0-9][A-Za-z0-9._/-]*)"
_VALUE = r"[A-Za-z0-9_.-]*"
_SET = re.compile(rf"{_KEY}\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUALITY = re.compile(rf"{_KEY}\s*(?P<op>==|!=|=)\s*(?P<value>{_VALUE})")
_ORDER = re.compile(rf"{_KEY}\s*(?P<op>[<>])\s*(?P<value>-?\d+)")
_EXISTS = re.compile(rf"(?P<op>!?)\s*{_KEY}")
_FIELD = re.compile(r"(?P<path>[A-Za-z][\w./-]*)\s*(?P<op>==|!=|=)\s*(?P<value>.*)")
_FIELD_ALIASES = {"source": "source.component"}
"""Names under which the API server selects events by a field of another name."""


def match_labels(selector: str) -> Predicate:
    """Read a label selector: ``app=web,tier in (a, b),env notin (dev),!legacy,gen>3``.

    As in Kubernetes, ``!=`` and ``notin`` also match objects that lack the label.

    Raises:
        RefusedCommand: the selector cannot be read.
    """
    parts = [part.strip() for part in _COMMA_OUTSIDE_BRACKETS.split(selector) if part.strip()]
    tests = [_read_requirement(part) for part in parts]

    def matches(item: KubeObject) -> bool:
        labels = (item.get("metadata") or {}).get("labels") or {}
        return all(test(labels) for test in tests)

    return matches


def _read_requirement(text: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.fullmatch(text):
        return _set_test(found["key"], found["op"] == "in", found["values"])
    if found := _EQUALITY.fullmatch(text):
        return _set_test(found["key"], found["op"] != "!=", found["value"])
    if found := _ORDER.fullmatch(text):
        return _order_test(found["key"], found["op"], int(found["value"]))
    if found := _EXISTS.fullmatch(text):
        key, wanted = found["key"], not found["op"]
        return lambda labels: (key in labels) is wanted
    raise RefusedCommand(
        f"The label selector {text!r} cannot be read: write it like app=web,tier in (a,b),!legacy."
    )


def _set_test(key: str, wanted: bool, values: str) -> Callable[[Mapping[str, str]], bool]:
    accepted = {value.strip() for value in values.split(",")}
    return lambda labels: (key in labels and labels[key] in accepted) is wanted


def _order_test(key: str, op: str, bound: int) -> Callable[[Mapping[str, str]], bool]:
    def test(labels: Mapping[str, str]) -> bool:
        try:
            value = int(labels[key])
        except (KeyError, ValueError):
            return False
        return value > bound if op == ">" else value < bound

    return test


def match_fields(selector: str) -> Predicate:
    r"""Read a field selector: ``status.phase!=Running,spec.nodeName=node-a`` (``\,`` ``\=`` escape).

    Any dotted path is accepted, for any kind. A field that is absent equals the empty string, and
    ``false`` and ``0`` too, since the API omits those.

    Raises:
        RefusedCommand: the selector cannot be read.
    """
    tests = [_read_field(part) for part in re.split(r"(?<!\\),", selector) if part.strip()]
    return lambda item: all(test(item) for test in tests)


def _read_field(text: str) -> Predicate:
    found = _FIELD.fullmatch(text.strip())
    if not found:
        raise RefusedCommand(
            f"The field selector {text.strip()!r} cannot be read: write it like status.phase=Running."
        )
    path = _FIELD_ALIASES.get(found["path"], found["path"]).split(".")
    wanted, equal = re.sub(r"\\([,=\\])", r"\1", found["value"].strip()), found["op"] != "!="
    return lambda item: _equals(_value_at(item, path), wanted) is equal


def _value_at(item: KubeObject, path: list[str]) -> Any:
    value: Any = item
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _equals(value: Any, wanted: str) -> bool:
    if value is None:
        return wanted in ("", "false", "0")
    if isinstance(value, bool):
        return wanted == str(value).lower()
    return str(value) == wanted
