"""Raw Kubernetes objects as an API server serves them, in a line each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from domain.evidence import Evidence, Source
from domain.objects import KubeObject, ObjectRef
from tools.cluster.pods import read_condition

Json = dict[str, Any]

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
HOUR = 3600


def ago(seconds: float) -> str:
    """A moment before the scene's present, as the API server writes it."""
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def ref(kind: str, name: str, namespace: str = "") -> ObjectRef:
    return ObjectRef(kind=kind, name=name, namespace=namespace)


_VERSIONS = {
    "apps/v1": ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"),
    "batch/v1": ("Job", "CronJob"),
    "networking.k8s.io/v1": ("Ingress", "IngressClass", "NetworkPolicy"),
    "storage.k8s.io/v1": ("StorageClass",),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "scheduling.k8s.io/v1": ("PriorityClass",),
}
_API = {kind: version for version, kinds in _VERSIONS.items() for kind in kinds}


def make(
    kind: str,
    name: str,
    namespace: str = "",
    *,
    age: float = HOUR,
    owner: KubeObject | None = None,
    **top: Any,
) -> KubeObject:
    """An object with the metadata that the API server gives it; ``labels`` and ``meta`` go into it."""
    meta: Json = {
        "name": name,
        "uid": str(uuid5(NAMESPACE_URL, f"{kind}/{namespace}/{name}")),
        "creationTimestamp": ago(age),
        **({"namespace": namespace} if namespace else {}),
        **({"labels": labels} if (labels := top.pop("labels", None)) else {}),
        **top.pop("meta", {}),
    }
    if owner:
        meta["ownerReferences"] = [_owner_reference(owner)]
    return {"apiVersion": _API.get(kind, "v1"), "kind": kind, "metadata": meta, **top}


def _owner_reference(owner: KubeObject) -> Json:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def container(name: str = "app", image: str = "registry.example.com/team/app:1.4.2", **fields: Any) -> Json:
    """A container of a Pod spec. ``env`` may be a plain mapping; ``ports`` a list of numbers."""
    env = fields.pop("env", None)
    if isinstance(env, Mapping):
        env = [{"name": key, "value": value} for key, value in env.items()]
    ports = [
        p if isinstance(p, dict) else {"containerPort": p, "protocol": "TCP"} for p in fields.pop("ports", [])
    ]
    found: Json = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "resources": {}, **fields}
    return found | ({"env": env} if env else {}) | ({"ports": ports} if ports else {})


def env_from_key(kind: str, name: str, key: str, *, optional: bool = False) -> Json:
    """An ``env`` entry that reads one key of a ConfigMap or Secret."""
    source = {"name": name, "key": key, **({"optional": True} if optional else {})}
    return {
        "name": key.upper(),
        "valueFrom": {"configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef": source},
    }


@dataclass(frozen=True)
class State:
    """What the kubelet reports of one container."""

    state: Json = field(default_factory=dict)
    last: Json = field(default_factory=dict)
    ready: bool = False
    restarts: int = 0

    def status(self, spec: Json) -> Json:
        """The entry of ``containerStatuses``."""
        return {
            "name": spec["name"],
            "image": spec["image"],
            "imageID": "",
            "ready": self.ready,
            "started": self.ready,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last,
        }


def ended(code: int, reason: str = "", message: str = "", *, seconds: float = 40, ran: float = 3) -> Json:
    """A ``terminated`` state that ended ``seconds`` ago."""
    reason = reason or ("Completed" if code == 0 else "Error")
    told = {"message": message} if message else {}
    times = {"startedAt": ago(seconds + ran), "finishedAt": ago(seconds)}
    return {"terminated": {"exitCode": code, "reason": reason, **times, **told}}


def running(
    seconds: float = HOUR / 2, *, ready: bool = True, restarts: int = 0, last: Json | None = None
) -> State:
    """Running since ``seconds``."""
    return State({"running": {"startedAt": ago(seconds)}}, last or {}, ready, restarts)


def waiting(reason: str, message: str = "", *, restarts: int = 0, last: Json | None = None) -> State:
    """Waiting, with the kubelet's reason."""
    return State(
        {"waiting": {"reason": reason} | ({"message": message} if message else {})},
        last or {},
        False,
        restarts,
    )


def crashing(code: int, reason: str = "", message: str = "", *, restarts: int = 6, ran: float = 3) -> State:
    """In back-off after ending with ``code`` time and again."""
    told = "back-off 5m0s restarting failed container=app pod=app_ns(1c0ffee1-0000-4000-8000-000000000000)"
    return waiting("CrashLoopBackOff", told, restarts=restarts, last=ended(code, reason, message, ran=ran))


