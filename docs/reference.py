"""Writes what documents say of the code, from the code: ``python -m docs.reference``.

``docs/configuration.md`` is written as a whole, out of the settings; in ``docs/architecture.md`` the picture
of the graph is exchanged. A test compares both with what this would write.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from domain.settings import Settings
from graphs.troubleshoot import graph

DOCS = Path(__file__).parent
CONFIGURATION, ARCHITECTURE = DOCS / "configuration.md", DOCS / "architecture.md"

_HEAD = """# Configuration

<!-- Written by `python -m docs.reference` from domain/settings.py: change it there. -->

Settings come from `kubewhy.toml` in the working directory, then from variables of the environment, which win.
A variable is named after the setting: `rounds` of `[limits]` is `KUBEWHY_LIMITS__ROUNDS`. Lists and tables
are written as JSON in a variable. Under Helm, `settings` of the chart's values is `kubewhy.toml` as YAML, and
secrets come from Secrets, as variables.

A value that cannot be used is refused with a sentence that names it. `kubewhy doctor` tries what the settings
lead to.
"""
_COLUMNS = "| setting | what it takes | default | what it is |\n|---|---|---|---|"
_BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "pattern": "`{}`"}
_PICTURE = re.compile(r"(?<=<!-- graph -->\n```mermaid\n).*?(?=```\n<!-- /graph -->)", re.S)
_WORDS: dict[Any, str] = {bool: "true or false", int: "number", float: "number", str: "text", Path: "path"}


def write_configuration() -> str:
    """The page of all settings, each in its table."""
    parts = [_HEAD]
    for table, model in _list_tables(Settings, ""):
        title = f"## `[{table}]`" if table else "## At the top"
        says = "" if not table else f"{_first_paragraph(model)}\n\n"
        rows = "\n".join(_write_rows(table, model))
        parts.append(f"{title}\n\n{says}{_COLUMNS}\n{rows}\n")
    return "\n".join(parts)


def draw_graph() -> str:
    """The state machine as a Mermaid diagram, drawn by LangGraph from the graph that runs."""
    drawn: str = graph.get_graph().draw_mermaid()
    return drawn.replace("\t", "  ").rstrip() + "\n"


def write_architecture() -> str:
    """The page about the architecture, with the picture as it is now."""
    return _PICTURE.sub(lambda _: draw_graph(), ARCHITECTURE.read_text(encoding="utf-8"))


def _list_tables(model: type[BaseModel], table: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The table itself, and those within it: ``[clusters.NAME]`` stands for one of any name."""
    yield table, model
    for name, field in model.model_fields.items():
        inner, many = _find_model(field.annotation)
        if inner is not None:
            yield from _list_tables(inner, ".".join(filter(None, (table, name, "NAME" if many else ""))))


def _find_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    if get_origin(annotation) is dict:
        inner, _ = _find_model(get_args(annotation)[1])
        return inner, True
    return None, False


def _write_rows(table: str, model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner, _ = _find_model(field.annotation)
        if inner is None:
            takes, default = " ".join(_describe(field)), _write_default(field)
            yield f"| `{name}` | {_escape(takes)} | {_escape(default)} | {_escape(field.description or '')} |"


def _describe(field: FieldInfo) -> Iterator[str]:
    yield _name_type(field.annotation)
    bounds = (
        form.format(getattr(bound, name))
        for bound in field.metadata
        for name, form in _BOUNDS.items()
        if getattr(bound, name, None) is not None
    )
    yield from bounds


def _name_type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin in (Union, UnionType):
        return _name_type(next(kind for kind in inner if kind is not NoneType))
    if origin is tuple:
        return "list of text"
    if origin is dict:
        return f"table of {_name_type(inner[1])}"
    return "text, secret" if annotation is SecretStr else _WORDS.get(annotation) or _name_type(str)


def _write_default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr) or value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, dict):
        return "<br>".join(f"`{key}`: {', '.join(map(str, found))}" for key, found in value.items())
    return f"`{json.dumps(value if isinstance(value, bool | int | float) else str(value))}`"


def _first_paragraph(model: type[BaseModel]) -> str:
    text = (model.__doc__ or "").partition("\n\n")[0]
    return " ".join(text.replace("``", "`").split())


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    CONFIGURATION.write_text(write_configuration(), encoding="utf-8")
    ARCHITECTURE.write_text(write_architecture(), encoding="utf-8")
