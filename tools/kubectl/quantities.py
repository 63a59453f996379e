"""Sums of Kubernetes quantities, written in the API server's canonical form."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tools.cluster.quantities import parse_quantity
from tools.kubectl.tables.columns import entries, mapping

Amounts = dict[str, Decimal]

_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("k", "M", "G", "T", "P", "E")


def write_quantity(value: Decimal, *, binary: bool) -> str:
    """``1500m``, ``2``, ``96Mi``: the largest unit without a fraction.

    See https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity
    """
    if value != value.to_integral_value():
        return f"{int((value * 1000).to_integral_value())}m"
    whole, unit = int(value), ""
    step = 1024 if binary else 1000
    for suffix in _BINARY if binary else _DECIMAL:
        if not whole or whole % step:
            break
        whole, unit = whole // step, suffix
    return f"{whole}{unit}"


def read_amounts(resources: Mapping[str, Any]) -> Amounts:
    """A map of resource names to quantities, in base units."""
    return {name: parse_quantity(text) or Decimal(0) for name, text in resources.items()}


def pod_amounts(pod: Any, kind: str) -> Amounts:
    """The ``requests`` or ``limits`` of a Pod as the scheduler counts them.

    Containers and sidecars add up; an init container counts where it alone wants more; overhead is added.
    """
    spec = mapping(pod, "spec")
    total = add_amounts(read_amounts(mapping(c, "resources", kind)) for c in entries(spec, "containers"))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in entries(spec, "initContainers"):
        own = read_amounts(mapping(container, "resources", kind))
        if container.get("restartPolicy") == "Always":
            sidecars = add_amounts([sidecars, own])
            own = sidecars
        else:
            own = add_amounts([sidecars, own])
        peak = {name: max(peak.get(name, Decimal(0)), own.get(name, Decimal(0))) for name in peak | own}
    total = add_amounts([total, sidecars])
    total = {n: max(total.get(n, Decimal(0)), peak.get(n, Decimal(0))) for n in total | peak}
    overhead = read_amounts(mapping(spec, "overhead"))
    wanted = overhead if kind == "requests" else {n: v for n, v in overhead.items() if total.get(n)}
    return add_amounts([total, wanted])


def add_amounts(amounts: Iterable[Amounts]) -> Amounts:
    """The sum of several maps of amounts."""
    total: Amounts = {}
    for each in amounts:
        for name, value in each.items():
            total[name] = total.get(name, Decimal(0)) + value
    return total
