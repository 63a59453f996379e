"""The tables inside of descriptions: conditions and whatever else has a header over a line of dashes."""

from tools.importers.transcript.ages import parse_date
from tools.importers.transcript.columns import Cells, read_inner_header, split_row
from tools.importers.transcript.objects import condition
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw


def read_inner_table(node: Node) -> list[Cells]:
    """The rows of a table under ``node``; rows that do not fit are left out."""
    lines = [child.line for child in node.below()]
    if len(lines) < 2 or not lines[1].lstrip().startswith("--"):
        return []
    header = read_inner_header(lines[0])
    rows = (split_row(header, line) for line in lines[2:])
    return [row for row in rows if row is not None]


def read_condition_table(root: Node) -> list[Raw]:
    """The conditions of a workload, an autoscaler or a Node."""
    rows = read_inner_table(root.find("Conditions"))
    return [
        condition(
            row.get("Type", ""),
            row.get("Status", ""),
            row.get("Reason", ""),
            row.get("Message", ""),
            lastHeartbeatTime=parse_date(row.get("LastHeartbeatTime", "")),
            lastTransitionTime=parse_date(row.get("LastTransitionTime", "")),
        )
        for row in rows
        if row.get("Type")
    ]
