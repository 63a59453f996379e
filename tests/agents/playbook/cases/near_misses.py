"""Scenes that look like trouble and are none."""

from dataclasses import dataclass
from typing import Any

from domain.objects import ObjectRef
from tests.agents.playbook.builders import (
    CREATING,
    HOUR,
    Family,
    Json,
    State,
    ago,
    completed,
    container,
    ended,
    env_from_key,
    event,
    logs,
    make,
    pod,
    ref,
    running,
    workload,
)
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import (
    autoscaler,
    claim,
    cron_job,
    node,
    service,
    storage_class,
)

NS = "calm"
WEB = ref("Deployment", "web", NS)
RECOVERED = running(2 * HOUR, restarts=5, last=ended(1, seconds=2 * HOUR + 5))
IMAGE = "registry.example.com/team/app:1.4.2"


@dataclass(frozen=True)
class NearMiss:
    """A scene in which nothing is wrong with what was asked about."""

    name: str
    pieces: list[Piece]
    about: ObjectRef = WEB


def web(state: State | None = None, **fields: Any) -> Family:
    return workload("Deployment", NS, "web", container(**fields), states=state, pod_fields={"age": 5 * HOUR})


def after(family: Family, reason: str, message: str, **fields: Any) -> list[Piece]:
    return [family, event(family.pod, reason, message, **fields)]


def says(family: Family, *lines: str) -> list[Piece]:
    return [family, logs(family.pod, "app", *lines)]


def job_that_made_it() -> list[Piece]:
    job = workload("Job", NS, "import", created=0)
    job.top["status"] = {"succeeded": 1, "failed": 2, "conditions": [{"type": "Complete", "status": "True"}]}
    tries = [
        pod(
            f"import-{name}",
            NS,
            owner=job.top,
            phase=phase,
            states=State(ended(code, seconds=900)),
            restartPolicy="Never",
        )
        for name, code, phase in (("aaaaa", 1, "Failed"), ("bbbbb", 137, "Failed"), ("ccccc", 0, "Succeeded"))
    ]
    return [
        job,
        *tries,
        logs(ref("Pod", "import-aaaaa", NS), "app", "ERROR password authentication failed for user x"),
    ]


def schedule_that_recovered() -> list[Piece]:
    nightly = cron_job(NS, "nightly", container())
    runs = [
        make(
            "Job",
            f"nightly-{number}",
            NS,
            owner=nightly,
            age=age,
            spec={"backoffLimit": 0},
            status={
                "conditions": [
                    {
                        "type": kind,
                        "status": "True",
                        "reason": "BackoffLimitExceeded",
                        "message": "Job has reached the specified backoff limit",
                        "lastTransitionTime": ago(age - 60),
                    }
                ]
            },
        )
        for number, kind, age in (("1", "Failed", 20 * HOUR), ("2", "Complete", 2 * HOUR))
    ]
    return [nightly, *runs]


def evicted_and_replaced() -> list[Piece]:
    family = web()
    gone = pod(
        "web-7d9c5b6f8d-gone1",
        NS,
        owner=family.members[0],
        phase="Failed",
        status={"reason": "Evicted", "message": "The node was low on resource: memory. "},
    )
    return [family, gone]


def parked(kind: str = "Deployment") -> list[Piece]:
    return [web(), workload(kind, NS, "parked", replicas=0), service(NS, "parked")]


def deleting(seconds: float) -> list[Piece]:
    return [
        web(),
        pod("web-old", NS, meta={"deletionTimestamp": ago(seconds), "deletionGracePeriodSeconds": 30}),
    ]


def optional_settings() -> list[Piece]:
    entry = env_from_key("ConfigMap", "extras", "level", optional=True)
    volume = {"name": "more", "secret": {"secretName": "extras", "optional": True}}
    return [workload("Deployment", NS, "web", container(env=[entry]), volumes=[volume])]


def starting_with_optional_settings() -> list[Piece]:
    volume = {"name": "more", "configMap": {"name": "extras", "optional": True}}
    young: Json = {"age": 10}
    return [
        workload("Deployment", NS, "web", container(), states=CREATING, volumes=[volume], pod_fields=young)
    ]


def forgotten_old_replica_set() -> list[Piece]:
    family = web()
    old = make(
        "ReplicaSet", "web-5f5f5f5f5f", NS, owner=family.top, spec={"replicas": 0}, status={"replicas": 0}
    )
    return [family, old]


HTTP = {"httpGet": {"path": "/ready", "port": 8080}}
REFUSED = (
    'Readiness probe failed: Get "http://10.244.1.17:8080/ready": dial tcp 10.244.1.17:8080: '
    "connect: connection refused"
)

