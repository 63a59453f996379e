"""An alert: what it is about, and what is the same about it the next time."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "cronjob": "CronJob",
    "job_name": "Job",
    "pod": "Pod",
    "persistentvolumeclaim": "PersistentVolumeClaim",
    "horizontalpodautoscaler": "HorizontalPodAutoscaler",
    "ingress": "Ingress",
    "service": "Service",
    "node": "Node",
}
"""kube-state-metrics' labels -> the kind, the most telling first. ``job`` names a scrape, no Job."""

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""The letters of generated names: k8s.io/apimachinery, util/rand."""

_GENERATED = re.compile(rf"^(?P<owner>.+?)(?:-[{_SAFE}0-9a-f]{{6,10}}|-\d{{8,10}})?-[{_SAFE}]{{5}}$")


def find_owner(pod: str) -> str:
    """What a Pod's name was generated for: a Deployment's, Job's or DaemonSet's name; empty if it was not."""
    found = _GENERATED.match(pod)
    return found["owner"] if found else ""


@dataclass(frozen=True)
class Alert:
    """What an alert says.

    Attributes:
        labels: by name in lower case; only names of objects, the alert's own, and the cluster's.
        starts: since when it fires, as far as it says so.
        summary: a sentence of whoever wrote the rule.
        others: further workloads that a message names, which is about several alerts then.
    """

    resolved: bool
    labels: dict[str, str] = field(default_factory=dict)
    starts: datetime | None = None
    summary: str = ""
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rule: ``KubePodNotReady``; empty where none is named."""
        return self.labels.get("alertname", "")

    @property
    def cluster(self) -> str:
        """What its source calls the cluster; empty where it does not."""
        return self.labels.get("cluster", "")

    @property
    def about(self) -> str:
        """What it is about: ``Pod cache-7d in namespace shop``; empty where no label names anything."""
        label = self._label
        return self._place(f"{KINDS[label]} {self.labels[label]}" if label else "")

    @property
    def workload(self) -> str:
        """The same by a name that lasts: of a Pod with a generated name, what it was generated for."""
        owner = find_owner(self.labels["pod"]) if self._label == "pod" else ""
        return self._place(owner) if owner else self.about

    @property
    def fingerprint(self) -> str:
        """The same for all alerts of one rule about one workload, firing or resolved."""
        told = "|".join((self.name, self.cluster, self.workload))
        return sha256(told.encode()).hexdigest()[:16]

    def ask(self, cluster: str = "") -> str:
        """The question that the alert asks, about a cluster of that name if there is more than one."""
        where = f" of cluster {cluster}" if cluster else ""
        since = f" since {self.starts.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.starts else ""
        told = f" The alert {self.name} fires{since}." if self.name else ""
        return f"Why is {self.workload}{where} in trouble?{told}"

    @property
    def _label(self) -> str:
        """The most telling label that names an object; empty: none does."""
        return next((label for label in KINDS if label in self.labels), "")

    def _place(self, what: str) -> str:
        space = self.labels.get("namespace", "")
        return f"{what or 'something'} in namespace {space}" if space and self._label != "node" else what
