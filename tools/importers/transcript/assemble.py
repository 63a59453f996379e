"""The sections of a transcript -> one incident."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2s
from typing import Any

from domain.objects import KubeObject
from tools.cluster.resources import builtin_kind
from tools.importers.incident import ImportedIncident, Leftover, is_safe_run
from tools.importers.transcript.ages import settle
from tools.importers.transcript.attribution import PodIndex
from tools.importers.transcript.clock import key_of, tell_moments
from tools.importers.transcript.command import canonical_line
from tools.importers.transcript.completion import complete
from tools.importers.transcript.logs import is_refusal
from tools.importers.transcript.mentioned import add_mentioned
from tools.importers.transcript.merge import fill
from tools.importers.transcript.owners import Index
from tools.importers.transcript.reader import read_section
from tools.importers.transcript.section import Rank, Raw, Reading, Section

MAX_SECTIONS = 5_000
"""Commands of one transcript that are read; what follows stays text."""

DEFAULT_NAMESPACE = "default"
_SECRET = re.compile(r"\bkind\"?:\s{0,20}\"?Secret\b")


def assemble(
    name: str, sections: Sequence[Section], now: datetime, default: str = DEFAULT_NAMESPACE
) -> ImportedIncident:
    """Read every section and put together what they tell.

    Args:
        name: what the incident shall be called.
        sections: in the order in which they were recorded.
        now: its present, where no date in it tells.
        default: the namespace of commands that named none, where nothing tells another.
    """
    readings = [read_section(section) for section in sections[:MAX_SECTIONS]]
    home = _find_home(readings) or default
    for reading in readings:
        _settle_home(reading, home)
    moments = tell_moments(readings, now)
    objects, documented = _merge_objects(readings, moments)
    events = _merge_events(readings, moments)
    listed = set[tuple[str, str]]().union(*(reading.listed for reading in readings))
    add_mentioned(objects, events, (log for reading in readings for log in reading.logs), listed)
    complete(objects, events, documented)
    imported = ImportedIncident(
        name=name,
        objects=list(objects.values()),
        events=events,
        namespaces=_tell_namespaces(readings, home),
        listed=listed,
        recorded_at=max(moments, default=now),
        version=next((reading.version for reading in reversed(readings) if reading.version), ""),
    )
    _keep_logs(imported, readings, PodIndex(objects))
    _keep_texts(imported, readings)
    imported.leftovers += [Leftover(section.title, section.text) for section in sections[MAX_SECTIONS:]]
    return imported


def _tell_namespaces(readings: Iterable[Reading], home: str) -> tuple[str, ...]:
    """The namespace that every command asked about; empty when they did not ask about one alone."""
    asked: set[str] = set()
    for command in (reading.section.command for reading in readings if reading.section.command):
        if "--all-namespaces" in command.flags:
            return ()
        if command.verb in ("logs", "events") or any(kind and kind.namespaced for kind, _ in command.targets):
            asked.add(command.namespace or home)
    return tuple(asked) if len(asked) == 1 else ()


def _find_home(readings: Iterable[Reading]) -> str:
    """The namespace of commands that named none: the one that their descriptions tell of, if they do."""
    told = Counter(
        told.item["metadata"].get("namespace", "")
        for reading in readings
        if reading.section.command is None or not reading.section.command.namespace
        for told in reading.told
    )
    del told[""]
    return told.most_common(1)[0][0] if told else ""


def _settle_home(reading: Reading, home: str) -> None:
    """Put what has no namespace, and should have one, into that of its command's."""
    for told in reading.told:
        _place(told.item["metadata"], told.item["kind"], home)
    for event in reading.events:
        about = event.get("involvedObject") or event.get("regarding") or {}
        _place(about, about.get("kind") or "", home)
        event["metadata"].setdefault("namespace", about.get("namespace") or home)
    reading.logs = [replace(log, namespace=log.namespace or home) for log in reading.logs]
    everywhere = reading.section.command is not None and "--all-namespaces" in reading.section.command.flags
    if not everywhere:
        reading.listed = {(k, n or (home if _is_namespaced(k) else "")) for k, n in reading.listed}


def _place(meta: Raw, kind: str, home: str) -> None:
    if not meta.get("namespace") and _is_namespaced(kind):
        meta["namespace"] = home


def _is_namespaced(kind: str) -> bool:
    known = builtin_kind(kind)
    return known is not None and known.namespaced


