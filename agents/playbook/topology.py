"""Who depends on whom: the edges along which trouble travels."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agents.playbook.mentions import (
    failing_services,
    find_dns_services,
    gets_no_dns_answer,
    mentioned_addresses,
    names_a_host,
    used_objects,
)
from agents.playbook.scene import Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.services import (
    find_addresses,
    list_workloads,
    pod_template,
    selected_pods,
    selected_workloads,
)
from tools.cluster.snapshot import Snapshot
from tools.once import once


class Topology:
    """A directed graph over object names: an edge says "needs"."""

    def __init__(self, scene: Scene) -> None:
        """Draw the edges of a scene: those of its snapshot, and those that its log lines tell of."""
        self._known = _know_edges(scene.snapshot)
        self._logged = _collect(_logged_services(scene))

    def needs(self, ref: ObjectRef) -> set[ObjectRef]:
        """What an object needs directly."""
        return self._known.get(ref, set()) | self._logged.get(ref, set())

    def distances(self, sources: Iterable[ObjectRef], limit: int = 12) -> dict[ObjectRef, int]:
        """Everything reachable from ``sources`` with the number of edges to it (the sources: 0)."""
        found = dict.fromkeys(sources, 0)
        queue = deque(found)
        while queue:
            ref = queue.popleft()
            if found[ref] >= limit:
                continue
            for target in sorted(self.needs(ref), key=str):
                if target not in found:
                    found[target] = found[ref] + 1
                    queue.append(target)
        return found

    def dependants(self, targets: Iterable[ObjectRef]) -> set[ObjectRef]:
        """Everything that needs one of ``targets``, directly or not."""
        above: dict[ObjectRef, set[ObjectRef]] = defaultdict(set)
        for source, needed in (*self._known.items(), *self._logged.items()):
            for target in needed:
                above[target].add(source)
        found, queue = set(targets), list(targets)
        while queue:
            for source in above[queue.pop()] - found:
                found.add(source)
                queue.append(source)
        return found


Edges = Iterator[tuple[ObjectRef, ObjectRef]]
Graph = Mapping[ObjectRef, set[ObjectRef]]


@once
def _know_edges(snapshot: Snapshot) -> Graph:
    """The edges of a snapshot, drawn once: it is examined again in every round."""
    return _collect(_draw_edges(snapshot))


def _collect(edges: Edges) -> Graph:
    graph: dict[ObjectRef, set[ObjectRef]] = defaultdict(set)
    for source, target in edges:
        if source != target:
            graph[source].add(target)
    return graph


def _draw_edges(snapshot: Snapshot) -> Edges:
    for ref in snapshot.refs():
        for child in snapshot.children(ref):
            yield ref, ObjectRef.of(child)
    for pod in snapshot.of_kind("Pod"):
        yield from _pod_needs(pod)
    for workload in list_workloads(snapshot):
        yield from _template_needs(workload)
        yield from _addressed_services(workload, snapshot)
    for service in snapshot.of_kind("Service"):
        yield from _service_needs(service, snapshot)
    yield from _ingress_needs(snapshot)
    yield from _storage_needs(snapshot)
    for scaler in snapshot.of_kind("HorizontalPodAutoscaler"):
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        yield _beside(scaler, target.get("kind", ""), target.get("name", "")), ObjectRef.of(scaler)


def _beside(item: KubeObject, kind: str, name: str) -> ObjectRef:
    return ObjectRef(kind=kind, name=name, namespace=ObjectRef.of(item).namespace)


def _pod_needs(pod: KubeObject) -> Edges:
    ref = ObjectRef.of(pod)
    node = (pod.get("spec") or {}).get("nodeName")
    if node:
        yield ref, ObjectRef(kind="Node", name=node)
    for kind, name in used_objects(pod.get("spec") or {}):
        yield ref, _beside(pod, kind, name)


def _template_needs(workload: KubeObject) -> Edges:
    for kind, name in used_objects(pod_template(workload).get("spec") or {}):
        yield ObjectRef.of(workload), _beside(workload, kind, name)


def _addressed_services(workload: KubeObject, snapshot: Snapshot) -> Edges:
    ref = ObjectRef.of(workload)
    for address, where in mentioned_addresses(workload, snapshot):
        target = address.service(ref.namespace)
        if target and (address.is_explicit or names_a_host(where)) and snapshot.find(target):
            yield ref, target


def _logged_services(scene: Scene) -> Edges:
    for pod, _, lines in scene.logs_seen():
        for line in lines:
            for target in () if line.quiet else _services_missed(line.text, pod, scene):
                yield scene.owner(pod), target
                yield pod, target


def _services_missed(text: str, pod: ObjectRef, scene: Scene) -> Iterator[ObjectRef]:
    yield from failing_services(text, pod, scene)
    if gets_no_dns_answer(text):
        yield from find_dns_services(scene)


def _service_needs(service: KubeObject, snapshot: Snapshot) -> Edges:
    ref = ObjectRef.of(service)
    for item in (*selected_workloads(service, snapshot), *selected_pods(service, snapshot)):
        yield ref, ObjectRef.of(item)
    for address in find_addresses(str((service.get("spec") or {}).get("externalName") or "")):
        target = address.service(ref.namespace)
        if target and snapshot.find(target):
            yield ref, target


def _ingress_needs(snapshot: Snapshot) -> Edges:
    for ingress in snapshot.of_kind("Ingress"):
        for backend in list_backends(ingress):
            yield ObjectRef.of(ingress), _beside(ingress, "Service", backend.service)


@dataclass(frozen=True)
class Backend:
    """A Service and a port (number or name, empty if unset) that an Ingress sends traffic to."""

    service: str
    port: str


def list_backends(ingress: KubeObject) -> list[Backend]:
    """The backends of an Ingress, in order, each once; both API versions."""
    spec = ingress.get("spec") or {}
    raw = [spec.get("defaultBackend") or spec.get("backend") or {}]
    for rule in spec.get("rules") or []:
        raw += [path.get("backend") or {} for path in (rule.get("http") or {}).get("paths") or []]
    found = []
    for backend in raw:
        service = backend.get("service") or {}
        port = service.get("port") or {}
        name = service.get("name") or backend.get("serviceName")
        number = port.get("number") or port.get("name") or backend.get("servicePort") or ""
        if name:
            found.append(Backend(name, str(number)))
    return list(dict.fromkeys(found))


def _storage_needs(snapshot: Snapshot) -> Edges:
    for claim in snapshot.of_kind("PersistentVolumeClaim"):
        spec = claim.get("spec") or {}
        if name := spec.get("storageClassName"):
            yield ObjectRef.of(claim), ObjectRef(kind="StorageClass", name=name)
        if name := spec.get("volumeName"):
            yield ObjectRef.of(claim), ObjectRef(kind="PersistentVolume", name=name)
