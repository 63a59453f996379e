"""Alerts that bots write into a channel: read, whoever wrote them, and told apart by what they are about.

Alertmanager, Grafana, Robusta, PagerDuty and CloudWatch lay them out differently, in text, attachments or
blocks; what they share are a word for the state, a name, and the labels ``name=value`` or ``name: value``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from surfaces.slack.text import read_text

_STATE = re.compile(
    r"\b(?:(?P<firing>FIRING|TRIGGERED|ALARM|ALERTING)|(?P<over>RESOLVED|RECOVERED|OK))\b", re.IGNORECASE
)
_NAMED = re.compile(r"\[?(?:FIRING|RESOLVED)(?::\d+)?\]?[\s:*\"]+(?P<name>[A-Za-z]\w{2,})", re.IGNORECASE)
_KINDS = {
    "pod": "Pod",
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job_name": "Job",
    "cronjob": "CronJob",
    "persistentvolumeclaim": "PersistentVolumeClaim",
    "service": "Service",
    "node": "Node",
}
"""kube-state-metrics' labels -> the kind, the most telling first. ``job`` names a scrape, no Job."""

_LABEL = re.compile(
    rf"\b(?P<label>alertname|cluster|namespace|{'|'.join(_KINDS)})[\"'*`]* *[=:][\"'*` ]*"
    r"(?P<value>[A-Za-z0-9][\w.-]*)",
    re.IGNORECASE,
)
MOST_CHARACTERS = 8_000


@dataclass(frozen=True)
class Alert:
    """What an alert is about; ``labels`` by name, in lower case."""

    resolved: bool
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """The object, ``Pod cache-7d in namespace shop``; empty where no label names one."""
        kind = next((label for label in _KINDS if label in self.labels), "")
        named = f"{_KINDS[kind]} {self.labels[kind]}" if kind else ""
        space = self.labels.get("namespace", "")
        return f"{named} in namespace {space}".strip() if space and kind != "node" else named

    @property
    def fingerprint(self) -> str:
        """The same for all alerts of one rule about one object, firing or resolved."""
        return "|".join((self.labels.get("alertname", ""), self.labels.get("cluster", ""), self.about))

    @property
    def question(self) -> str:
        """The question that the alert asks."""
        where = f" of cluster {self.labels['cluster']}" if "cluster" in self.labels else ""
        name = self.labels.get("alertname", "")
        return f"Why is {self.about}{where} in trouble?" + (f" The alert is {name}." if name else "")


def read_alert(message: dict[str, Any]) -> Alert | None:
    """The alert that a message is; None if it names no state, or no object or namespace."""
    text = read_text("\n".join(_texts(message))[:MOST_CHARACTERS])
    labels: dict[str, str] = {}
    for found in _LABEL.finditer(text):
        labels.setdefault(found["label"].lower(), found["value"].rstrip("."))
    if named := _NAMED.search(text):
        labels.setdefault("alertname", named["name"])
    state = _STATE.search(text)
    alert = Alert(bool(state and state["over"]), labels)
    return alert if state and alert.about else None


def _texts(item: Any) -> Iterator[str]:
    """All that a message says, in text, attachments, their fields, and blocks."""
    if isinstance(item, list):
        for part in item:
            yield from _texts(part)
    elif isinstance(item, dict):
        if isinstance(item.get("title"), str) and isinstance(item.get("value"), str):
            yield f"{item['title']}: {item['value']}"
            return
        for key in ("pretext", "title", "text", "attachments", "fields", "blocks", "elements"):
            if isinstance(value := item.get(key), str):
                yield value
            else:
                yield from _texts(value)
