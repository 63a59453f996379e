"""Services: whom they select, which addresses name them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import read_condition
from tools.cluster.snapshot import Snapshot, remembered

WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")

_ADDRESS = re.compile(
    r"(?<![\w.@/-])(?:(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s@/]*@)?)?"
    r"(?P<host>[a-z](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)"
    r"(?::(?P<port>\d{1,5}))?(?![\w-])",
)


class Address:
    """A host, perhaps with a port, as it was mentioned in a text."""

    def __init__(self, host: str, port: int | None, scheme: str) -> None:
        """``host`` without scheme or port."""
        self.host = host
        self.port = port
        self.scheme = scheme

    @property
    def is_explicit(self) -> bool:
        """Whether it reads as an address at all: a scheme, a port, or a dotted name."""
        return bool(self.scheme or self.port or "." in self.host)

    def service(self, namespace: str) -> ObjectRef | None:
        """The Service it would name, seen from a Pod in ``namespace``; None for outside hosts.

        ``name``, ``name.ns``, ``name.ns.svc`` and ``name.ns.svc.<domain>`` are tried, as the
        cluster's DNS search list would.
        """
        parts = self.host.split(".")
        if len(parts) == 1:
            return ObjectRef(kind="Service", name=parts[0], namespace=namespace)
        if len(parts) == 2 or parts[2] == "svc":
            return ObjectRef(kind="Service", name=parts[0], namespace=parts[1])
        if len(parts) > 4 and parts[3] == "svc":  # a Pod of a headless Service: pod.name.ns.svc...
            return ObjectRef(kind="Service", name=parts[1], namespace=parts[2])
        return None


def find_addresses(text: str) -> Iterator[Address]:
    """Everything in ``text`` that could be a host, lower case only (as Services are named)."""
    for found in _ADDRESS.finditer(text[:20_000]):
        port = int(found["port"]) if found["port"] else None
        yield Address(found["host"], port, found["scheme"] or "")


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, Any] | None) -> bool:
    """Whether a non-empty equality selector matches the labels."""
    return bool(selector) and all((labels or {}).get(k) == v for k, v in (selector or {}).items())


@remembered
def selected_pods(service: KubeObject, snapshot: Snapshot) -> list[KubeObject]:
    """The Pods that a Service selects; finished ones do not count."""
    selector = (service.get("spec") or {}).get("selector")
    namespace = ObjectRef.of(service).namespace
    return [
        pod
        for pod in snapshot.of_kind("Pod", namespace)
        if selects(selector, pod["metadata"].get("labels"))
        and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    ]


@remembered
def selected_workloads(service: KubeObject, snapshot: Snapshot) -> list[KubeObject]:
    """The top-level workloads whose Pod template a Service selects, Pods or no Pods."""
    selector = (service.get("spec") or {}).get("selector")
    namespace = ObjectRef.of(service).namespace
    return [w for w in list_workloads(snapshot, namespace) if selects(selector, template_labels(w))]


def list_workloads(snapshot: Snapshot, namespace: str | None = None) -> list[KubeObject]:
    """The workloads that no other workload owns."""
    return [
        item
        for kind in WORKLOAD_KINDS
        for item in snapshot.of_kind(kind, namespace)
        if snapshot.owner(ObjectRef.of(item)) == ObjectRef.of(item)
    ]


def pod_template(workload: KubeObject) -> dict[str, Any]:
    """The Pod template of a workload (of a CronJob: its Job's); for a Pod, the Pod itself."""
    if workload.get("kind") == "Pod":
        return workload
    spec = workload.get("spec") or {}
    if workload.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return dict(spec.get("template") or {})


def template_labels(workload: KubeObject) -> dict[str, str]:
    """The labels of a workload's Pods."""
    return dict((pod_template(workload).get("metadata") or {}).get("labels") or {})


def is_ready(pod: KubeObject) -> bool:
    """Whether a Pod is ready to serve, by its condition."""
    terminating = (pod.get("metadata") or {}).get("deletionTimestamp")
    return read_condition(pod, "Ready").get("status") == "True" and not terminating
