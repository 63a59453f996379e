"""``kubectl get``: the columns of every kind, as pure functions from objects to cells."""

from collections.abc import Sequence
from datetime import datetime

from domain.objects import KubeObject
from tools.cluster.pods import read_condition
from tools.cluster.resources import is_builtin_group
from tools.kubectl.tables.cluster import CLUSTER
from tools.kubectl.tables.columns import Cells, Printer, age_of, mapping, name_of, part
from tools.kubectl.tables.custom import is_defined_by, print_as_defined
from tools.kubectl.tables.events import EVENTS
from tools.kubectl.tables.network import NETWORK
from tools.kubectl.tables.pods import PODS
from tools.kubectl.tables.storage import STORAGE
from tools.kubectl.tables.workloads import WORKLOADS
from tools.kubectl.text import NONE

__all__ = ["find_printer"]

_PRINTERS = PODS | WORKLOADS | NETWORK | STORAGE | CLUSTER | EVENTS


def find_printer(items: Sequence[KubeObject], definitions: Sequence[KubeObject] = ()) -> Printer:
    """What prints objects of one kind.

    A custom resource has the columns of its CustomResourceDefinition; without one among ``definitions``
    NAME, STATUS where there is one, and AGE.
    """
    first = items[0]
    group, _, version = str(first.get("apiVersion") or "").rpartition("/")
    if is_builtin_group(group):
        return _PRINTERS.get(str(first.get("kind")), _CREATED)
    if definition := next((d for d in definitions if is_defined_by(first, d)), None):
        return print_as_defined(definition, version)
    return _WITH_STATUS if any(_tell_status(item) for item in items) else _PLAIN


def _tell_status(item: KubeObject) -> str:
    """The phase of an object, or how its most telling condition stands; empty without either."""
    status = mapping(item, "status")
    for field in ("phase", "state", "health"):
        if isinstance(status.get(field), str):
            return str(status[field])
    for kind in ("Ready", "Available", "Synced", "Reconciled", "Healthy"):
        if condition := read_condition(item, kind):
            is_true = condition.get("status") == "True"
            return kind if is_true else f"Not{kind}"
    return ""


def _fill_plain(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), age_of(item, now))


def _fill_with_status(item: KubeObject, now: datetime) -> Cells:
    reason = part(read_condition(item, "Ready"), "reason")
    return (name_of(item), _tell_status(item) or NONE, age_of(item, now), reason or NONE)


def _fill_created(item: KubeObject, now: datetime) -> Cells:
    """What the API server prints of a kind of its own that has no columns: LimitRange, Role, ..."""
    return (name_of(item), part(item, "metadata", "creationTimestamp"))


_CREATED = Printer.of("NAME|CREATED AT", _fill_created)
_PLAIN = Printer.of("NAME|AGE", _fill_plain)
_WITH_STATUS = Printer.of("NAME|STATUS|AGE|+REASON", _fill_with_status)
