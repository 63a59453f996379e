"""Kubernetes events from Fluent Bit's ``kubernetes_events`` input: the Event object is the record."""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.entry import Stamp, read_stamp
from pipeline.place import Place
from tools.logs.store import Level

SERVICE = "kubernetes-events"
"""The service of every event: an event names its object, but not the object's labels."""

_CONTAINER = re.compile(r"spec\.(?:init|ephemeral)?[cC]ontainers\{(?P<name>[^}]+)\}")

Read = tuple[Place, Stamp | None, str, Level, dict[str, str]]


def is_event(record: Mapping[str, Any]) -> bool:
    """Whether a record is an Event, of core/v1 or of events.k8s.io."""
    about = record.get("involvedObject") or record.get("regarding")
    return isinstance(about, Mapping) and isinstance(record.get("metadata"), Mapping) and "reason" in record


def read_event(record: Mapping[str, Any], cluster: str) -> Read:
    """Place, time, text, level and fields of an event.

    Each update of an event (its count rises) is an entry of its own, told apart by the object's version.
    """
    about: Mapping[str, Any] = record.get("involvedObject") or record["regarding"]
    meta: Mapping[str, Any] = record["metadata"]
    kind, name = str(about.get("kind") or ""), str(about.get("name") or "")
    container = _CONTAINER.search(str(about.get("fieldPath") or ""))
    place = Place(
        cluster=str(record.get("cluster") or cluster),
        namespace=str(about.get("namespace") or meta.get("namespace") or ""),
        pod=name if kind == "Pod" else "",
        container=container["name"] if container else "",
        host=str((record.get("source") or {}).get("host") or (name if kind == "Node" else "")),
        service=SERVICE,
    )
    stamp = _read_time(record, meta)
    said = str(record.get("message") or record.get("note") or "").strip()
    text = f"{record.get('type') or 'Normal'} {record.get('reason')} {kind}/{name}: {said}"
    return place, stamp, text, _level(record), _fields(record, kind, name)


def _read_time(record: Mapping[str, Any], meta: Mapping[str, Any]) -> Stamp | None:
    series = record.get("series") or {}
    times = (
        *(record.get("lastTimestamp"), series.get("lastObservedTime"), record.get("deprecatedLastTimestamp")),
        *(record.get("eventTime"), record.get("firstTimestamp"), meta.get("creationTimestamp")),
    )
    stamp = next(filter(None, map(read_stamp, times)), None)
    if stamp is None or not meta.get("uid"):
        return stamp
    version = f"{meta['uid']} {meta.get('resourceVersion')} {record.get('count')} {stamp.written}"
    return Stamp(stamp.time, version, exact=True)


def _level(record: Mapping[str, Any]) -> Level:
    return Level.INFO if (record.get("type") or "Normal") == "Normal" else Level.WARNING


def _fields(record: Mapping[str, Any], kind: str, name: str) -> dict[str, str]:
    source = record.get("source") or {}
    component = (
        source.get("component") or record.get("reportingComponent") or record.get("reportingController")
    )
    count = record.get("count") or (record.get("series") or {}).get("count") or record.get("deprecatedCount")
    told = {
        "kind": kind,
        "name": name,
        "reason": record.get("reason"),
        "component": component,
        "count": count,
    }
    return {key: str(value) for key, value in told.items() if value}
