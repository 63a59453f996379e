"""Nodes."""

from tests.agents.playbook.builders import event, make, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import node

NS = "lend"
NODE = ref("Node", "node-c")
STOPPED = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


def on_node(state: str = "") -> list[Piece]:
    """A Deployment whose Pod is on node-c and no longer ready."""
    family = workload("Deployment", NS, "scorer", pod_fields={"node": "node-c"})
    family.top["status"] |= {"readyReplicas": 0, "unavailableReplicas": 1}
    for item in family.members:
        if item["kind"] == "Pod":
            for condition in item["status"]["conditions"]:
                condition["status"] = "False" if condition["type"] in ("Ready", "ContainersReady") else "True"
    told = [
        event(pod, "NodeNotReady", "Node is not ready", component="node-controller", count=1)
        for pod in family.pods
    ]
    return [family, *(told if not state else [])]


def troubled(rule: str, variant: str, conditions: dict[str, tuple[str, str, str]], *says: str) -> Case:
    return Case(
        rule,
        variant,
        [*on_node(), node("node-a"), node("node-c", conditions=conditions)],
        NODE,
        ("node-c", *says),
    )


CASES = [
    troubled(
        "node-not-ready",
        "kubelet stopped",
        {"Ready": STOPPED, "MemoryPressure": STOPPED},
        "Kubelet stopped posting",
        "lend/scorer",
    ),
    troubled(
        "node-not-ready",
        "network plugin",
        {
            "Ready": (
                "False",
                "KubeletNotReady",
                "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                "message:Network plugin returns error: cni plugin not initialized",
            )
        },
        "cni plugin not initialized",
    ),
    troubled(
        "node-not-ready",
        "PLEG",
        {
            "Ready": (
                "False",
                "KubeletNotReady",
                "PLEG is not healthy: pleg was last seen active 3m2.8s ago; threshold is 3m0s",
            )
        },
        "PLEG is not healthy",
    ),
    troubled(
        "node-under-pressure",
        "disk",
        {"DiskPressure": ("True", "KubeletHasDiskPressure", "kubelet has disk pressure")},
        "DiskPressure",
    ),
    troubled(
        "node-under-pressure",
        "memory",
        {
            "MemoryPressure": (
                "True",
                "KubeletHasInsufficientMemory",
                "kubelet has insufficient memory available",
            )
        },
        "MemoryPressure",
    ),
    troubled(
        "node-under-pressure",
        "network",
        {"NetworkUnavailable": ("True", "NoRouteCreated", "Node created without a route")},
        "NetworkUnavailable",
    ),
    Case(
        "disruption-blocked",
        "asked about",
        [
            workload("Deployment", NS, "scorer"),
            make(
                "PodDisruptionBudget",
                "scorer",
                NS,
                spec={"minAvailable": 1},
                status={"expectedPods": 1, "currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 0},
            ),
        ],
        ref("PodDisruptionBudget", "scorer", NS),
        ("scorer", "1 Pods are healthy, 1 must be"),
        about=ref("PodDisruptionBudget", "scorer", NS),
    ),
    Case(
        "node-out-of-memory",
        "kernel",
        [
            workload("Deployment", NS, "scorer", pod_fields={"node": "node-c"}),
            node("node-a"),
            node("node-c"),
            event(NODE, "SystemOOM", "System OOM encountered, victim process: java, pid: 4711"),
        ],
        NODE,
        ("node-c", "java"),
        about=NODE,
    ),
]
