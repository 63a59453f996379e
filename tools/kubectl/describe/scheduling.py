"""Where Pods may run: tolerations, taints, spreading, affinity."""

from typing import Any

from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.formats import format_selector


def describe_tolerations(writer: Writer, tolerations: list[dict[str, Any]], indent: str = "") -> None:
    """One toleration a line, sorted by key."""
    ordered = sorted(tolerations, key=lambda t: str(t.get("key") or ""))
    writer.several(f"{indent}Tolerations", [_write_toleration(t) for t in ordered])


def _write_toleration(toleration: dict[str, Any]) -> str:
    key, value, effect = (str(toleration.get(name) or "") for name in ("key", "value", "effect"))
    text = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if toleration.get("operator") == "Exists" and not value:
        text += " op=Exists" if text else "op=Exists"
    seconds = toleration.get("tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"


def describe_taints(writer: Writer, taints: list[dict[str, Any]]) -> None:
    """One taint a line, sorted by effect and key."""
    ordered = sorted(taints, key=lambda t: f"{t.get('effect')},{t.get('key')}")
    writer.several("Taints", [_write_taint(t) for t in ordered])


def _write_taint(taint: dict[str, Any]) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    effect = f":{taint['effect']}" if taint.get("effect") else ""
    return f"{taint.get('key')}{value}{effect}"


def describe_topology(writer: Writer, constraints: list[dict[str, Any]], indent: str = "") -> None:
    """Topology spread constraints, where there are any."""
    ordered = sorted(constraints, key=lambda c: str(c.get("topologyKey")))
    if ordered:
        writer.several(f"{indent}Topology Spread Constraints", [_write_constraint(c) for c in ordered])


def _write_constraint(constraint: dict[str, Any]) -> str:
    text = (
        f"{constraint.get('topologyKey')}:{constraint.get('whenUnsatisfiable')} "
        f"when max skew {constraint.get('maxSkew')} is exceeded"
    )
    selector = constraint.get("labelSelector")
    return text if selector is None else f"{text} for selector {format_selector(selector)}"


def write_node_requirement(requirement: dict[str, Any]) -> str:
    """``kubernetes.io/hostname in [node-a, node-b]``."""
    values = requirement.get("values") or []
    listed = f" [{', '.join(values)}]" if values else ""
    return f"{requirement.get('key')} {str(requirement.get('operator')).lower()}{listed}"
