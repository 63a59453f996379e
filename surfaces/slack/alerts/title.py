"""The title that Alertmanager's own template writes: the values of the labels, without their names.

First those of the labels that alerts are grouped by, then in parentheses the other common ones, each in the
order of their names: ``[FIRING:1] KubePodNotReady (cache kube-state-metrics shop basket-7d9c5b6f4-x7k2p)``.
Source: template/default.tmpl of prometheus/alertmanager, ``__subject``.
"""

import re

from surfaces.slack.alerts.alert import find_owner

_TITLE = re.compile(
    r"\[(?i:FIRING|RESOLVED)(?::\d+)?\] (?P<grouped>[^\n(]{0,1000})(?:\((?P<common>[^\n)]{0,2000}))?"
)
_RULE = re.compile(r"[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*")
"""How rules are called by convention: KubePodNotReady."""

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_OF_SCRAPES = {"kube-state-metrics", "kubelet", "node-exporter", "http", "https", "https-metrics"}
"""Values of job and endpoint, which say how a metric was read."""


def read_title(text: str) -> dict[str, str]:
    """The labels that can be told by their values: the rule, a Pod with a generated name, its namespace."""
    found = _TITLE.search(text)
    if not found:
        return {}
    grouped, common = found["grouped"].split(), (found["common"] or "").split()
    values = [*grouped, *common]
    rule = next(filter(_RULE.fullmatch, values), values[0] if values else "")
    pod = next(filter(_is_pod, values), "")
    space = _find_namespace([value for value in grouped if value != rule], common, pod) if pod else ""
    told = {"alertname": rule, "pod": pod, "namespace": space}
    return {label: value for label, value in told.items() if value}


def _is_pod(value: str) -> bool:
    """Whether a value is named as a ReplicaSet, Job or DaemonSet names Pods; the last as few words are."""
    owner = find_owner(value)
    hashed = value.removeprefix(owner).count("-") > 1 or any(map(str.isdigit, value[-5:]))
    return bool(owner) and hashed


def _find_namespace(grouped: list[str], common: list[str], pod: str) -> str:
    """A value that alerts are grouped by; else the one before the Pod's, whose label comes next by name."""
    telling = [value for value in common if value not in _OF_SCRAPES]
    before = telling[: telling.index(pod)][-1:] if pod in telling else []
    named = (value for value in (*grouped, *before) if value != pod and _NAMESPACE.fullmatch(value))
    return next(named, "")
