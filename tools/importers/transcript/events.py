"""Events in tables and in descriptions."""

import re
from collections.abc import Iterator

from tools.importers.transcript.ages import Ago, parse_age
from tools.importers.transcript.columns import Cells, read_inner_header, split_row
from tools.importers.transcript.command import find_type
from tools.importers.transcript.objects import prune, read_number, read_text
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_SERIES = re.compile(r"(\S+)\s+\(x(\d{1,9}) over (\S+)\)")
_SQUEEZED = re.compile(
    r"(Normal|Warning)\s+(\w+)\s+(\S+(?:\s+\(x\d{1,9} over \S+\))?)\s+([\w.-]+(?:, ?\S+)?)\s+(\S.*)"
)


def read_interval(text: str) -> tuple[Ago | None, Ago | None, int]:
    """(last, first, count) of ``8s (x9 over 118s)`` or of a plain age."""
    if found := _SERIES.fullmatch(text.strip()):
        return parse_age(found[1]), parse_age(found[3]), int(found[2])
    age = parse_age(text)
    return age, age, 1


def build_event(about: Raw, row: Cells) -> Raw:
    """An event from its cells by lower-case column name; moments stay ages."""
    last, first, count = read_interval(row.get("last seen") or row.get("age") or "")
    component, _, host = row.get("from", row.get("source", "")).partition(",")
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": prune({"namespace": about.get("namespace", "")}),
        "involvedObject": about,
        "type": row.get("type") or "Normal",
        "reason": row.get("reason", ""),
        "message": row.get("message", ""),
        "count": read_number(row.get("count", "")) or count,
        "source": prune({"component": read_text(component.strip()), "host": host.strip()}),
    }
    first = parse_age(row.get("first seen", "")) or first
    return event | prune({"lastTimestamp": last, "firstTimestamp": first})


def read_described_events(node: Node, item: Raw) -> Iterator[Raw]:
    """The events at the end of a description."""
    meta = item["metadata"]
    about = {"kind": item["kind"], "name": meta["name"], "apiVersion": item["apiVersion"]}
    about |= prune({"namespace": meta.get("namespace", "")})
    lines = [child.line for child in node.below()]
    header = read_inner_header(lines[0]) if lines else []
    for line in lines[1:]:
        if line.lstrip().startswith("----"):
            continue
        row = split_row(header, line)
        if row is None or not _is_sound(row):
            row = _read_squeezed(line)
        if row is not None:
            yield build_event(dict(about), {name.lower(): cell for name, cell in row.items()})


def _is_sound(row: Cells) -> bool:
    return row.get("Type") in ("Normal", "Warning") and " " not in row.get("Reason", " ")


def read_loose_event(line: str, target: str, namespace: str) -> Raw | None:
    """An event as a description lists it, printed about ``TYPE/NAME``; None when it is not laid out so."""
    row, (word, _, name) = _read_squeezed(line), target.partition("/")
    resource = find_type(word)
    if row is None or resource is None or not name:
        return None
    about = {"kind": resource.kind, "name": name} | prune({"namespace": namespace})
    return build_event(about, {title.lower(): cell for title, cell in row.items()})


def _read_squeezed(line: str) -> Cells | None:
    """An event whose columns have lost their places."""
    found = _SQUEEZED.match(line.strip())
    return (
        dict(zip(("Type", "Reason", "Age", "From", "Message"), found.groups(), strict=True))
        if found
        else None
    )


def read_event_row(cells: Cells, namespace: str) -> Raw | None:
    """The event of a row of ``kubectl get events`` or ``kubectl events``; None when it names no object."""
    row = {name.lower(): cell for name, cell in cells.items()}
    word, _, name = row.get("object", "").partition("/")
    resource = find_type(word)
    if not name:
        return None
    about: Raw = {"kind": resource.kind if resource else word, "name": name}
    home = row.get("namespace", "") or namespace
    event = build_event(about, row)
    event["metadata"] = prune({"namespace": home})
    if home and (resource is None or resource.namespaced):
        about["namespace"] = home
    if path := row.get("subobject", ""):
        about["fieldPath"] = path
    return event