def completed() -> State:
    """Ended well, as init containers and Jobs do."""
    return State(ended(0, seconds=HOUR / 2), {}, ready=True)


CREATING = waiting("ContainerCreating")
INITIALIZING = waiting("PodInitializing")


def pod(
    name: str,
    namespace: str,
    *containers: Json,
    inits: Sequence[Json] = (),
    states: Mapping[str, State] | State | None = None,
    node: str | None = "node-a",
    owner: KubeObject | None = None,
    labels: Mapping[str, str] | None = None,
    phase: str = "",
    unschedulable: str = "",
    age: float = HOUR,
    status: Json | None = None,
    meta: Json | None = None,
    **spec: Any,
) -> KubeObject:
    """A Pod with statuses and conditions that fit its containers' states (default: all run and are ready)."""
    inside = containers or (container(),)
    by_name = _name_states(inside, inits, states)
    statuses = [by_name[c["name"]].status(c) for c in inside] if node else []
    first = [by_name[c["name"]].status(c) for c in inits] if node else []
    ready = bool(statuses) and all(s["ready"] for s in statuses)
    started = node and all(s["state"].get("terminated", {}).get("exitCode") == 0 for s in first)
    phase = phase or ("Running" if started and not _is_starting(statuses) else "Pending")
    told: Json = {
        "phase": phase,
        "qosClass": "Burstable",
        "conditions": _pod_conditions(bool(node), bool(started), ready, unschedulable),
        **({"hostIP": "10.0.0.7", "podIP": "10.244.1.17", "startTime": ago(age)} if node else {}),
        **({"containerStatuses": statuses} if statuses else {}),
        **({"initContainerStatuses": first} if first else {}),
    }
    whole = {
        "restartPolicy": "Always",
        "serviceAccountName": "default",
        **({"nodeName": node} if node else {}),
        **({"initContainers": list(inits)} if inits else {}),
        "containers": list(inside),
        **spec,
    }
    return make(
        "Pod",
        name,
        namespace,
        age=age,
        owner=owner,
        labels=dict(labels or {}),
        meta=meta or {},
        spec=whole,
        status=told | (status or {}),
    )


def _name_states(
    containers: Sequence[Json], inits: Sequence[Json], states: Mapping[str, State] | State | None
) -> dict[str, State]:
    if isinstance(states, State):
        states = {containers[0]["name"]: states}
    found = {c["name"]: running() for c in containers} | {c["name"]: completed() for c in inits}
    return found | dict(states or {})


def _is_starting(statuses: Sequence[Json]) -> bool:
    """Whether no container has ever run."""
    return all("waiting" in s["state"] and not s["lastState"] for s in statuses)


def _pod_conditions(scheduled: bool, started: bool, ready: bool, unschedulable: str) -> list[Json]:
    def condition(kind: str, true: bool, **more: str) -> Json:
        return {
            "type": kind,
            "status": "True" if true else "False",
            "lastTransitionTime": ago(HOUR / 2),
            **more,
        }

    if not scheduled:
        told = {"reason": "Unschedulable", "message": unschedulable} if unschedulable else {}
        return [condition("PodScheduled", False, **told)]
    why = (
        {} if ready else {"reason": "ContainersNotReady", "message": "containers with unready status: [app]"}
    )
    return [
        condition("Initialized", started),
        condition("Ready", ready, **why),
        condition("ContainersReady", ready, **why),
        condition("PodScheduled", True),
    ]


@dataclass(frozen=True)
class Family:
    """A workload with everything it owns."""

    top: KubeObject
    members: tuple[KubeObject, ...] = ()

    def __iter__(self) -> Iterator[KubeObject]:
        yield self.top
        yield from self.members

    @property
    def ref(self) -> ObjectRef:
        """The workload."""
        return ObjectRef.of(self.top)

    @property
    def creator(self) -> ObjectRef:
        """What creates the Pods: the ReplicaSet of a Deployment, else the workload itself."""
        sets = [ObjectRef.of(item) for item in self.members if item["kind"] == "ReplicaSet"]
        return next(iter(sets), self.ref)

    @property
    def pods(self) -> list[ObjectRef]:
        """Its Pods."""
        return [ObjectRef.of(item) for item in self.members if item["kind"] == "Pod"]

    @property
    def pod(self) -> ObjectRef:
        """Its first Pod."""
        return self.pods[0]