def _merge_objects(
    readings: Sequence[Reading], moments: Sequence[datetime]
) -> tuple[Index, set[tuple[str, str, str]]]:
    """Objects by key, the fullest and then the latest text first; and the keys of whole documents."""
    told = [(told.rank, place, told.item) for place, reading in enumerate(readings) for told in reading.told]
    living = {key_of(item) for rank, _, item in told if rank is not Rank.MANIFEST}
    objects: Index = {}
    documented: set[tuple[str, str, str]] = set()
    for rank, place, item in sorted(told, key=lambda entry: (-entry[0], -entry[1])):
        key = key_of(item)
        if key not in living or key in documented:
            continue
        settled = settle(item, moments[place])
        if key in objects:
            fill(objects[key], settled)
        else:
            objects[key] = settled
        if rank is Rank.DOCUMENT:
            documented.add(key)
    return objects, documented


def _merge_events(readings: Sequence[Reading], moments: Sequence[datetime]) -> list[KubeObject]:
    """Each event once, however often it was printed: its newest time, oldest beginning, highest count."""
    merged: dict[tuple[Any, ...], Raw] = {}
    for reading, moment in zip(readings, moments, strict=True):
        for event in reading.events:
            settled = settle(event, moment)
            about = settled.get("involvedObject") or {}
            key = (
                *(about.get(part) or "" for part in ("kind", "namespace", "name")),
                settled.get("reason"),
                settled.get("message") or settled.get("note"),
            )
            known = merged.setdefault(key, settled)
            if known is not settled:
                _join_event(known, settled)
    for key, event in merged.items():
        event["metadata"].setdefault("name", _name_event(key))
    return list(merged.values())


def _join_event(known: Raw, other: Raw) -> None:
    fill(known, other)
    known["count"] = max(known.get("count") or 1, other.get("count") or 1)
    if other.get("lastTimestamp"):
        known["lastTimestamp"] = max(known["lastTimestamp"], other["lastTimestamp"])
    if other.get("firstTimestamp"):
        known["firstTimestamp"] = min(known["firstTimestamp"], other["firstTimestamp"])


def _name_event(key: tuple[Any, ...]) -> str:
    digest = blake2s("|".join(map(str, key)).encode(), digest_size=8).hexdigest()
    return f"{key[2]}.{digest}"


def _keep_logs(imported: ImportedIncident, readings: Iterable[Reading], pods: PodIndex) -> None:
    for reading in readings:
        for log in reading.logs:
            run = pods.find_run(log, log.namespace)
            if run and is_safe_run(run):
                imported.logs[run] = log.text
            else:
                reading.unread = log.text


def _keep_texts(imported: ImportedIncident, readings: Iterable[Reading]) -> None:
    """Answer each command with its latest text; keep earlier ones and what was not understood."""
    known = {key_of(item) for item in imported.objects}
    for reading in readings:
        section = reading.section
        if _tells_secrets(reading):
            imported.leftovers.append(Leftover(section.title, "(may hold the data of a Secret: not kept)"))
            continue
        if section.command:
            _keep_answer(imported, section.command.line, section.text)
        wanted = {key_of(told.item) for told in reading.told if told.rank is Rank.MANIFEST}
        unread = section.text if wanted - known else reading.unread
        if unread.strip():
            imported.leftovers.append(Leftover(section.title, unread))


def _keep_answer(imported: ImportedIncident, line: str, text: str) -> None:
    key = canonical_line(line)
    earlier = imported.answers.get(key, "")
    if earlier.strip() and earlier != text:
        imported.leftovers.append(Leftover(f"{line} (earlier)", earlier))
    imported.answers[key] = text


def _tells_secrets(reading: Reading) -> bool:
    """Whether a text may hold the data of a Secret: it was printed as a document, or by an expression."""
    documents = (Rank.DOCUMENT, Rank.MANIFEST)
    if any(told.item["kind"] == "Secret" and told.rank in documents for told in reading.told):
        return True
    command = reading.section.command
    if command and command.output not in ("", "wide", "name"):
        return any(resource and resource.kind == "Secret" for resource, _ in command.targets)
    return bool(reading.unread and _SECRET.search(reading.unread))


def attach_logs(imported: ImportedIncident, logs: dict[str, list[str]], origin: str) -> list[Leftover]:
    """Put logs that are known by workload to the Pod of each; those without one Pod become leftovers."""
    pods = PodIndex({key_of(item): item for item in imported.objects})
    left: list[Leftover] = []
    for workload, lines in logs.items():
        text = "\n".join(lines)
        run = pods.find_named(workload)
        if run and text and is_safe_run(run) and not is_refusal(text):
            imported.logs.setdefault(run, text)
        elif text:
            left.append(Leftover(f"{origin}: {workload}", text))
    return left
