"""JSON and YAML files of a recording, with errors that name the file and the line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import yaml

from domain.errors import MalformedRecording

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: slower, same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class _Loader(_SafeLoader):
    """Leaves timestamps as text, as JSON does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


def read_documents(path: Path) -> list[Any]:
    """The documents of a ``.json`` (one) or ``.yaml``/``.yml`` file (several, empty ones left out).

    Raises:
        MalformedRecording: the file cannot be read or parsed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error
    if path.suffix == ".json":
        return [_parse_json(path, content)]
    return [document for document in _parse_yaml(path, content) if document is not None]


def find_line(path: Path, place: Sequence[str | int]) -> int:
    """The line (from 1) of a YAML file on which the value at ``place`` begins, or where its parent does."""
    node = yaml.compose(path.read_bytes(), Loader=_Loader)
    for step in place:
        node = _child(node, step) or node
    return node.start_mark.line + 1 if node else 1


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    children: dict[str | int, yaml.Node] = {}
    if isinstance(node, yaml.MappingNode):
        children = {key.value: value for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        children = dict(enumerate(node.value))
    return children.get(step)


def _parse_json(path: Path, content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise MalformedRecording(
            f"{path}, line {error.lineno}: this is not valid JSON ({error.msg}); record the file again."
        ) from error


def _parse_yaml(path: Path, content: bytes) -> list[Any]:
    try:
        return list(yaml.load_all(content, Loader=_Loader))  # noqa: S506 (a subclass of the safe loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MalformedRecording(f"{path}, line {line}: this is not valid YAML ({error.problem}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MalformedRecording(f"{path}, line 1: this is not YAML text ({_first_line(error)}).") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
