"""The table of a custom resource, with the columns that its CustomResourceDefinition gives it.

As the API server makes it: k8s.io/apiextensions-apiserver, pkg/registry/customresource/tableconvertor.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import RefusedCommand
from domain.objects import KubeObject
from tools.cluster.reader import Column
from tools.cluster.times import parse_time
from tools.kubectl.paths import find_values, relax
from tools.kubectl.tables.columns import Cells, Printer, entries, name_of, part
from tools.kubectl.templates import write_value
from tools.kubectl.text import tell_age

_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
"""The only column besides the name where a definition gives none."""


def print_as_defined(definition: KubeObject, version: str) -> Printer:
    """The printer of a custom resource.

    Args:
        definition: its CustomResourceDefinition.
        version: in which its objects are, such as ``v1alpha1``.
    """
    versions = entries(definition, "spec", "versions")
    served: KubeObject = next((v for v in versions if v.get("name") == version), {})
    defined = entries(served, "additionalPrinterColumns") or [_AGE]
    columns = [Column(name=str(c.get("name")), priority=int(c.get("priority") or 0)) for c in defined]

    def fill(item: KubeObject, now: datetime) -> Cells:
        return (name_of(item), *(_fill_cell(column, item, now) for column in defined))

    return Printer((Column(name="Name"), *columns), fill)


def is_defined_by(item: KubeObject, definition: KubeObject) -> bool:
    """Whether an object is of the kind that a CustomResourceDefinition defines."""
    group = str(item.get("apiVersion") or "").rpartition("/")[0]
    kind = str(item.get("kind") or "").partition(".")[0]
    return (part(definition, "spec", "group"), part(definition, "spec", "names", "kind")) == (group, kind)


def _fill_cell(column: Mapping[str, Any], item: KubeObject, now: datetime) -> object:
    """The first value at the path of a column; None where there is none, or one of another type."""
    try:
        found = find_values(relax(str(column.get("jsonPath") or "")), item)
    except RefusedCommand:  # the definition's path is none: as for the server, there is no value
        return None
    value = found[0] if found else None
    match column.get("type"):
        case "string":
            return write_value(value)
        case "date" if isinstance(value, str):
            return "<invalid>" if parse_time(value) is None else tell_age(value, now)
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
        case "number" if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    return None
