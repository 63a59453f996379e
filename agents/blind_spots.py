"""Pods whose logs do not arrive in the log store, told apart from Pods that log nothing.

What a Pod wrote is known from the cluster itself, what arrived from the store. A line that the one has and
the other lacks after ``PATIENCE`` was lost on the way, or still is on it. All here is a function of data.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from agents.playbook.scene import tell_state
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope
from tools.cluster.expressions import match_selector
from tools.cluster.pods import is_well, list_containers, template_containers
from tools.cluster.services import pod_template
from tools.cluster.snapshot import Snapshot
from tools.logs.store import LogDocument

PATIENCE = timedelta(minutes=3)
"""What a line may take to the store: Fluent Bit flushes each second, a stream waits up to a minute."""

MOST_CHECKED, MOST_SUSPECTS = 60, 20
"""Pods whose newest arrival is asked for, and Pods whose own logs are read to compare."""

MOST_NAMED = 5

Arrivals = Mapping[ObjectRef, datetime]
"""The time of the newest line that arrived of each Pod; one of which none arrived is not in it."""

_EXCLUDED = "fluentbit.io/exclude"
_TRUE = {"true", "on", "yes"}
"""As Fluent Bit reads a boolean; ``fluentbit.io/exclude_stderr-app`` narrows it to a stream or container.

Source: https://docs.fluentbit.io/manual/pipeline/filters/kubernetes#kubernetes-annotations
"""

_SHIPPER = re.compile(
    r"fluent-?bit|fluentd|filebeat|promtail|(?:^|[/-])vector\b|otel.*collector|alloy|logstash"
)
_LOG_FOLDERS = re.compile(r"/var/(?:log(?:/(?:containers|pods))?|lib/docker/containers)/?")
_DNS_PORTS = {53, "dns", "dns-tcp"}


class BlindSpot(BaseModel):
    """Pods of which lines are missing for one reason; ``since`` is the newest arrival of any of them."""

    model_config = ConfigDict(frozen=True)

    pods: tuple[ObjectRef, ...]
    reason: str
    since: datetime | None = None

    def tell(self) -> str:
        """A sentence for a person."""
        names = ", ".join(str(pod) for pod in self.pods[:MOST_NAMED])
        more = f" and {len(self.pods) - MOST_NAMED} more" if len(self.pods) > MOST_NAMED else ""
        since = f"after {self.since:%H:%M:%S} UTC" if self.since else "at all"
        return (
            f"Logs of {names}{more} did not arrive in the log store {since}: {self.reason}; what the cluster "
            "still has of them was read instead."
        )


def list_checked(scope: Scope, snapshot: Snapshot) -> list[KubeObject]:
    """The Pods that may have logged something: of named workloads, then those that are not well, then all."""
    named = [pod for ref in scope.workloads for pod in snapshot.pods_of(ref)]
    spaces = scope.namespaces or (None,)
    around = [pod for space in spaces for pod in snapshot.of_kind("Pod", space)]
    around.sort(key=lambda pod: is_well(pod, snapshot.now))
    unique = {ObjectRef.of(pod): pod for pod in (*named, *around)}
    return [pod for pod in unique.values() if _has_run(pod)][:MOST_CHECKED]


def _has_run(pod: KubeObject) -> bool:
    return any(container.running or container.ended for container in list_containers(pod))


def name_pods(pods: Iterable[KubeObject]) -> list[ObjectRef]:
    """Their names."""
    return [ObjectRef.of(pod) for pod in pods]


def list_suspects(pods: Iterable[KubeObject], arrivals: Arrivals, now: datetime) -> list[KubeObject]:
    """The Pods of which nothing arrived lately: they are silent, or their lines are missing."""
    late = [p for p in pods if (at := arrivals.get(ObjectRef.of(p))) is None or at < now - PATIENCE]
    return late[:MOST_SUSPECTS]


def find_lost(
    written: Iterable[LogDocument], arrivals: Arrivals, scope: Scope, now: datetime
) -> list[LogDocument]:
    """The lines of the window that should have arrived by now, and those after them."""
    by_pod: dict[ObjectRef, list[LogDocument]] = defaultdict(list)
    for line in written:
        ref = ObjectRef(kind="Pod", name=line.pod, namespace=line.namespace)
        arrived = arrivals.get(ref)
        if line.time >= scope.window.start and (arrived is None or line.time > arrived):
            by_pod[ref].append(line)
    late = [lines for lines in by_pod.values() if min(line.time for line in lines) <= now - PATIENCE]
    return [line for lines in late for line in lines]


def explain_lost(
    lost: Iterable[LogDocument], arrivals: Arrivals, snapshot: Snapshot
) -> tuple[BlindSpot, ...]:
    """Why the lines are missing, as far as the cluster tells; Pods with one reason together."""
    refs = dict.fromkeys(ObjectRef(kind="Pod", name=x.pod, namespace=x.namespace) for x in lost)
    reasons: dict[str, list[ObjectRef]] = defaultdict(list)
    for ref in refs:
        if pod := snapshot.find(ref):
            reasons[_explain(pod, arrivals, snapshot)].append(ref)
    return tuple(
        BlindSpot(
            pods=tuple(pods),
            reason=reason,
            since=max((arrivals[pod] for pod in pods if pod in arrivals), default=None),
        )
        for reason, pods in reasons.items()
    )


def _explain(pod: KubeObject, arrivals: Arrivals, snapshot: Snapshot) -> str:
    if annotation := _find_exclusion(pod):
        return f"annotation {annotation} excludes them"
    node = str((pod.get("spec") or {}).get("nodeName") or "")
    return _explain_shippers(node, snapshot) or _explain_way(pod, node, arrivals, snapshot)


def _find_exclusion(pod: KubeObject) -> str:
    annotations = (pod.get("metadata") or {}).get("annotations") or {}
    found = (
        f'{key}: "{value}"'
        for key, value in annotations.items()
        if key.startswith(_EXCLUDED) and str(value).lower() in _TRUE
    )
    return next(found, "")


def find_shippers(snapshot: Snapshot) -> list[KubeObject]:
    """The DaemonSets that read the logs of every node: by name, label, image, or the folder they mount."""
    return [item for item in snapshot.of_kind("DaemonSet") if _ships(item)]


def _ships(item: KubeObject) -> bool:
    spec = pod_template(item).get("spec") or {}
    labels = (item.get("metadata") or {}).get("labels") or {}
    images = (str(container.spec.get("image")) for container in template_containers(spec))
    if any(map(_SHIPPER.search, (ObjectRef.of(item).name, *map(str, labels.values()), *images))):
        return True
    paths = ((volume.get("hostPath") or {}).get("path") or "" for volume in spec.get("volumes") or [])
    return any(map(_LOG_FOLDERS.fullmatch, paths))


def _explain_shippers(node: str, snapshot: Snapshot) -> str:
    """What keeps the node's logs from leaving it; empty when nothing is seen that does."""
    if "DaemonSet" in snapshot.unseen or "Pod" in snapshot.unseen:
        return "what ships them cannot be looked at"
    shippers = find_shippers(snapshot)
    if not shippers:
        where = "" if snapshot.bounds.is_open else " in the namespaces that may be read"
        return f"no DaemonSet that ships logs, such as Fluent Bit, is seen{where}"
    faults = [_explain_shipper(ObjectRef.of(shipper), node, snapshot) for shipper in shippers]
    return "" if not all(faults) else faults[0]


