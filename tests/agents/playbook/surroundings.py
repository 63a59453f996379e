"""Raw objects around workloads: Services, Nodes, claims, settings, policies, autoscalers."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.objects import KubeObject
from tests.agents.playbook.builders import HOUR, Json, ago, make


def service(
    namespace: str,
    name: str,
    *,
    selector: Mapping[str, str] | None = None,
    port: int = 80,
    target: int | str | None = None,
    cluster_ip: str = "10.96.44.10",
    **spec: Any,
) -> KubeObject:
    """A Service that selects ``app=<name>`` unless told otherwise (``selector={}``: none)."""
    chosen = {"app": name} if selector is None else dict(selector)
    ports = [{"port": port, "targetPort": port if target is None else target, "protocol": "TCP"}]
    body: Json = {"type": "ClusterIP", "clusterIP": cluster_ip, "ports": ports, **spec}
    return make(
        "Service",
        name,
        namespace,
        spec=body | ({"selector": chosen} if chosen else {}),
        status={"loadBalancer": {}},
    )


def endpoints(namespace: str, name: str, *ips: str, port: int = 80) -> KubeObject:
    """The Endpoints of a Service; without addresses it has no subsets."""
    addresses = [{"ip": ip} for ip in ips]
    held: Json = {"subsets": [{"addresses": addresses, "ports": [{"port": port}]}]} if ips else {}
    return make("Endpoints", name, namespace, **held)


def node(
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Json] = (),
    cpu: str = "4",
    memory: str = "16Gi",
    pods: str = "110",
    conditions: Mapping[str, tuple[str, str, str]] | None = None,
    cordoned: bool = False,
    **more: str,
) -> KubeObject:
    """A Node. ``conditions`` replaces defaults: type -> (status, reason, message)."""
    room = {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "95Gi", **more}
    stated = {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
        **(conditions or {}),
    }
    told = [
        {"type": kind, "status": s, "reason": r, "message": m, "lastTransitionTime": ago(600)}
        for kind, (s, r, m) in stated.items()
    ]
    all_labels = {"kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", **(labels or {})}
    spec: Json = {"podCIDR": "10.244.1.0/24"}
    held = [*taints, *([taint("node.kubernetes.io/unschedulable")] if cordoned else [])]
    spec |= ({"taints": held} if held else {}) | ({"unschedulable": True} if cordoned else {})
    status = {"allocatable": room, "capacity": room, "conditions": told}
    return make("Node", name, labels=all_labels, age=100 * HOUR, spec=spec, status=status)


def taint(key: str, value: str = "", effect: str = "NoSchedule") -> Json:
    return {"key": key, "effect": effect} | ({"value": value} if value else {})


def namespace(name: str, **labels: str) -> KubeObject:
    return make(
        "Namespace", name, labels={"kubernetes.io/metadata.name": name, **labels}, status={"phase": "Active"}
    )


def config_map(where: str, name: str, **data: str) -> KubeObject:
    """A ConfigMap; underscores in ``data``'s names stand as they are."""
    return make("ConfigMap", name, where, data=dict(data))


def secret(where: str, name: str, *keys: str, type: str = "Opaque") -> KubeObject:
    """A Secret as readers hand it out: keys without values."""
    return make("Secret", name, where, type=type, data=dict.fromkeys(keys, ""))


def claim(
    where: str,
    name: str,
    *,
    storage_class: str | None = "standard",
    size: str = "10Gi",
    modes: Sequence[str] = ("ReadWriteOnce",),
    phase: str = "Pending",
    **spec: Any,
) -> KubeObject:
    """A PersistentVolumeClaim."""
    body: Json = {"accessModes": list(modes), "resources": {"requests": {"storage": size}}, **spec}
    if storage_class is not None:
        body["storageClassName"] = storage_class
    return make("PersistentVolumeClaim", name, where, spec=body, status={"phase": phase})


def volume(
    name: str,
    *,
    storage_class: str = "manual",
    size: str = "10Gi",
    modes: Sequence[str] = ("ReadWriteOnce",),
    phase: str = "Available",
    held_by: tuple[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> KubeObject:
    """A PersistentVolume; ``held_by`` is the namespace and name of the claim that has it."""
    body: Json = {
        "accessModes": list(modes),
        "capacity": {"storage": size},
        "storageClassName": storage_class,
        "persistentVolumeReclaimPolicy": "Retain",
        **spec,
    }
    if held_by:
        body["claimRef"] = {"kind": "PersistentVolumeClaim", "namespace": held_by[0], "name": held_by[1]}
    return make("PersistentVolume", name, labels=dict(labels or {}), spec=body, status={"phase": phase})


def storage_class(
    name: str, *, provisioner: str = "ebs.csi.aws.com", waits: bool = False, default: bool = False
) -> KubeObject:
    """A StorageClass; ``waits`` means that it binds only for the first consumer."""
    meta = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}} if default else {}
    mode = "WaitForFirstConsumer" if waits else "Immediate"
    return make("StorageClass", name, meta=meta, provisioner=provisioner, volumeBindingMode=mode)


def quota(where: str, name: str, hard: Json, used: Json) -> KubeObject:
    return make("ResourceQuota", name, where, spec={"hard": hard}, status={"hard": hard, "used": used})


def limit_range(where: str, name: str, **limits: Any) -> KubeObject:
    return make("LimitRange", name, where, spec={"limits": [{"type": "Container", **limits}]})


def ingress(
    where: str, name: str, backend: str, port: int | str = 80, *, ingress_class: str = "nginx", **spec: Any
) -> KubeObject:
    """An Ingress of one host with one backend."""
    target = {"service": {"name": backend, "port": {"name" if isinstance(port, str) else "number": port}}}
    path = {"path": "/", "pathType": "Prefix", "backend": target}
    rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
    return make("Ingress", name, where, spec={"ingressClassName": ingress_class, "rules": rules, **spec})


def network_policy(where: str, name: str, selects: Mapping[str, str], **spec: Any) -> KubeObject:
    return make("NetworkPolicy", name, where, spec={"podSelector": {"matchLabels": dict(selects)}, **spec})


def autoscaler(
    where: str, name: str, *, conditions: Mapping[str, tuple[str, str, str]], most: int = 5
) -> KubeObject:
    """A HorizontalPodAutoscaler of the Deployment of the same name."""
    told = [{"type": k, "status": s, "reason": r, "message": m} for k, (s, r, m) in conditions.items()]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": most}
    status = {"currentReplicas": most, "desiredReplicas": most, "conditions": told}
    return make("HorizontalPodAutoscaler", name, where, spec=spec, status=status)


def cron_job(
    where: str, name: str, *containers: Json, schedule: str = "*/5 * * * *", **spec: Any
) -> KubeObject:
    template = {"spec": {"restartPolicy": "Never", "containers": list(containers)}}
    body = {"schedule": schedule, "jobTemplate": {"spec": {"template": template}}, **spec}
    return make("CronJob", name, where, spec=body, status={})
