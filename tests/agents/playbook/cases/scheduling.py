"""Pods that no node takes."""

from typing import Any

from domain.objects import KubeObject
from tests.agents.playbook.builders import Family, Json, container, event, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import node, taint

NS = "ml"
REF = ref("Deployment", "trainer", NS)
PREEMPTION = " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."


def pending(message: str, *, inside: Json | None = None, with_event: bool = True, **spec: Any) -> list[Piece]:
    """A Deployment whose Pod the scheduler cannot place."""
    family = workload(
        "Deployment",
        NS,
        "trainer",
        inside or container(),
        pod_fields={"node": None, "unschedulable": message},
        **spec,
    )
    return (
        [family, event(family.pod, "FailedScheduling", message, component="default-scheduler")]
        if with_event
        else [family]
    )


def stuck(
    rule: str, variant: str, message: str, *says: str, more: tuple[KubeObject, ...] = (), **spec: Any
) -> Case:
    return Case(rule, variant, [*pending(message, **spec), *more], REF, ("trainer", *says))


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
    return {
        "affinity": {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
        }
    }


TAINTED = (
    node("node-a", taints=[taint("dedicated", "ml")]),
    node("node-b", taints=[taint("dedicated", "ml")]),
)
SMALL = (node("node-a"), node("node-b"))
TAINT_TEXT = "0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: ml}."

CASES = [
    stuck(
        "node-selector-matches-nothing",
        "nodeSelector",
        f"0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.{PREEMPTION}",
        "disktype=ssd",
        more=SMALL,
        nodeSelector={"disktype": "ssd"},
    ),
    stuck(
        "node-selector-matches-nothing",
        "1.19 wording, nodes not seen",
        "0/2 nodes are available: 2 node(s) didn't match node selector.",
        "disktype=ssd",
        nodeSelector={"disktype": "ssd"},
    ),
    stuck(
        "node-selector-matches-nothing",
        "1.20 wording, affinity",
        "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity.",
        "accelerator In [a100]",
        "accelerator",
        more=(node("node-a", labels={"accelerator": "t4"}),),
        **gpu("a100"),
    ),
    stuck(
        "node-selector-matches-nothing",
        "event has expired",
        "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
        "disktype=ssd",
        more=SMALL,
        with_event=False,
        nodeSelector={"disktype": "ssd"},
    ),
    stuck(
        "taint-not-tolerated",
        "1.24 and later",
        TAINT_TEXT + PREEMPTION,
        "dedicated=ml:NoSchedule",
        "node-a",
        more=TAINTED,
    ),
    stuck(
        "taint-not-tolerated",
        "1.20 wording, nodes not seen",
        "0/2 nodes are available: 2 node(s) had taint {dedicated: ml}, that the pod didn't tolerate.",
        "dedicated: ml",
    ),
    stuck(
        "taint-not-tolerated",
        "the only matching node",
        (
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had "
            "untolerated taint {dedicated: ml}."
        ),
        "node-a",
        "pool=gpu",
        more=(node("node-a", labels={"pool": "gpu"}, taints=[taint("dedicated", "ml")]), node("node-b")),
        nodeSelector={"pool": "gpu"},
    ),
    stuck(
        "request-exceeds-every-node",
        "cpu",
        f"0/2 nodes are available: 2 Insufficient cpu.{PREEMPTION}",
        "cpu",
        "16",
        "4",
        more=SMALL,
        inside=asking(cpu="16"),
    ),
    stuck(
        "request-exceeds-every-node",
        "memory",
        "0/2 nodes are available: 2 Insufficient memory.",
        "memory",
        "64Gi",
        "16Gi",
        more=SMALL,
        inside=asking(memory="64Gi"),
    ),
    stuck(
        "request-exceeds-every-node",
        "a device that no node has",
        "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
        "nvidia.com/gpu",
        "1",
        more=SMALL,
        inside=asking(**{"nvidia.com/gpu": "1"}),
    ),
    stuck(
        "request-exceeds-every-node",
        "ephemeral storage",
        "0/2 nodes are available: 2 Insufficient ephemeral-storage.",
        "ephemeral-storage",
        "200Gi",
        "95Gi",
        more=SMALL,
        inside=asking(**{"ephemeral-storage": "200Gi"}),
    ),
    stuck(
        "not-enough-free",
        "cpu is reserved",
        f"0/1 nodes are available: 1 Insufficient cpu.{PREEMPTION}",
        "cpu",
        more=(node("node-a"), *filler("3500m")),
        inside=asking(cpu="1"),
    ),
    stuck(
        "not-enough-free",
        "nodes not seen",
        "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.",
        "memory, cpu",
    ),
    stuck("not-enough-free", "too many Pods", "0/2 nodes are available: 2 Too many pods.", "pods"),
    stuck(
        "anti-affinity-unsatisfied",
        "1.22 and later",
        f"0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.{PREEMPTION}",
        more=SMALL,
        **affine("podAntiAffinity"),
    ),
    stuck(
        "anti-affinity-unsatisfied",
        "1.20 wording",
        (
            "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity, 2 node(s) didn't "
            "match pod anti-affinity rules."
        ),
        more=SMALL,
        **affine("podAntiAffinity"),
    ),
    stuck(
        "anti-affinity-unsatisfied",
        "of the others",
        "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
        more=SMALL,
    ),
    stuck(
        "pod-affinity-unsatisfied",
        "1.22 and later",
        "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
        more=SMALL,
        **affine("podAffinity"),
    ),
    stuck(
        "pod-affinity-unsatisfied",
        "1.20 wording",
        (
            "0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity rules, 2 node(s) "
            "didn't match pod affinity rules."
        ),
        more=SMALL,
        **affine("podAffinity"),
    ),
    stuck(
        "topology-spread-unsatisfied",
        "skew",
        "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.",
        more=SMALL,
    ),
    stuck(
        "topology-spread-unsatisfied",
        "label missing",
        (
            "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing "
            "required label)."
        ),
        "missing required label",
        more=SMALL,
    ),
    stuck(
        "host-port-taken",
        "all nodes",
        "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.",
        "18443",
        more=SMALL,
        inside=container(ports=[{"containerPort": 8080, "hostPort": 18443}]),
    ),
]