def _explain_shipper(shipper: ObjectRef, node: str, snapshot: Snapshot) -> str:
    pods = [p for p in snapshot.pods_of(shipper) if (p.get("spec") or {}).get("nodeName") == node]
    if not pods:
        return f"{shipper} has no Pod on node {node}"
    well = [pod for pod in pods if is_well(pod, snapshot.now)]
    if not well:
        states = "; ".join(tell_state(c) for c in list_containers(pods[0]) if not c.ready)
        return f"{ObjectRef.of(pods[0])} on node {node} is not well: {states}".rstrip(": ")
    policy = next((found for pod in well if (found := _find_cut(pod, snapshot))), None)
    return f"{policy} keeps {ObjectRef.of(well[0])} from reaching the log store" if policy else ""


def _find_cut(pod: KubeObject, snapshot: Snapshot) -> ObjectRef | None:
    """The NetworkPolicy that lets a Pod reach nothing but the DNS, if one does."""
    ref, labels = ObjectRef.of(pod), (pod.get("metadata") or {}).get("labels") or {}
    selecting = [
        policy
        for policy in snapshot.of_kind("NetworkPolicy", ref.namespace)
        if match_selector((policy.get("spec") or {}).get("podSelector") or {}, labels)
        and _limits_egress(policy.get("spec") or {})
    ]
    rules = [rule for policy in selecting for rule in (policy.get("spec") or {}).get("egress") or []]
    if not selecting or any(_leads_beyond_dns(rule) for rule in rules):
        return None
    return ObjectRef.of(selecting[0])


def _limits_egress(spec: Mapping[str, Any]) -> bool:
    return "Egress" in (spec.get("policyTypes") or (["Egress"] if spec.get("egress") else []))


def _leads_beyond_dns(rule: Mapping[str, Any]) -> bool:
    ports = [entry.get("port") for entry in rule.get("ports") or []]
    return not ports or any(port not in _DNS_PORTS for port in ports)


def _explain_way(pod: KubeObject, node: str, arrivals: Arrivals, snapshot: Snapshot) -> str:
    """The shipper of the node seems well: what else arrived tells how far the lines came."""
    ref, limit = ObjectRef.of(pod), snapshot.now - PATIENCE
    fresh = [other for other, moment in arrivals.items() if moment >= limit]
    beside = [other for other in fresh if _node_of(other, snapshot) == node]
    if beside and ref not in arrivals:
        return f"lines of other Pods on node {node} do arrive, so it has no index, or a filter drops them"
    if beside:
        return f"lines of other Pods on node {node} do arrive, so they are dropped or rejected on the way"
    if fresh:
        return f"nothing arrives from node {node}, though what ships its logs runs"
    return _tell_lag(ref.namespace, arrivals, snapshot.now)


def _node_of(ref: ObjectRef, snapshot: Snapshot) -> str:
    return str(((snapshot.find(ref) or {}).get("spec") or {}).get("nodeName") or "")


def _tell_lag(namespace: str, arrivals: Arrivals, now: datetime) -> str:
    moments = [moment for ref, moment in arrivals.items() if ref.namespace == namespace]
    if not moments:
        return f"nothing of namespace {namespace} arrived"
    lag = (now - max(moments)) // timedelta(minutes=1)
    return (
        f"the way to the log store lags or is cut, the newest line of namespace {namespace} is {lag} min old"
    )
