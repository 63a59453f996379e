"""Workloads as a whole: scaled, paused, given up, being deleted, autoscaled."""

from tests.agents.playbook.builders import (
    INITIALIZING,
    Family,
    Json,
    ago,
    container,
    event,
    logs,
    make,
    pod,
    ref,
    running,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import autoscaler, cron_job, service

NS = "stock"
REF = ref("Deployment", "stock-api", NS)
CLIENT = workload(
    "Deployment", "web", "basket", container(env={"STOCK": "http://stock-api.stock.svc.cluster.local:8080"})
)


def failed_job(reason: str, message: str) -> Family:
    family = workload("Job", NS, "close-month", created=0)
    family.top["status"] = {
        "failed": 7,
        "conditions": [{"type": "Failed", "status": "True", "reason": reason, "message": message}],
    }
    return family


def paused() -> Family:
    family = workload("Deployment", NS, "stock-api", top={"paused": True})
    family.top["status"]["conditions"] = [
        {
            "type": "Progressing",
            "status": "Unknown",
            "reason": "DeploymentPaused",
            "message": "Deployment is paused",
        }
    ]
    return family


def scaled(conditions: dict[str, tuple[str, str, str]]) -> list[Piece]:
    return [workload("Deployment", NS, "stock-api"), autoscaler(NS, "stock-api", conditions=conditions)]


WAITING_INIT: Json = container(
    "wait-for-db", command=["sh", "-c", "until nc -z ledger-db 5432; do sleep 2; done"]
)
JOB = ref("Job", "close-month", NS)
SCALER = ref("HorizontalPodAutoscaler", "stock-api", NS)
CRON = ref("CronJob", "nightly", NS)
NO_METRICS = (
    "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to "
    "get metrics for resource cpu: unable to fetch metrics from resource metrics API: the "
    "server could not find the requested resource (get pods.metrics.k8s.io)"
)

CASES = [
    Case(
        "scaled-to-zero",
        "asked about",
        [workload("Deployment", NS, "stock-api", replicas=0)],
        REF,
        ("stock-api", "0 replicas"),
    ),
    Case(
        "scaled-to-zero",
        "missed by another",
        [
            CLIENT,
            workload("Deployment", NS, "stock-api", replicas=0),
            service(NS, "stock-api", port=8080),
            logs(
                CLIENT.pod,
                "app",
                "ERROR get http://stock-api.stock.svc.cluster.local:8080/items: connect: connection refused",
            ),
        ],
        REF,
        ("stock-api",),
    ),
    Case(
        "scaled-to-zero",
        "StatefulSet",
        [workload("StatefulSet", NS, "stock-db", replicas=0)],
        ref("StatefulSet", "stock-db", NS),
        ("stock-db",),
    ),
    Case(
        "workload-unavailable",
        "nothing else is known",
        [workload("Deployment", NS, "stock-api", replicas=3, created=1)],
        REF,
        ("1 of 3",),
        decides=False,
    ),
    Case("rollout-paused", "Deployment", [paused()], REF, ("stock-api", "paused")),
    Case(
        "job-deadline-exceeded",
        "Job",
        [failed_job("DeadlineExceeded", "Job was active longer than specified deadline")],
        JOB,
        ("close-month", "activeDeadlineSeconds"),
    ),
    Case(
        "job-failed",
        "backoff limit",
        [failed_job("BackoffLimitExceeded", "Job has reached the specified backoff limit")],
        JOB,
        ("close-month", "BackoffLimitExceeded"),
    ),
    Case(
        "job-failed",
        "failure policy",
        [
            failed_job(
                "PodFailurePolicy",
                (
                    "Container app for pod stock/close-month-x failed with exit code 42 matching FailJob "
                    "rule at index 0"
                ),
            )
        ],
        JOB,
        ("exit code 42",),
    ),
    Case(
        "job-suspended",
        "Job",
        [workload("Job", NS, "close-month", created=0, top={"suspend": True})],
        JOB,
        ("close-month", "suspended"),
    ),
    Case(
        "init-container-waiting",
        "for long",
        [
            workload(
                "Deployment",
                NS,
                "stock-api",
                inits=[WAITING_INIT],
                states={"wait-for-db": running(900, ready=False), "app": INITIALIZING},
            )
        ],
        REF,
        ("wait-for-db", "15m", "stock-api"),
    ),
    Case(
        "deletion-stuck",
        "Pod on a lost node",
        [
            workload("Deployment", NS, "stock-api"),
            pod("stock-api-old", NS, meta={"deletionTimestamp": ago(900), "deletionGracePeriodSeconds": 30}),
        ],
        ref("Pod", "stock-api-old", NS),
        ("stock-api-old", "15m"),
        about=ref("Pod", "stock-api-old", NS),
    ),
    Case(
        "deletion-stuck",
        "Pod with a finalizer",
        [
            workload("Deployment", NS, "stock-api"),
            pod(
                "stock-api-old", NS, meta={"deletionTimestamp": ago(900), "finalizers": ["example.com/drain"]}
            ),
        ],
        ref("Pod", "stock-api-old", NS),
        ("example.com/drain",),
        about=ref("Pod", "stock-api-old", NS),
    ),
    Case(
        "deletion-stuck",
        "claim in use",
        [
            workload("StatefulSet", NS, "stock-db"),
            make(
                "PersistentVolumeClaim",
                "data",
                NS,
                meta={"deletionTimestamp": ago(900), "finalizers": ["kubernetes.io/pvc-protection"]},
                spec={},
                status={"phase": "Bound"},
            ),
        ],
        ref("PersistentVolumeClaim", "data", NS),
        ("data", "pvc-protection"),
        about=ref("PersistentVolumeClaim", "data", NS),
    ),
    Case(
        "deletion-stuck",
        "namespace with something left in it",
        [
            workload("Deployment", NS, "stock-api"),
            make(
                "Namespace",
                NS,
                meta={"deletionTimestamp": ago(900)},
                spec={"finalizers": ["kubernetes"]},
                status={
                    "phase": "Terminating",
                    "conditions": [
                        {
                            "type": "NamespaceFinalizersRemaining",
                            "status": "True",
                            "message": "Some content in the namespace has finalizers remaining: "
                            "example.com/archive in 1 resource instances",
                        },
                        {"type": "NamespaceContentRemaining", "status": "False", "message": "no"},
                    ],
                },
            ),
        ],
        ref("Namespace", NS),
        ("example.com/archive",),
        about=ref("Namespace", NS),
    ),
    Case(
        "cronjob-suspended",
        "asked about",
        [cron_job(NS, "nightly", container(), suspend=True)],
        CRON,
        ("nightly", "suspended"),
        about=CRON,
    ),
    Case(
        "cronjob-unparseable",
        "1.20",
        [
            cron_job(NS, "nightly", container(), schedule="61 * * * *"),
            event(
                CRON,
                "UnparseableCronJobSchedule",
                "unparseable schedule for cronjob: 61 * * * *",
                component="cronjob-controller",
            ),
        ],
        CRON,
        ("nightly", "61 * * * *"),
        about=CRON,
    ),
    Case(
        "cronjob-unparseable",
        "current",
        [
            cron_job(NS, "nightly", container(), schedule="61 * * * *"),
            event(
                CRON,
                "UnparseableSchedule",
                'unparseable schedule: "61 * * * *" : end of range (61) above maximum (59): 61',
                component="cronjob-controller",
            ),
        ],
        CRON,
        ("61 * * * *",),
        about=CRON,
    ),
    Case(
        "cronjob-blocked",
        "Forbid",
        [
            cron_job(NS, "nightly", container(), concurrencyPolicy="Forbid"),
            event(
                CRON,
                "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is Forbid",
                type="Normal",
                component="cronjob-controller",
            ),
        ],
        CRON,
        ("nightly", "Forbid"),
        about=CRON,
    ),
    Case(
        "cronjob-missed",
        "too many",
        [
            cron_job(NS, "nightly", container()),
            event(
                CRON,
                "TooManyMissedTimes",
                (
                    "too many missed start times: 812. Set or decrease .spec.startingDeadlineSeconds or "
                    "check clock skew"
                ),
                component="cronjob-controller",
            ),
        ],
        CRON,
        ("nightly", "812"),
        about=CRON,
    ),
    Case(
        "cronjob-missed",
        "late",
        [
            cron_job(NS, "nightly", container(), startingDeadlineSeconds=10),
            event(
                CRON,
                "MissSchedule",
                "Missed scheduled time to start a job: Sat, 14 Mar 2026 09:00:00 UTC",
                component="cronjob-controller",
            ),
        ],
        CRON,
        ("nightly", "09:00:00"),
        about=CRON,
    ),
    Case(
        "autoscaler-blind",
        "no metrics server",
        scaled(
            {
                "AbleToScale": ("True", "SucceededGetScale", ""),
                "ScalingActive": ("False", "FailedGetResourceMetric", NO_METRICS),
            }
        ),
        SCALER,
        ("stock-api", "metrics.k8s.io"),
        about=SCALER,
    ),
    Case(
        "autoscaler-blind",
        "no request",
        scaled(
            {
                "ScalingActive": (
                    "False",
                    "FailedGetResourceMetric",
                    (
                        "the HPA was unable to compute the replica count: failed to get cpu utilization: "
                        "missing request for cpu in container app of Pod stock-api-x"
                    ),
                )
            }
        ),
        SCALER,
        ("missing request for cpu",),
        about=SCALER,
    ),
    Case(
        "autoscaler-blind",
        "no target",
        scaled(
            {
                "AbleToScale": (
                    "False",
                    "FailedGetScale",
                    (
                        "the HPA controller was unable to get the target's current scale: deployments.apps "
                        '"stok-api" not found'
                    ),
                )
            }
        ),
        SCALER,
        ("stok-api",),
        about=SCALER,
    ),
    Case(
        "autoscaler-at-maximum",
        "asked about",
        scaled(
            {
                "ScalingLimited": (
                    "True",
                    "TooManyReplicas",
                    "the desired replica count is more than the maximum replica count",
                )
            }
        ),
        SCALER,
        ("stock-api", "5"),
        about=SCALER,
    ),
]
