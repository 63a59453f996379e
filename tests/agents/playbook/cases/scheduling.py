"""Pods that no node takes."""

from domain.objects import KubeObject
from tests.agents.playbook.builders import Family, Json, container, event, pod, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import claim, node, storage_class, taint

NS = "ml"
REF = ref("Deployment", "trainer", NS)
PREEMPTION = " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."


def pending(message: str, *, inside: Json | None = None, with_event: bool = True, **spec: object) -> list[Piece]:
    """A Deployment whose Pod the scheduler cannot place."""
    family = workload("Deployment", NS, "trainer", inside or container(), pod_fields={"node": None, "unschedulable": message}, **spec)
    return [family, event(family.pod, "FailedScheduling", message, component="default-scheduler")] if with_event else [family]


def stuck(rule: str, variant: str, message: str, *says: str, more: tuple[KubeObject, ...] = (), **spec: object) -> Case:
    return Case(rule, variant, [*pending(message, **spec), *more], REF, ("trainer", *says))  # type: ignore[arg-type]


def asking(cpu: str = "100m", memory: str = "64Mi", **more: str) -> Json:
    return container(resources={"requests": {"cpu": cpu, "memory": memory, **more}})


def filler(cpu: str, memory: str = "64Mi") -> Family:
    """Pods that hold what the nodes have."""
    inside = container(resources={"requests": {"cpu": cpu, "memory": memory}})
    return workload("DaemonSet", "infra", "holder", inside)


