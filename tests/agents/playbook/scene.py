"""An authored scene, diagnosed by the real playbook and its reasoner."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from agents.playbook import Playbook, PlaybookReasoner
from domain.case import CaseFile
from domain.diagnosis import Diagnosis
from domain.evidence import Evidence, Finding
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope, TimeWindow
from tests.agents.playbook.builders import NOW, Family, container, event, ref, running, workload
from tests.agents.playbook.surroundings import config_map, namespace, node, service
from tools.cluster.snapshot import CLUSTER_SCOPED, Snapshot

Piece = KubeObject | Family | Evidence


@cache
def playbook() -> Playbook:
    return Playbook.load()


@dataclass(frozen=True)
class Answer:
    """What the playbook found, and what the reasoner made of it."""

    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    case: CaseFile

    def of(self, rule: str) -> list[Finding]:
        """The findings of one rule."""
        return [finding for finding in self.findings if finding.rule == rule]

    @property
    def blamed(self) -> list[ObjectRef]:
        """What the diagnosis calls broken: its object and those of independent faults."""
        found = [self.diagnosis.object] if self.diagnosis.object else []
        return [*found, *(fault.object for fault in self.diagnosis.also)]


def ask(
    *pieces: Piece,
    about: ObjectRef | None = None,
    words: Iterable[str] = (),
    namespaces: Iterable[str] = (),
) -> Answer:
    """Examine and diagnose a scene of objects, events and log lines, asked about one object or at large."""
    items = [item for piece in pieces for item in _unfold(piece)]
    evidence = [item for item in items if isinstance(item, Evidence)]
    raw = [item for item in items if not isinstance(item, Evidence)]
    events = [item for item in raw if item["kind"] == "Event"]
    objects = [item for item in raw if item["kind"] != "Event"]
    snapshot = Snapshot([*objects, *_namespaces(objects)], events, NOW)
    spaces = tuple(namespaces) or ((about.namespace,) if about and about.namespace else ())
    scope = Scope(
        cluster="test",
        window=TimeWindow(start=NOW - timedelta(hours=1), end=NOW),
        namespaces=spaces,
        workloads=(about,) if about else (),
        words=tuple(words),
    )
    seen = playbook().examine(snapshot, scope, evidence)
    every = {item.id: item for item in (*evidence, *seen.evidence)}
    case = CaseFile(question="?", scope=scope, evidence=tuple(every.values()), findings=seen.findings)
    return Answer(seen.findings, asyncio.run(PlaybookReasoner().diagnose(case)), case)


def _unfold(piece: Piece) -> Iterator[KubeObject | Evidence]:
    if isinstance(piece, Family):
        yield from piece
    else:
        yield piece


def _namespaces(objects: Iterable[KubeObject]) -> Iterator[KubeObject]:
    """The namespaces that the objects are in, where the scene does not bring them."""
    present = {item["metadata"]["name"] for item in objects if item["kind"] == "Namespace"}
    used = {item["metadata"].get("namespace") for item in objects if item["kind"] not in CLUSTER_SCOPED}
    yield from (namespace(name) for name in sorted(filter(None, used - present)))


def bystanders(where: str) -> list[Piece]:
    """Healthy workloads in the same namespace and another, with the usual old and settled warnings."""
    web = workload(
        "Deployment", where, "quiet-web", container(ports=[8080]), replicas=2, states=running(restarts=1)
    )
    cache_ = workload("StatefulSet", where, "calm-store", container(ports=[6379]))
    other = workload("Deployment", "elsewhere", "calm-api", container(ports=[9000], env={"MODE": "fast"}))
    warm_up = (
        'Readiness probe failed: Get "http://10.244.1.17:8080/ready": dial tcp 10.244.1.17:8080: '
        "connect: connection refused"
    )
    return [
        web,
        cache_,
        other,
        service(where, "quiet-web", port=80, target=8080, cluster_ip="10.96.7.7"),
        service("elsewhere", "calm-api", port=9000, cluster_ip="10.96.7.9"),
        config_map(where, "kube-root-ca.crt", **{"ca.crt": "-----BEGIN CERTIFICATE-----"}),
        config_map(where, "quiet-settings", LEVEL="info"),
        event(web.pod, "Unhealthy", warm_up, count=2, first=1700, last=1690, inside="app"),
        event(
            cache_.pod,
            "FailedScheduling",
            "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
            count=1,
            first=3500,
            last=3500,
            component="default-scheduler",
        ),
        event(
            ref("Node", "node-a"),
            "InvalidDiskCapacity",
            "invalid capacity 0 on image filesystem",
            first=5000,
            last=5000,
        ),
    ]


NODES = (node("node-a"), node("node-b"))

BYSTANDERS = {"quiet-web", "calm-store", "calm-api", "quiet-settings"}
"""Names that no diagnosis of a scene may blame."""
