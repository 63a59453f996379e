"""``-o yaml|json|name|jsonpath|custom-columns``, and ``--sort-by``: objects as documents."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from domain.objects import KubeObject
from tools.cluster.quantities import parse_quantity
from tools.kubectl.parts import Output
from tools.kubectl.paths import Budget, find_values, relax
from tools.kubectl.tables.columns import name_of
from tools.kubectl.templates import read_columns, render_template, write_value
from tools.kubectl.text import NONE, lay_out_table

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MOST_SORTED = 1000
"""Characters of a text that count when objects are sorted by it."""


def strip(item: KubeObject) -> KubeObject:
    """An object without ``managedFields`` and the last applied configuration: noise, and a second copy."""
    meta = dict(item.get("metadata") or {})
    meta.pop("managedFields", None)
    if annotations := {k: v for k, v in (meta.get("annotations") or {}).items() if k != _LAST_APPLIED}:
        meta["annotations"] = annotations
    else:
        meta.pop("annotations", None)
    return item | {"metadata": meta}


def bundle(items: Sequence[KubeObject], *, is_single: bool) -> KubeObject:
    """The one object that was named, or a ``List`` as kubectl makes it."""
    stripped = [strip(item) for item in items]
    if is_single and len(stripped) == 1:
        return stripped[0]
    return {"apiVersion": "v1", "items": stripped, "kind": "List", "metadata": {"resourceVersion": ""}}


def render_documents(items: Sequence[KubeObject], output: Output, *, is_single: bool, header: bool) -> str:
    """Objects in the format that ``-o`` asks for.

    Raises:
        RefusedCommand: the expression of the format cannot be read.
    """
    match output.format:
        case "name":
            return "\n".join(write_path(item) for item in items)
        case "json":
            return write_json(bundle(items, is_single=is_single))
        case "yaml":
            return write_yaml(bundle(items, is_single=is_single))
        case "jsonpath":
            return render_template(output.expression, bundle(items, is_single=is_single)).rstrip("\n")
    return _render_columns([strip(item) for item in items], output.expression, header=header)


def write_path(item: KubeObject) -> str:
    """``pod/web``, ``deployment.apps/web``."""
    group = str(item.get("apiVersion") or "").rpartition("/")[0]
    kind = str(item.get("kind") or "").partition(".")[0].lower()
    return f"{kind}{'.' if group else ''}{group}/{name_of(item)}"


def write_json(document: Any) -> str:
    """JSON as kubectl indents it."""
    return json.dumps(document, indent=4, ensure_ascii=False, sort_keys=True)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes text of several lines as a block, as kubectl does."""


def _represent_text(dumper: Any, text: str) -> Any:
    """A block for several lines; double quotes where plain text would read as a number, a time, ..."""
    tag = dumper.resolve(yaml.ScalarNode, text, (True, False))
    style = "|" if "\n" in text else None if tag == "tag:yaml.org,2002:str" else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def write_yaml(document: Any) -> str:
    """YAML as kubectl writes it: keys sorted, nothing folded."""
    text = yaml.dump(document, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=1_000_000)
    return str(text).rstrip("\n")


def _render_columns(items: Sequence[KubeObject], spec: str, *, header: bool) -> str:
    columns, budget = read_columns(spec), Budget()
    rows = [[name for name, _ in columns]] if header else []
    for item in items:
        found = [find_values(path, item, budget) for _, path in columns]
        rows.append(
            [",".join(_write_plain(v) if v is not None else NONE for v in values) or NONE for values in found]
        )
    return lay_out_table(rows)


def _write_plain(value: Any) -> str:
    """A value as Go prints it: ``[a b]``, ``map[k:v]``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_write_plain(v)}' for key, v in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(_write_plain, value))}]"
    return "<nil>" if value is None else write_value(value)


def sort_items(items: Sequence[KubeObject], path: str) -> list[KubeObject]:
    """Objects by the value at a path, smallest first; those without one come first, as in kubectl.

    Raises:
        RefusedCommand: the path cannot be read.
    """
    return sorted(items, key=rank_by(path))


def rank_by(path: str) -> Callable[[KubeObject], tuple[Any, ...]]:
    """The key by which ``sort_items`` sorts. The key raises what that raises."""
    wanted, budget = relax(path), Budget()
    return lambda item: _sort_key(next(iter(find_values(wanted, strip(item), budget)), None))


def _sort_key(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (1, int(value))
    if isinstance(value, int | float):
        return (1, value)
    text = write_value(value)[:_MOST_SORTED]
    if (quantity := parse_quantity(text)) is not None:
        return (1, quantity)
    pieces = re.split(r"(\d+)", text)
    return (2, [(piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces])
