"""Alerts that bots write into a channel, read whoever wrote them.

Alertmanager, Grafana, Robusta, PagerDuty, CloudWatch and Datadog lay them out differently, in text,
attachments or blocks; what they share are a word for the state, a name, and labels: ``name=value``,
``name: value``, or a table's ``name | value``. Prose of the kubernetes-mixin says ``Pod shop/cache-7d``.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from surfaces.slack.alerts.alert import KINDS, Alert, find_owner
from surfaces.slack.alerts.title import read_title
from surfaces.slack.text import read_text

MOST_CHARACTERS = 8_000
MOST_NAME = 253
"""Characters of a Kubernetes name."""


_ALIASES = {
    "cluster": ("clustername", "cluster_name", "kube_cluster_name", "kubernetes_cluster", "k8s_cluster"),
    "namespace": ("namespace_name", "kube_namespace", "kubernetes_namespace", "k8s_namespace"),
    "pod": ("podname", "pod_name", "kubernetes_pod_name"),
    "node": ("nodename", "node_name"),
    "deployment": ("kube_deployment",),
    "statefulset": ("kube_stateful_set",),
    "daemonset": ("kube_daemon_set",),
    "cronjob": ("kube_cronjob",),
    "job_name": ("kube_job",),
    "alertname": ("alert name", "alert_name", "alarm name", "alarmname"),
    "startsat": ("starts at", "started", "started at", "statechangetime"),
}
"""Our name of a label -> what Container Insights, Datadog and others call it."""

_NAMES = {alias: label for label, aliases in _ALIASES.items() for alias in (label, *aliases)}
_NAMES |= {label: label for label in KINDS}

_LABEL = re.compile(
    r"(?<![\w.-])(?i:(?P<label>" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r"))"
    r"[\"'*`_]{0,3}[ \t]{0,8}[=:|][\"'*`_ \t]{0,8}\n?[\"'*`_ \t]{0,8}(?P<value>\w[^\s\"'*`,;|(){}\[\]<>]*)"
)
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_RULE = re.compile(r"[A-Za-z][\w.-]*")
_CLUSTER = re.compile(r"(?:.*[/:])?(?P<name>[A-Za-z0-9][\w.-]*)")
"""A cluster's name, which ends its ARN."""

_PROSE = re.compile(
    r"\b(?P<kind>Pod|Deployment|StatefulSet|DaemonSet|CronJob|Job) "
    r"(?P<namespace>[a-z0-9][-a-z0-9]*)/(?P<name>[a-z0-9][-a-z0-9.]*[a-z0-9])"
)
_SOURCE = re.compile(r"\bSource:[* ]{0,4}`(?P<cluster>[A-Za-z0-9][\w.-]*)`")
"""How Robusta names the cluster."""

_OLD = re.compile(r"\bold state\W{1,6}\w+|\b\w{1,20} ?(?:->|→)", re.IGNORECASE)
_STATE = re.compile(
    r"\b(?:(?P<firing>(?i:FIRING|TRIGGERED|ALERTING)|ALARM)|(?P<over>(?i:RESOLVED|RECOVERED)|OK))\b"
)
_NAMED = re.compile(r"\b(?:FIRING|RESOLVED|ALARM|OK)[\s:*\"]{1,8}(?P<name>[A-Za-z][\w.-]{2,})")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)(?!\w))?"
)


def read_alert(message: dict[str, Any]) -> Alert | None:
    """The alert that a message is; None if it names no state, or no object and no namespace."""
    raw = "\n".join(_texts(message))[:MOST_CHARACTERS]
    text = read_text(raw)
    state = _find_state(text)
    labels = _read_labels(text)
    others = _list_others(text, labels)
    alert = Alert(bool(state and state["over"]), labels, _read_start(text), others=others)
    return alert if state and alert.about else None


def says_resolved(message: dict[str, Any]) -> bool:
    """Whether a message tells of an end, be it without saying of what."""
    state = _find_state(read_text("\n".join(_texts(message))[:MOST_CHARACTERS]))
    return bool(state and state["over"])


def keep_known(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The labels that name an object, a rule or a cluster, by our names for them; others tell us nothing."""
    kept: dict[str, str] = {}
    for name, value in labels:
        label = _NAMES.get(name.lower(), "")
        if clean := _clean(label, value):
            kept.setdefault(label, clean)
    if "service" in kept and "namespace" not in kept:
        del kept["service"]  # PagerDuty's own word, as long as nothing says where
    return kept


def read_time(text: str) -> datetime | None:
    """A moment as Prometheus, CloudWatch and people write it; UTC where it does not say."""
    found = _TIME.search(text)
    if not found:
        return None
    plain = re.sub(r"(\.\d{6})\d+", r"\1", found[0].replace("UTC", "Z").replace(" Z", "Z"))
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _find_state(text: str) -> re.Match[str] | None:
    return _STATE.search(_OLD.sub("", text))


def _read_labels(text: str) -> dict[str, str]:
    kept = keep_known((found["label"], found["value"]) for found in _LABEL.finditer(text))
    if prose := _PROSE.search(text):
        label = next(label for label, kind in KINDS.items() if kind == prose["kind"])
        kept = {label: prose["name"], "namespace": prose["namespace"]} | kept
    titled = read_title(text)
    if "alertname" in titled:
        kept.setdefault("alertname", titled["alertname"])
    elif named := _NAMED.search(text):
        kept.setdefault("alertname", named["name"])
    if not kept.keys() & {*KINDS, "namespace"}:
        kept |= titled
    if source := _SOURCE.search(text):
        kept.setdefault("cluster", source["cluster"])
    return kept


def _list_others(text: str, labels: dict[str, str]) -> tuple[str, ...]:
    """The other objects of the kind that an alert is about; of Pods, what they were made for."""
    kind = next((label for label in KINDS if label in labels), "")
    told = (_clean(kind, found["value"]) for found in _LABEL.finditer(text) if _same(found["label"], kind))
    names = dict.fromkeys(find_owner(name) or name for name in (labels.get(kind, ""), *told) if name)
    return tuple(names)[1:]


def _same(told: str, label: str) -> bool:
    return _NAMES[told.lower()] == label


def _clean(label: str, value: str) -> str:
    """The value of a label of that kind; empty if it cannot be one."""
    value = value.rstrip(".:,")
    if len(value) > MOST_NAME:
        return ""
    if label == "alertname":
        found = _RULE.match(value)
        return found[0] if found else ""
    if label == "cluster":
        found = _CLUSTER.fullmatch(value)
        return found["name"] if found else ""
    return value if label in (*KINDS, "namespace") and _OBJECT.fullmatch(value) else ""


def _read_start(text: str) -> datetime | None:
    for found in _LABEL.finditer(text):
        if _NAMES[found["label"].lower()] == "startsat":
            return read_time(text[found.start("value") : found.start("value") + 40])
    return None


def _texts(item: Any) -> Iterator[str]:
    """All that a message says, in text, attachments, their fields, and blocks."""
    if isinstance(item, list):
        for part in item:
            yield from _texts(part)
    elif isinstance(item, dict):
        if isinstance(item.get("title"), str) and isinstance(item.get("value"), str):
            yield f"{item['title']}: {item['value']}"
            return
        for key in ("pretext", "title", "text", "attachments", "fields", "blocks", "elements", "rows"):
            if isinstance(value := item.get(key), str):
                yield value
            else:
                yield from _texts(value)