QUIET = [
    NearMiss(
        "a crash loop that has settled",
        [
            *after(web(RECOVERED), "BackOff", "Back-off restarting failed container"),
            logs(web().pod, "app", "FATAL: no config", previous=True),
        ],
    ),
    NearMiss(
        "one restart after running out of memory",
        [web(running(900, restarts=1, last=ended(137, "OOMKilled", seconds=905)))],
    ),
    NearMiss(
        "an image that was pulled in the end",
        after(
            web(),
            "Failed",
            f'Failed to pull image "{IMAGE}": rpc error: code = NotFound desc = {IMAGE}: not found',
        ),
    ),
    NearMiss(
        "a Pod that was placed in the end",
        after(web(), "FailedScheduling", "0/2 nodes are available: 2 Insufficient cpu."),
    ),
    NearMiss(
        "a volume that was mounted in the end",
        after(
            web(),
            "FailedMount",
            'MountVolume.SetUp failed for volume "conf" : configmap "web-conf" not found',
        ),
    ),
    NearMiss(
        "a cache of the kubelet that was not warm",
        after(
            web(),
            "FailedMount",
            (
                'MountVolume.SetUp failed for volume "kube-api-access-x" : object "calm"/"kube-root-ca.crt" '
                "not registered"
            ),
        ),
    ),
    NearMiss(
        "a quota that had room again",
        after(
            web(), "FailedCreate", "exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4"
        ),
    ),
    NearMiss(
        "Pods that could be created again",
        [
            family := web(),
            event(
                family.creator,
                "FailedCreate",
                (
                    'pods "web-x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, '
                    "limited: pods=4"
                ),
            ),
        ],
    ),
    NearMiss(
        "readiness while warming up",
        [
            family := web(readinessProbe=HTTP, ports=[8080]),
            event(family.pod, "Unhealthy", REFUSED, count=3, last=1500, inside="app"),
        ],
    ),
    NearMiss(
        "one late answer to a liveness probe",
        [
            family := web(livenessProbe=HTTP, ports=[8080]),
            event(
                family.pod,
                "Unhealthy",
                "Liveness probe failed: HTTP probe failed with statuscode: 503",
                count=1,
                last=20,
                inside="app",
            ),
        ],
    ),
    NearMiss("optional settings that are not there", optional_settings()),
    NearMiss("starting, without optional settings", starting_with_optional_settings()),
    NearMiss("a parked Deployment that nobody misses", parked()),
    NearMiss("a parked StatefulSet that nobody misses", parked("StatefulSet")),
    NearMiss("the ReplicaSet of an old revision", forgotten_old_replica_set()),
    NearMiss(
        "a claim that waits for its first consumer",
        [
            web(),
            claim(NS, "later", storage_class="fast"),
            storage_class("fast", waits=True),
            event(
                ref("PersistentVolumeClaim", "later", NS),
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding",
                type="Normal",
            ),
        ],
    ),
    NearMiss(
        "a claim without a Pod, of a class for volumes made by hand",
        [
            web(),
            claim(NS, "later", storage_class="local"),
            storage_class("local", provisioner="kubernetes.io/no-provisioner", waits=True),
        ],
    ),
    NearMiss("a Job that made it at the third try", job_that_made_it(), ref("Job", "import", NS)),
    NearMiss("a Job that made it, asked about at large", [web(), *job_that_made_it()]),
    NearMiss("a schedule whose last run went well", schedule_that_recovered(), ref("CronJob", "nightly", NS)),
    NearMiss("an evicted Pod that was replaced", evicted_and_replaced()),
    NearMiss(
        "a suspended CronJob that nobody asks about",
        [web(), cron_job(NS, "nightly", container(), suspend=True)],
    ),
    NearMiss("a Pod that is being deleted in time", deleting(20)),
    NearMiss(
        "a node that is back",
        [
            web(),
            event(
                ref("Node", "node-a"), "NodeNotReady", "Node node-a status is now: NodeNotReady", last=2400
            ),
        ],
    ),
    NearMiss(
        "a node that ran out of memory yesterday",
        [
            web(),
            event(
                ref("Node", "node-a"),
                "SystemOOM",
                "System OOM encountered, victim process: java, pid: 7",
                last=20 * HOUR,
                first=21 * HOUR,
            ),
        ],
    ),
    NearMiss(
        "an autoscaler at its maximum that nobody asks about",
        [
            web(),
            workload("Deployment", NS, "busy"),
            autoscaler(
                NS,
                "busy",
                conditions={
                    "ScalingLimited": (
                        "True",
                        "TooManyReplicas",
                        "the desired replica count is more than the maximum replica count",
                    )
                },
            ),
        ],
    ),
    NearMiss(
        "an autoscaler of something parked",
        [
            web(),
            workload("Deployment", NS, "parked", replicas=0),
            autoscaler(
                NS,
                "parked",
                conditions={
                    "ScalingActive": (
                        "False",
                        "ScalingDisabled",
                        "scaling is disabled since the replica count of the target is zero",
                    )
                },
            ),
        ],
    ),
    NearMiss(
        "an init container that took long and ended",
        [
            workload(
                "Deployment",
                NS,
                "web",
                container(),
                inits=[container("migrate")],
                states={"migrate": completed()},
            )
        ],
    ),
    NearMiss(
        "a hook that failed in an earlier run",
        after(web(), "FailedPostStartHook", "PostStartHook failed", last=3000),
    ),
    NearMiss(
        "harmless lines with frightening words",
        says(
            web(),
            "INFO  probe cache: 0 entries with 'no space left on device' since start",
            (
                "2026-03-14 09:29:20,123 INFO [main] c.e.Docs - indexed page 'pods is forbidden: User "
                '"system:serviceaccount:a:b" cannot list resource "pods"\''
            ),
            '{"level":"info","msg":"retry policy loaded","on":["AccessDenied","connection refused"]}',
            'level=info msg="will retry when the disk is full"',
            "I0314 09:29:20.123456       1 docs.go:12] example: is not authorized to perform: s3:GetObject",
        ),
    ),
    NearMiss(
        "a tainted node for others",
        [web(), node("node-t", taints=[{"key": "dedicated", "value": "ml", "effect": "NoSchedule"}])],
    ),
]
