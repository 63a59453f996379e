"""Pods that no scheduler looks at, or that a node does not take."""

from tests.agents.playbook.builders import pod, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.cases.scheduling import NS, REF, SMALL, pending, stuck
from tests.agents.playbook.surroundings import claim, node, storage_class, taint

VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "models"}}]


LOST = tuple(
    node(
        name,
        taints=[
            taint("node.kubernetes.io/unreachable"),
            taint("node.kubernetes.io/unreachable", effect="NoExecute"),
        ],
        conditions={"Ready": ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")},
    )
    for name in ("node-a", "node-b")
)


HELD = claim(NS, "models", storage_class="fast", phase="Bound", volumeName="pv-1")

CASES = [
    stuck(
        "nodes-cordoned",
        "all",
        "0/2 nodes are available: 2 node(s) were unschedulable.",
        "node-a",
        "cordoned",
        more=(node("node-a", cordoned=True), node("node-b", cordoned=True)),
    ),
    Case(
        "nodes-not-ready",
        "all lost",
        [
            *pending(
                "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }."
            ),
            *LOST,
        ],
        REF,
        ("trainer", "node-a"),
        decides=False,
    ),
    Case(
        "volume-not-ready",
        "claim not bound",
        [
            *pending(
                "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
                volumes=VOLUMES,
            ),
            claim(NS, "models", storage_class="fast"),
            storage_class("fast"),
        ],
        REF,
        ("models", "trainer"),
    ),
    stuck(
        "volume-not-ready",
        "volume in another zone",
        "0/2 nodes are available: 2 node(s) had volume node affinity conflict.",
        "models",
        "volume node affinity conflict",
        more=(HELD,),
        volumes=VOLUMES,
    ),
    stuck(
        "volume-not-ready",
        "too many volumes",
        "0/2 nodes are available: 2 node(s) exceed max volume count.",
        "models",
        "max volume count",
        more=(HELD,),
        volumes=VOLUMES,
    ),
    Case(
        "claim-missing",
        "Pod",
        pending(
            (
                '0/2 nodes are available: persistentvolumeclaim "models" not found. preemption: 0/2 nodes '
                "are available: 2 Preemption is not helpful for scheduling."
            ),
            volumes=VOLUMES,
        ),
        REF,
        ("models", "trainer", NS),
        ref("PersistentVolumeClaim", "models", NS),
    ),
    stuck("no-nodes", "none registered", "no nodes available to schedule pods", "no node"),
    stuck(
        "unschedulable",
        "something new",
        "0/2 nodes are available: 2 node(s) are haunted.",
        "haunted",
        more=SMALL,
    ),
    Case(
        "scheduling-gated",
        "gates",
        [
            workload(
                "Deployment",
                NS,
                "trainer",
                pod_fields={
                    "node": None,
                    "status": {
                        "phase": "Pending",
                        "conditions": [
                            {
                                "type": "PodScheduled",
                                "status": "False",
                                "reason": "SchedulingGated",
                                "message": "Scheduling is blocked due to non-empty scheduling gates",
                            }
                        ],
                    },
                },
                schedulingGates=[{"name": "example.com/quota-check"}],
            )
        ],
        REF,
        ("example.com/quota-check", "trainer"),
    ),
    Case(
        "scheduler-silent",
        "unknown scheduler",
        [
            workload(
                "Deployment",
                NS,
                "trainer",
                pod_fields={"node": None, "status": {"phase": "Pending", "conditions": []}},
                schedulerName="batch-scheduler",
            )
        ],
        REF,
        ("batch-scheduler", "trainer"),
    ),
    Case(
        "scheduler-silent",
        "default",
        [
            workload(
                "Deployment",
                NS,
                "trainer",
                pod_fields={"node": None, "status": {"phase": "Pending", "conditions": []}},
                schedulerName="default-scheduler",
            )
        ],
        REF,
        ("default-scheduler", "trainer"),
    ),
    Case(
        "node-name-unknown",
        "nodeName",
        [
            workload(
                "Deployment",
                NS,
                "trainer",
                pod_fields={"node": "node-z", "status": {"phase": "Pending", "containerStatuses": []}},
            ),
            *SMALL,
        ],
        REF,
        ("node-z", "node-a"),
        ref("Node", "node-z"),
    ),
    Case(
        "kubelet-rejected",
        "OutOfcpu",
        [
            family := workload("Deployment", NS, "trainer", created=0),
            pod(
                "trainer-7d9c5b6f8d-zzzzz",
                NS,
                owner=family.members[0],
                phase="Failed",
                status={
                    "reason": "OutOfcpu",
                    "containerStatuses": [],
                    "message": (
                        "Pod was rejected: Node didn't have enough resource: cpu, requested: "
                        "3000, used: 1500, capacity: 4000"
                    ),
                },
            ),
        ],
        REF,
        ("OutOfcpu", "requested: 3000", "node-a"),
    ),
    Case(
        "kubelet-rejected",
        "NodeAffinity",
        [
            family := workload("Deployment", NS, "trainer", created=0),
            pod(
                "trainer-7d9c5b6f8d-zzzzz",
                NS,
                owner=family.members[0],
                phase="Failed",
                status={
                    "reason": "NodeAffinity",
                    "containerStatuses": [],
                    "message": "Pod was rejected: Predicate NodeAffinity failed",
                },
            ),
        ],
        REF,
        ("NodeAffinity",),
    ),
]
