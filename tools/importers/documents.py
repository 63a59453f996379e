"""JSON and YAML in which Kubernetes objects may be found, whatever stands around them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
import yaml

from domain.objects import KubeObject
from tools.cluster.resources import BUILTIN_RESOURCES, builtin_kind, find_resource
from tools.importers.shapes import is_object

MAX_ITEMS = 200_000
"""Objects of one text."""

MAX_VALUES = 1_000_000
MAX_DEPTH = 100
"""Maps and lists of one text, and how deep they may nest; what aliases stand for is counted each time."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc, valid-type]
    """Leaves timestamps as text, as JSON does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


def read_documents(text: str) -> list[Any]:
    """The documents of a text in JSON or YAML; none when it is neither, or beyond measure."""
    stripped = text.strip()
    try:
        if stripped[:1] in ("{", "["):
            documents = [orjson.loads(stripped)]
        else:
            loaded = yaml.load_all(stripped, Loader=_Loader)  # noqa: S506 (a subclass of the safe loader)
            documents = [document for document in loaded if document is not None]
    except (orjson.JSONDecodeError, yaml.YAMLError, ValueError, RecursionError):
        return []
    return documents if _is_bounded(documents) else []


def _is_bounded(documents: list[Any]) -> bool:
    """Whether the values are few enough and flat enough to be walked through."""
    left, level = MAX_VALUES, documents
    for _ in range(MAX_DEPTH):
        left -= len(level)
        if not level or left < 0:
            return left >= 0
        level = [part for value in level for part in islice(_parts(value), left + 1)]
    return False


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (part for part in value.values() if isinstance(part, dict | list))
    elif isinstance(value, list):
        yield from (part for part in value if isinstance(part, dict | list))


def find_objects(document: Any, hint: str = "") -> Iterator[KubeObject]:
    """The objects of a document: one, a list of either form, or the items of a typed list.

    Args:
        document: what was parsed.
        hint: a plural (``pods``), for items that do not say their kind.
    """
    if isinstance(document, list):
        for item in document[:MAX_ITEMS]:
            yield from _complete(item, "", "", hint)
    elif (
        isinstance(document, Mapping) and isinstance(document.get("items"), list) and not _has_name(document)
    ):
        listed = str(document.get("kind") or "").removesuffix("List")
        version = str(document.get("apiVersion") or "") if listed else ""
        for item in document["items"][:MAX_ITEMS]:
            yield from _complete(item, listed, version, hint)
    else:
        yield from _complete(document, "", "", hint)


def _complete(item: Any, kind: str, version: str, hint: str) -> Iterator[KubeObject]:
    """The item with its kind and version, if it has the shape of an object."""
    if not is_object(item):
        return
    named = find_resource(hint.replace("-", ""), BUILTIN_RESOURCES) if hint and not kind else None
    kind = item.get("kind") or kind or (named.kind if named else "")
    if not kind:
        return
    known = builtin_kind(kind)
    version = item.get("apiVersion") or version or (known.api_version if known else "v1")
    found = {**item, "apiVersion": str(version), "kind": kind}
    yield _without_values(found) if kind == "Secret" else found


def _without_values(secret: KubeObject) -> KubeObject:
    """A Secret with its keys alone, and without the copy of it that ``kubectl apply`` leaves behind."""
    emptied: KubeObject = {
        part: dict.fromkeys(secret[part] or {}) for part in ("data", "stringData") if part in secret
    }
    meta = dict(secret["metadata"])
    meta["annotations"] = {k: v for k, v in (meta.get("annotations") or {}).items() if k != _LAST_APPLIED}
    return {**secret, **emptied, "metadata": meta}


def _has_name(document: Mapping[str, Any]) -> bool:
    meta = document.get("metadata")
    return isinstance(meta, Mapping) and bool(meta.get("name"))
