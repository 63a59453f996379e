"""Whether a parsed document has the shape of an object as far as Kubewhy walks through one.

The API server guarantees it; a file that somebody wrote or damaged does not.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = ("kind", "metadata.name", "metadata.namespace", "message", "note", "reason", "type")
_TIMES = ("lastTimestamp", "firstTimestamp", "eventTime", "metadata.creationTimestamp")
_NUMBERS = ("count",)
_MAPS = (
    *("metadata.labels", "metadata.annotations", "spec", "status", "data", "stringData", "source", "series"),
    *(
        "involvedObject",
        "regarding",
        "spec.template",
        "spec.template.metadata",
        "spec.template.metadata.labels",
    ),
    *("spec.template.spec", "spec.selector", "spec.selector.matchLabels"),
)
_LISTS = (
    *(
        "metadata.ownerReferences",
        "spec.containers",
        "spec.initContainers",
        "spec.volumes",
        "status.conditions",
    ),
    *("status.containerStatuses", "status.initContainerStatuses", "subsets", "subsets.addresses"),
    *("subsets.notReadyAddresses", "spec.template.spec.containers", "spec.template.spec.initContainers"),
)
_INNER_TEXTS = (
    *(
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "regarding.kind",
        "regarding.name",
    ),
    *("regarding.namespace", "metadata.ownerReferences.kind", "metadata.ownerReferences.name"),
    *("spec.containers.name", "spec.initContainers.name", "status.containerStatuses.name", "status.podIP"),
    *("status.phase", "status.startTime", "spec.template.spec.containers.name"),
)
_SHAPES: tuple[tuple[tuple[str, ...], type], ...] = (
    (_TEXTS + _TIMES + _INNER_TEXTS, str),
    (_NUMBERS, int),
    (_MAPS, dict),
)


def is_object(item: Any) -> bool:
    """Whether it has a kind or a name at least, and no part of another type than the API serves."""
    if (
        not isinstance(item, dict)
        or not isinstance(item.get("metadata"), dict)
        or not item["metadata"].get("name")
    ):
        return False
    for paths, shape in _SHAPES:
        if any(not isinstance(value, shape) for path in paths for value in _values(item, path.split("."))):
            return False
    return all(_is_list_of_maps(value) for path in _LISTS for value in _values(item, path.split(".")))


def _values(item: Any, path: list[str]) -> Iterator[Any]:
    """The values at a path, through lists; absent ones and nulls are left out."""
    if isinstance(item, list):
        for part in item:
            yield from _values(part, path)
    elif not path:
        yield item
    elif isinstance(item, Mapping) and (found := item.get(path[0])) is not None:
        if len(path) == 1:
            yield found
        else:
            yield from _values(found, path[1:])


def _is_list_of_maps(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)
