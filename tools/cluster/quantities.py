"""Kubernetes quantities: ``500m``, ``1.5Gi``, ``128974848``, ``129e6``."""

import re
from decimal import Decimal

_SUFFIXES = {"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1)}
_SUFFIXES |= {unit: Decimal(10) ** (3 * power) for power, unit in enumerate("kMGTPE", start=1)}
_SUFFIXES |= {f"{unit}i": Decimal(2) ** (10 * power) for power, unit in enumerate("KMGTPE", start=1)}
_QUANTITY = re.compile(r"^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)([eE][+-]?\d{1,3})?([numkKMGTPE]i?)?$")

_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("k", "M", "G", "T", "P", "E")


def parse_quantity(text: object) -> Decimal | None:
    """The value in base units (cores, bytes), or None for what is no quantity.

    See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    found = _QUANTITY.match(str(text).strip())
    if not found or (found[3] or "") not in _SUFFIXES:
        return None
    return Decimal(found[1] + (found[2] or "")) * _SUFFIXES[found[3] or ""]


def tell_quantity(value: Decimal, resource: str) -> str:
    """``2``, ``250m`` for cores; ``1.5Gi``, ``96Mi`` for bytes; plain numbers for all else."""
    if resource == "cpu":
        return f"{value.normalize():f}" if value == value.to_integral() else f"{int(value * 1000)}m"
    if "memory" in resource or "storage" in resource:
        for power, unit in ((4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki")):
            scaled = value / (Decimal(1024) ** power)
            if scaled >= 1:
                return f"{scaled.quantize(Decimal('0.1')).normalize():f}{unit}"
    return f"{value.normalize():f}"


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