def workload(
    kind: str,
    namespace: str,
    name: str,
    *containers: Json,
    replicas: int = 1,
    created: int | None = None,
    states: Mapping[str, State] | State | None = None,
    labels: Mapping[str, str] | None = None,
    pod_fields: Json | None = None,
    top: Json | None = None,
    **spec: Any,
) -> Family:
    """A Deployment, StatefulSet, DaemonSet or Job with its ReplicaSet and Pods.

    ``created`` is how many of the wanted Pods exist; ``spec`` goes into the Pod template and the Pods,
    ``pod_fields`` to ``pod`` alone, ``top`` into the workload's own spec.
    """
    labels, inside = dict(labels or {"app": name}), containers or (container(),)
    inits = spec.pop("inits", ())
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": list(inside), **({"initContainers": list(inits)} if inits else {}), **spec},
    }
    there = replicas if created is None else created
    fields: Json = {"states": states, "labels": labels, "inits": inits, **spec, **(pod_fields or {})}
    if kind == "Job":
        fields.setdefault("restartPolicy", "Never")
    sample = pod("sample", namespace, *inside, **fields)
    ready = there if read_condition(sample, "Ready").get("status") == "True" else 0
    head = make(
        kind,
        name,
        namespace,
        labels=labels,
        spec={**_own_spec(kind, replicas, labels, name), "template": template, **(top or {})},
        status=_own_status(kind, replicas, there, ready),
    )
    middle = [_replica_set(head, replicas, there, ready, template)] if kind == "Deployment" else []
    creator = middle[0] if middle else head
    pods = [
        pod(_pod_name(kind, creator, index), namespace, *inside, owner=creator, **fields)
        for index in range(there)
    ]
    return Family(head, (*middle, *pods))


def _own_spec(kind: str, replicas: int, labels: Mapping[str, str], name: str) -> Json:
    selector = {"matchLabels": dict(labels)}
    if kind == "Job":
        return {"completions": replicas, "parallelism": replicas, "backoffLimit": 6}
    if kind == "DaemonSet":
        return {"selector": selector}
    return {"selector": selector, "replicas": replicas} | (
        {"serviceName": name} if kind == "StatefulSet" else {}
    )


def _own_status(kind: str, replicas: int, there: int, ready: int) -> Json:
    if kind == "Job":
        return {"active": there} if there else {}
    if kind == "DaemonSet":
        counts = {"desiredNumberScheduled": replicas, "currentNumberScheduled": there, "numberReady": ready}
        return {**counts, "numberMisscheduled": 0, "numberUnavailable": replicas - ready}
    counts = {"replicas": there, "readyReplicas": ready, "updatedReplicas": there}
    if kind == "StatefulSet":
        return counts
    available = "True" if ready >= replicas else "False"
    reason = "MinimumReplicasAvailable" if available == "True" else "MinimumReplicasUnavailable"
    conditions = [
        {"type": "Available", "status": available, "reason": reason},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ]
    return {**counts, "unavailableReplicas": replicas - ready, "conditions": conditions}


def _replica_set(head: KubeObject, replicas: int, there: int, ready: int, template: Json) -> KubeObject:
    name = f"{head['metadata']['name']}-7d9c5b6f8d"
    status = {"replicas": there, "readyReplicas": ready}
    spec = {"replicas": replicas, "selector": head["spec"]["selector"], "template": template}
    return make("ReplicaSet", name, head["metadata"]["namespace"], owner=head, spec=spec, status=status)


def _pod_name(kind: str, creator: KubeObject, index: int) -> str:
    name = creator["metadata"]["name"]
    return f"{name}-{index}" if kind == "StatefulSet" else f"{name}-{'bcdfg'[index]}4k2x"


def event(
    about: ObjectRef,
    reason: str,
    message: str,
    *,
    type: str = "Warning",
    count: int = 7,
    last: float = 45,
    first: float = 900,
    component: str = "kubelet",
    inside: str = "",
) -> KubeObject:
    """A core/v1 event; ``inside`` is the container that it is about."""
    involved = {"kind": about.kind, "name": about.name, "namespace": about.namespace or "default"}
    if inside:
        involved["fieldPath"] = f"spec.containers{{{inside}}}"
    times: Json = {"firstTimestamp": ago(first), "lastTimestamp": ago(last), "count": count}
    told: Json = {"reason": reason, "message": message, "type": type, "source": {"component": component}}
    name = f"{about.name}.{uuid5(NAMESPACE_URL, reason + message + str(about)).hex[:16]}"
    return make(
        "Event", name, about.namespace or "default", age=first, involvedObject=involved, **times, **told
    )


def logs(of: ObjectRef, inside: str, *lines: str, previous: bool = False) -> Evidence:
    """What ``kubectl logs`` printed of a container."""
    command = f"kubectl logs {of.name} -n {of.namespace} -c {inside}{' --previous' if previous else ''}"
    return Evidence(source=Source.COMMAND, object=of, text="\n".join(lines), command=command)
