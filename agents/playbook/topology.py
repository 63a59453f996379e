"""Who depends on whom: the edges along which trouble travels."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from agents.playbook.scene import Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import template_containers
from tools.cluster.services import (
    Address,
    find_addresses,
    list_workloads,
    pod_template,
    selected_pods,
    selected_workloads,
)
from tools.cluster.snapshot import Snapshot, remembered

_FAILURE = re.compile(
    r"(?i)refused|timed? ?out|unreachable|no route|no such host|could not resolve|name or service"
    r"|reset by peer|unavailable|upstream|(?:cannot|can't|could ?n[o']t|unable to|failed to) connect|dial tcp"
    r"|could not be established|not reachable|link failure|hang up|host is down|max retries|\b50[234]\b"
    r"|bad address|broken pipe|econn|enotfound|etimedout"
)

_UNANSWERED = re.compile(
    r"(?i)temporary failure in name resolution|EAI_AGAIN|:53: |no servers could be reached|server misbehaving"
    r"|(?:resol|lookup)\S*.{0,80}timed? ?out"
)
"""No answer from the DNS: other than the answer that a name does not exist."""

_HOST_SETTING = re.compile(
    r"(?i)host|url|addr|endpoint|server|service|uri|dsn|upstream|backend|broker|connecting"
)
"""Places in which a bare word is the name of a host."""

_CONNECTS = re.compile(
    r"\b(nc|ncat|curl|wget|nslookup|getent|dig|ping|telnet|pg_isready|redis-cli|mysqladmin|mysql|psql"
    r"|mongo\w*|wait-for\S*|kafkacat|kcat|grpcurl)\b"
)


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

_drawn: WeakKeyDictionary[Snapshot, Graph] = WeakKeyDictionary()


def _know_edges(snapshot: Snapshot) -> Graph:
    """The edges of a snapshot, drawn once: it is examined again in every round."""
    if snapshot not in _drawn:
        _drawn[snapshot] = _collect(_draw_edges(snapshot))
    return _drawn[snapshot]


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


def used_objects(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and name of every ConfigMap, Secret, claim and ServiceAccount that a Pod spec uses."""
    if name := spec.get("serviceAccountName"):
        yield "ServiceAccount", name
    for container in template_containers(spec):
        for entry in container.env():
            source = entry.get("valueFrom") or {}
            yield from _named(source.get("configMapKeyRef"), "ConfigMap")
            yield from _named(source.get("secretKeyRef"), "Secret")
        for source in container.spec.get("envFrom") or []:
            yield from _named(source.get("configMapRef"), "ConfigMap")
            yield from _named(source.get("secretRef"), "Secret")
    for volume in spec.get("volumes") or []:
        yield from _volume_objects(volume)


def _volume_objects(volume: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _named(volume.get("configMap"), "ConfigMap")
    yield from _named(volume.get("secret"), "Secret", key="secretName")
    yield from _named(volume.get("persistentVolumeClaim"), "PersistentVolumeClaim", key="claimName")
    for source in (volume.get("projected") or {}).get("sources") or []:
        yield from _named(source.get("configMap"), "ConfigMap")
        yield from _named(source.get("secret"), "Secret")


def _named(source: dict[str, Any] | None, kind: str, key: str = "name") -> Iterator[tuple[str, str]]:
    if source and source.get(key):
        yield kind, source[key]


@remembered
def mentioned_addresses(workload: KubeObject, snapshot: Snapshot) -> Iterator[tuple[Address, str]]:
    """Addresses in a workload's environment, arguments and ConfigMaps, with where they stand."""
    spec = pod_template(workload).get("spec") or {}
    for container in template_containers(spec):
        for entry in container.env():
            for address in find_addresses(str(entry.get("value") or "")):
                yield address, f"env {entry.get('name')} of container {container.name}"
        words = [*(container.spec.get("command") or []), *(container.spec.get("args") or [])]
        line = " ".join(map(str, words))
        how = "connecting command" if _CONNECTS.search(line) else "command"
        for address in find_addresses(line):
            yield address, f"{how} of container {container.name}"
    for kind, name in used_objects(spec):
        item = snapshot.find(_beside(workload, kind, name)) if kind == "ConfigMap" else None
        for key, value in ((item or {}).get("data") or {}).items():
            for address in find_addresses(str(value)):
                yield address, f"key {key} of ConfigMap {name}"


def _addressed_services(workload: KubeObject, snapshot: Snapshot) -> Edges:
    ref = ObjectRef.of(workload)
    for address, where in mentioned_addresses(workload, snapshot):
        target = address.service(ref.namespace)
        if target and (address.is_explicit or _HOST_SETTING.search(where)) and snapshot.find(target):
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


def gets_no_dns_answer(text: str) -> bool:
    """Whether a line says that the DNS does not answer, other than that a name does not exist."""
    return bool(_UNANSWERED.search(text)) and "no such host" not in text


def find_dns_services(scene: Scene) -> list[ObjectRef]:
    """The cluster's DNS, by the label that every distribution keeps: ``k8s-app: kube-dns``."""
    selectors = [
        (ObjectRef.of(s), (s.get("spec") or {}).get("selector") or {})
        for s in scene.snapshot.of_kind("Service")
    ]
    return [ref for ref, selector in selectors if selector.get("k8s-app") in ("kube-dns", "coredns")]


def tells_of_connection(text: str) -> bool:
    """Whether a line complains about a connection to something."""
    return bool(_FAILURE.search(text))


def failing_services(text: str, pod: ObjectRef, scene: Scene) -> Iterator[ObjectRef]:
    """The Services that a log line says cannot be reached: by name, or by cluster IP.

    Those that may not be read are among them: that they are missed is a fact all the same.
    """
    if not tells_of_connection(text):
        return
    for address in find_addresses(text):
        target = address.service(pod.namespace)
        if target and scene.snapshot.find(target) and not _is_itself(target, pod, scene):
            yield target
        elif beyond := find_beyond(address, pod.namespace, scene):
            yield beyond
    for service in scene.snapshot.of_kind("Service"):
        ip = (service.get("spec") or {}).get("clusterIP")
        if ip and ip != "None" and re.search(rf"(?<![\d.]){re.escape(ip)}(?![\d.])", text):
            yield ObjectRef.of(service)


def find_beyond(address: Address, namespace: str, scene: Scene) -> ObjectRef | None:
    """The Service of a namespace which may not be read, where an address can mean nothing else.

    ``cache.other`` could be a host of the internet: it counts if there is a namespace of that name.
    """
    target, bounds = address.service(namespace), scene.snapshot.bounds
    if target is None or bounds.allow(target.namespace):
        return None
    labels = address.host.split(".")
    return target if "svc" in labels[2:4] or target.namespace in bounds.outside else None


def _is_itself(service: ObjectRef, pod: ObjectRef, scene: Scene) -> bool:
    item = scene.snapshot.find(service) or {}
    return any(ObjectRef.of(selected) == pod for selected in selected_pods(item, scene.snapshot))


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