def affine(kind: str) -> Json:
    term = {"labelSelector": {"matchLabels": {"app": "trainer"}}, "topologyKey": "kubernetes.io/hostname"}
    return {"affinity": {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


def gpu(*values: str) -> Json:
    term = {"matchExpressions": [{"key": "accelerator", "operator": "In", "values": list(values)}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}}


VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "models"}}]
TAINTED = (node("node-a", taints=[taint("dedicated", "ml")]), node("node-b", taints=[taint("dedicated", "ml")]))
SMALL = (node("node-a"), node("node-b"))
LOST = tuple(
    node(name, taints=[taint("node.kubernetes.io/unreachable"), taint("node.kubernetes.io/unreachable", effect="NoExecute")],
         conditions={"Ready": ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")})
    for name in ("node-a", "node-b")
)  # fmt: skip
HELD = claim(NS, "models", storage_class="fast", phase="Bound", volumeName="pv-1")
ZONED = claim(NS, "models", storage_class="fast", phase="Bound", volumeName="pv-1")
TAINT_TEXT = "0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: ml}."

CASES = [
    stuck("node-selector-matches-nothing", "nodeSelector", f"0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.{PREEMPTION}", "disktype=ssd", more=SMALL, nodeSelector={"disktype": "ssd"}),
    stuck("node-selector-matches-nothing", "1.19 wording, nodes not seen", "0/2 nodes are available: 2 node(s) didn't match node selector.", "disktype=ssd", nodeSelector={"disktype": "ssd"}),
    stuck("node-selector-matches-nothing", "1.20 wording, affinity", "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity.", "accelerator In [a100]", "accelerator", more=(node("node-a", labels={"accelerator": "t4"}),), **gpu("a100")),
    stuck("node-selector-matches-nothing", "event has expired", "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", "disktype=ssd", more=SMALL, with_event=False, nodeSelector={"disktype": "ssd"}),
    stuck("taint-not-tolerated", "1.24 and later", TAINT_TEXT + PREEMPTION, "dedicated=ml:NoSchedule", "node-a", more=TAINTED),
    stuck("taint-not-tolerated", "1.20 wording, nodes not seen", "0/2 nodes are available: 2 node(s) had taint {dedicated: ml}, that the pod didn't tolerate.", "dedicated: ml"),
    stuck("taint-not-tolerated", "the only matching node", "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {dedicated: ml}.", "node-a", "pool=gpu",
          more=(node("node-a", labels={"pool": "gpu"}, taints=[taint("dedicated", "ml")]), node("node-b")), nodeSelector={"pool": "gpu"}),
    stuck("nodes-cordoned", "all", "0/2 nodes are available: 2 node(s) were unschedulable.", "node-a", "cordoned", more=(node("node-a", cordoned=True), node("node-b", cordoned=True))),
    Case("nodes-not-ready", "all lost", [*pending("0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }."), *LOST], REF, ("trainer", "node-a"), decides=False),
    stuck("request-exceeds-every-node", "cpu", f"0/2 nodes are available: 2 Insufficient cpu.{PREEMPTION}", "cpu", "16", "4", more=SMALL, inside=asking(cpu="16")),
    stuck("request-exceeds-every-node", "memory", "0/2 nodes are available: 2 Insufficient memory.", "memory", "64Gi", "16Gi", more=SMALL, inside=asking(memory="64Gi")),
    stuck("request-exceeds-every-node", "a device that no node has", "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", "nvidia.com/gpu", "1", more=SMALL, inside=asking(**{"nvidia.com/gpu": "1"})),
    stuck("request-exceeds-every-node", "ephemeral storage", "0/2 nodes are available: 2 Insufficient ephemeral-storage.", "ephemeral-storage", "200Gi", "95Gi", more=SMALL, inside=asking(**{"ephemeral-storage": "200Gi"})),
    stuck("not-enough-free", "cpu is reserved", f"0/1 nodes are available: 1 Insufficient cpu.{PREEMPTION}", "cpu", more=(node("node-a"), *filler("3500m")), inside=asking(cpu="1")),
    stuck("not-enough-free", "nodes not seen", "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.", "memory, cpu"),
    stuck("not-enough-free", "too many Pods", "0/2 nodes are available: 2 Too many pods.", "pods"),
    Case("volume-not-ready", "claim not bound", [*pending("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found", volumes=VOLUMES), claim(NS, "models", storage_class="fast"), storage_class("fast")],
         REF, ("models", "trainer")),
    stuck("volume-not-ready", "volume in another zone", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.", "models", "volume node affinity conflict", more=(HELD,), volumes=VOLUMES),
    stuck("volume-not-ready", "too many volumes", "0/2 nodes are available: 2 node(s) exceed max volume count.", "models", "max volume count", more=(HELD,), volumes=VOLUMES),
    Case("claim-missing", "Pod", pending('0/2 nodes are available: persistentvolumeclaim "models" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.', volumes=VOLUMES), REF,
         ("models", "trainer", NS), ref("PersistentVolumeClaim", "models", NS)),
    stuck("anti-affinity-unsatisfied", "1.22 and later", f"0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.{PREEMPTION}", more=SMALL, **affine("podAntiAffinity")),
    stuck("anti-affinity-unsatisfied", "1.20 wording", "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity, 2 node(s) didn't match pod anti-affinity rules.", more=SMALL, **affine("podAntiAffinity")),
    stuck("anti-affinity-unsatisfied", "of the others", "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.", more=SMALL),
    stuck("pod-affinity-unsatisfied", "1.22 and later", "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.", more=SMALL, **affine("podAffinity")),
    stuck("pod-affinity-unsatisfied", "1.20 wording", "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity rules, 2 node(s) didn't match pod affinity rules.", more=SMALL, **affine("podAffinity")),
    stuck("topology-spread-unsatisfied", "skew", "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.", more=SMALL),
    stuck("topology-spread-unsatisfied", "label missing", "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label).", "missing required label", more=SMALL),
    stuck("host-port-taken", "all nodes", "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", more=SMALL),
    stuck("no-nodes", "none registered", "no nodes available to schedule pods", "no node"),
    stuck("unschedulable", "something new", "0/2 nodes are available: 2 node(s) are haunted.", "haunted", more=SMALL),
    Case("scheduling-gated", "gates",
         [workload("Deployment", NS, "trainer", pod_fields={"node": None, "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
          "message": "Scheduling is blocked due to non-empty scheduling gates"}]}}, schedulingGates=[{"name": "example.com/quota-check"}])], REF, ("example.com/quota-check", "trainer")),
    Case("scheduler-silent", "unknown scheduler", [workload("Deployment", NS, "trainer", pod_fields={"node": None, "status": {"phase": "Pending", "conditions": []}}, schedulerName="batch-scheduler")],
         REF, ("batch-scheduler", "trainer")),
    Case("scheduler-silent", "default", [workload("Deployment", NS, "trainer", pod_fields={"node": None, "status": {"phase": "Pending", "conditions": []}}, schedulerName="default-scheduler")],
         REF, ("default-scheduler", "trainer")),
    Case("node-name-unknown", "nodeName", [workload("Deployment", NS, "trainer", pod_fields={"node": "node-z", "status": {"phase": "Pending", "containerStatuses": []}}), *SMALL], REF, ("node-z", "node-a"), ref("Node", "node-z")),
    Case("kubelet-rejected", "OutOfcpu", [family := workload("Deployment", NS, "trainer", created=0),
         pod("trainer-7d9c5b6f8d-zzzzz", NS, owner=family.members[0], phase="Failed", status={"reason": "OutOfcpu", "containerStatuses": [],
             "message": "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000"})], REF, ("OutOfcpu", "requested: 3000", "node-a")),
    Case("kubelet-rejected", "NodeAffinity", [family := workload("Deployment", NS, "trainer", created=0),
         pod("trainer-7d9c5b6f8d-zzzzz", NS, owner=family.members[0], phase="Failed", status={"reason": "NodeAffinity", "containerStatuses": [],
             "message": "Pod was rejected: Predicate NodeAffinity failed"})], REF, ("NodeAffinity",)),
]  # fmt: skip
