"""Whom workloads speak of: the addresses in their settings, and the Services that their logs miss."""

import re
from collections.abc import Iterator
from typing import Any

from agents.playbook.scene import Scene
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import template_containers
from tools.cluster.services import Address, find_addresses, pod_template, selected_pods
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
    namespace = ObjectRef.of(workload).namespace
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
        ref = ObjectRef(kind=kind, name=name, namespace=namespace)
        item = snapshot.find(ref) if kind == "ConfigMap" else None
        for key, value in ((item or {}).get("data") or {}).items():
            for address in find_addresses(str(value)):
                yield address, f"key {key} of ConfigMap {name}"


def names_a_host(where: str) -> bool:
    """Whether a bare word is the name of a host, by where it stands."""
    return bool(_HOST_SETTING.search(where))


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
