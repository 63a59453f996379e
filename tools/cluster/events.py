"""Events, whichever of the two APIs (core/v1, events.k8s.io/v1) wrote them."""

from dataclasses import dataclass
from datetime import datetime

from domain.objects import KubeObject, ObjectRef
from tools.cluster.times import BEGINNING, parse_time


@dataclass(frozen=True)
class Event:
    """One event, with the times and the count of its series."""

    about: ObjectRef
    type: str
    reason: str
    message: str
    count: int
    first: datetime
    last: datetime
    component: str
    container: str = ""

    @classmethod
    def of(cls, item: KubeObject) -> "Event":
        """Read a raw event; missing fields become empty, missing times the beginning of time."""
        series = item.get("series") or {}
        times = (
            parse_time(series.get("lastObservedTime")),
            parse_time(item.get("lastTimestamp") or item.get("deprecatedLastTimestamp")),
            parse_time(item.get("eventTime")),
            parse_time(item.get("firstTimestamp") or item.get("deprecatedFirstTimestamp")),
            parse_time((item.get("metadata") or {}).get("creationTimestamp")),
        )
        known = [moment for moment in times if moment] or [BEGINNING]
        return cls(
            about=_involved(item),
            type=item.get("type") or "Normal",
            reason=item.get("reason") or "",
            message=(item.get("message") or item.get("note") or "").strip(),
            count=series.get("count") or item.get("count") or item.get("deprecatedCount") or 1,
            first=min(known),
            last=max(known),
            component=(item.get("source") or {}).get("component") or item.get("reportingComponent") or "",
            container=_container(item),
        )


def _container(item: KubeObject) -> str:
    """The container that ``fieldPath`` names: ``spec.containers{cache}``."""
    path = str((item.get("involvedObject") or item.get("regarding") or {}).get("fieldPath") or "")
    return path.partition("{")[2].rstrip("}")


def _involved(item: KubeObject) -> ObjectRef:
    involved = item.get("involvedObject") or item.get("regarding") or {}
    kind, namespace = involved.get("kind") or "", involved.get("namespace") or ""
    return ObjectRef(
        kind=kind, name=involved.get("name") or "", namespace="" if kind == "Node" else namespace
    )
