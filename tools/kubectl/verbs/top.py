"""``kubectl top pods|nodes``: use of CPU and memory, as metrics-server measured it."""

from decimal import Decimal
from typing import Any

from domain.objects import KubeObject
from tools.cluster.quantities import parse_quantity
from tools.cluster.selectors import match_fields, match_labels
from tools.kubectl.tables.columns import entries, mapping, name_of, part
from tools.kubectl.text import UNKNOWN, lay_out_table
from tools.kubectl.verbs.request import Request, tell_not_found

_MEBIBYTE = 1024 * 1024


async def top(request: Request) -> str:
    """The table of use, largest first with ``--sort-by``.

    Raises:
        ClusterUnavailable: there are no metrics.
    """
    (resource, target), command = request.found[0], request.command
    kind = resource.kind
    metrics = await request.reader.top(kind, request.where(resource))
    matches, selects = match_labels(command.selector), match_fields(command.field_selector)
    metrics = [m for m in metrics if matches(m) and selects(m)]
    if target.names:
        metrics = [m for m in metrics if name_of(m) in target.names]
        if not metrics:
            return await tell_not_found(request, resource, target.names[0])
    if not metrics:
        return (
            "No resources found"
            if request.where(resource) is None
            else f"No resources found in {request.namespace} namespace."
        )
    rows = await _node_rows(request, metrics) if kind == "Node" else _pod_rows(request, metrics)
    return lay_out_table(rows[1:] if command.no_headers else rows)


def _pod_rows(request: Request, metrics: list[KubeObject]) -> list[list[str]]:
    command = request.command
    extra = ["NAMESPACE"] * command.all_namespaces + ["POD"] * command.containers
    rows = [[*extra, "NAME", "CPU(cores)", "MEMORY(bytes)"]]
    for metric in sorted(metrics, key=lambda m: _rank(command.sort_by, _total(m), m)):
        home = [str(part(metric, "metadata", "namespace"))] * command.all_namespaces
        if not command.containers:
            rows.append([*home, name_of(metric), *_write_use(_total(metric))])
            continue
        for container in entries(metric, "containers"):
            use = _read_use(container)
            rows.append([*home, name_of(metric), str(container.get("name")), *_write_use(use)])
    return rows


async def _node_rows(request: Request, metrics: list[KubeObject]) -> list[list[str]]:
    nodes = {name_of(node): node for node in await request.reader.list("Node")}
    rows = [["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]]
    for metric in sorted(metrics, key=lambda m: _rank(request.command.sort_by, _read_use(m), m)):
        use = _read_use(metric)
        shown = _write_use(use)
        room = mapping(nodes.get(name_of(metric)), "status", "allocatable")
        percents = [_percent(use[i], room.get(key)) for i, key in enumerate(("cpu", "memory"))]
        rows.append([name_of(metric), shown[0], percents[0], shown[1], percents[1]])
    return rows


Use = tuple[Decimal, Decimal]


def _read_use(holder: Any) -> Use:
    usage = mapping(holder, "usage")
    return (parse_quantity(usage.get("cpu")) or Decimal(0), parse_quantity(usage.get("memory")) or Decimal(0))


def _total(metric: KubeObject) -> Use:
    uses = [_read_use(container) for container in entries(metric, "containers")]
    return (sum((u[0] for u in uses), Decimal(0)), sum((u[1] for u in uses), Decimal(0)))


def _write_use(use: Use) -> list[str]:
    return [f"{int(use[0] * 1000)}m", f"{int(use[1] // _MEBIBYTE)}Mi"]


def _percent(used: Decimal, room: object) -> str:
    total = parse_quantity(room)
    return f"{int(used / total * 100)}%" if total else UNKNOWN


def _rank(sort_by: str, use: Use, metric: KubeObject) -> tuple[Decimal, str, str]:
    amount = {"cpu": -use[0], "memory": -use[1]}.get(sort_by, Decimal(0))
    return (amount, str(part(metric, "metadata", "namespace") or ""), name_of(metric))
