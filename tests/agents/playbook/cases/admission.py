"""Pods that may not be created."""

from domain.objects import KubeObject, ObjectRef
from tests.agents.playbook.builders import Family, ago, event, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import limit_range, quota, service

NS = "orders"
_NAMES = {"Deployment": 'Error creating: pods "taker-7d9c5b6f8d-x2x9k" is forbidden: '}


def refused(
    message: str, kind: str = "Deployment", *, prefix: str | None = None
) -> tuple[Family, KubeObject]:
    """A workload none of whose Pods may be created, with the controller's event."""
    family = workload(kind, NS, "taker", created=0)
    before = _NAMES["Deployment"] if prefix is None else prefix
    component = {"Deployment": "replicaset-controller"}.get(kind, f"{kind.lower()}-controller")
    return family, event(family.creator, "FailedCreate", before + message, component=component)


def case(
    rule: str,
    variant: str,
    message: str,
    *says: str,
    kind: str = "Deployment",
    prefix: str | None = None,
    at: ObjectRef | None = None,
    missing: ObjectRef | None = None,
    more: tuple[Piece, ...] = (),
) -> Case:
    family, told = refused(message, kind, prefix=prefix)
    return Case(rule, variant, [family, told, *more], at or family.ref, (*says, "taker"), missing)


def expired(
    rule: str,
    message: str,
    *says: str,
    at: ObjectRef | None = None,
    missing: ObjectRef | None = None,
    more: tuple[Piece, ...] = (),
) -> Case:
    """Only the condition of the ReplicaSet still says why."""
    family = workload("Deployment", NS, "taker", created=0)
    text = 'pods "taker-7d9c5b6f8d-x2x9k" is forbidden: ' + message
    family.members[0]["status"] = {
        "replicas": 0,
        "conditions": [
            {
                "type": "ReplicaFailure",
                "status": "True",
                "reason": "FailedCreate",
                "message": text,
                "lastTransitionTime": ago(8000),
            }
        ],
    }
    return Case(rule, "events have expired", [family, *more], at or family.ref, (*says, "taker"), missing)


QUOTA = quota(NS, "compute", {"requests.cpu": "2"}, {"requests.cpu": "2"})
EXCEEDED = (
    "exceeded quota: compute, requested: requests.cpu=500m, used: requests.cpu=2, limited: requests.cpu=2"
)
RANGE = limit_range(NS, "sizes", max={"cpu": "500m", "memory": "1Gi"}, min={"memory": "64Mi"})
RATIO = limit_range(NS, "ratio", maxLimitRequestRatio={"cpu": "2"})
WEBHOOK = 'Internal error occurred: failed calling webhook "pods.gate.example.com": '
POST = 'failed to call webhook: Post "https://gate.policy.svc:443/validate?timeout=10s": '

CASES = [
    case(
        "quota-exceeded",
        "ReplicaSet",
        EXCEEDED,
        "compute",
        "500m",
        at=ref("ResourceQuota", "compute", NS),
        more=(QUOTA,),
    ),
    case(
        "quota-exceeded",
        "StatefulSet",
        f'pods "taker-0" is forbidden: {EXCEEDED}',
        "compute",
        kind="StatefulSet",
        prefix="create Pod taker-0 in StatefulSet taker failed error: ",
        at=ref("ResourceQuota", "compute", NS),
        more=(QUOTA,),
    ),
    case(
        "quota-exceeded",
        "Job, a count of Pods",
        "exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4",
        "pods=4",
        kind="Job",
        at=ref("ResourceQuota", "compute", NS),
        more=(QUOTA,),
    ),
    case(
        "quota-wants-requests",
        "1.20",
        "failed quota: compute: must specify limits.cpu,limits.memory",
        "compute",
        "limits.cpu,limits.memory",
    ),
    case(
        "quota-wants-requests",
        "1.21 and later",
        "failed quota: compute: must specify limits.cpu for: app; limits.memory for: app",
        "limits.cpu for: app",
    ),
    case(
        "limit-range-violated",
        "limit above maximum",
        "maximum cpu usage per Container is 500m, but limit is 2",
        "sizes",
        "500m",
        more=(RANGE,),
    ),
    case(
        "limit-range-violated",
        "several at once",
        (
            "[maximum cpu usage per Container is 500m, but limit is 2, maximum memory usage per Container is "
            "1Gi, but limit is 4Gi]"
        ),
        "sizes",
        "500m",
        more=(RANGE, RATIO),
    ),
    case(
        "limit-range-violated",
        "request below minimum",
        "minimum memory usage per Container is 64Mi, but request is 16Mi",
        "sizes",
        "64Mi",
        more=(RANGE, RATIO),
    ),
    case(
        "limit-range-violated",
        "no request at all",
        "minimum memory usage per Container is 64Mi.  No request is specified",
        "sizes",
        "64Mi",
        more=(RANGE, RATIO),
    ),
    case(
        "limit-range-violated",
        "ratio",
        "cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000",
        "ratio",
        more=(RANGE, RATIO),
    ),
    case(
        "service-account-missing",
        "ReplicaSet",
        'error looking up service account orders/robot: serviceaccount "robot" not found',
        "robot",
        missing=ref("ServiceAccount", "robot", NS),
    ),
    case(
        "service-account-missing",
        "StatefulSet",
        (
            'pods "taker-0" is forbidden: error looking up service account orders/robot: serviceaccount '
            '"robot" not found'
        ),
        "robot",
        kind="StatefulSet",
        prefix="create Pod taker-0 in StatefulSet taker failed error: ",
        missing=ref("ServiceAccount", "robot", NS),
    ),
    case(
        "service-account-missing",
        "1.20 wording",
        "service account orders/robot was not found, retry after the service account is created",
        "robot",
        missing=ref("ServiceAccount", "robot", NS),
    ),
    case(
        "pod-security-violated",
        "restricted",
        'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" '
        "must set "
        'securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "app" '
        "must set securityContext.runAsNonRoot=true)",
        "restricted:latest",
        "runAsNonRoot",
    ),
    case(
        "pod-security-violated",
        "PodSecurityPolicy",
        "PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.privileged: "
        "Invalid value: true: Privileged containers are not allowed]",
        "Privileged containers",
    ),
    case(
        "pod-security-violated",
        "SecurityContextConstraints",
        "unable to validate against any security context constraint: [provider restricted: "
        ".spec.securityContext.fsGroup: Invalid value: []int64{1000}: "
        "1000 is not an allowed group]",
        "1000 is not an allowed group",
    ),
    case(
        "priority-class-missing",
        "ReplicaSet",
        "no PriorityClass with name urgent was found",
        "urgent",
        missing=ref("PriorityClass", "urgent"),
    ),
    case(
        "runtime-class-missing",
        "1.22",
        'pod rejected: RuntimeClass "gvisor" not found',
        "gvisor",
        missing=ref("RuntimeClass", "gvisor"),
    ),
    case(
        "webhook-unreachable",
        "refused",
        WEBHOOK + POST + "dial tcp 10.96.1.1:443: connect: connection refused",
        "pods.gate.example.com",
        prefix="Error creating: ",
    ),
    case(
        "webhook-unreachable",
        "its Service exists, without selector",
        WEBHOOK + POST + "context deadline exceeded",
        "pods.gate.example.com",
        prefix="Error creating: ",
        at=ref("Service", "gate", "policy"),
        more=(service("policy", "gate", port=443, selector={}),),
    ),
    case(
        "webhook-unreachable",
        "certificate",
        WEBHOOK + POST + "x509: certificate signed by unknown authority",
        "x509",
        prefix="Error creating: ",
    ),
    case(
        "webhook-unreachable",
        "no such Service",
        WEBHOOK + POST + 'service "gate" not found',
        "gate",
        prefix="Error creating: ",
    ),
    case(
        "webhook-denied",
        "1.21",
        'admission webhook "rules.example.com" denied the request: image must come from registry.example.com',
        "rules.example.com",
        "must come from",
        prefix="Error creating: ",
    ),
    case(
        "webhook-denied",
        "an admission policy",
        "ValidatingAdmissionPolicy 'owners' with binding 'owners-all' denied request: label team is required",
        "owners",
        "label team is required",
    ),
    case(
        "pod-spec-invalid",
        "request above limit",
        'Pod "taker-7d9c5b6f8d-x2x9k" is invalid: spec.containers[0].resources.requests: Invalid value: "2": '
        "must be less than or equal to cpu limit of 1",
        "must be less than or equal to cpu limit",
        prefix="Error creating: ",
    ),
    expired(
        "quota-exceeded", EXCEEDED, "compute", "500m", at=ref("ResourceQuota", "compute", NS), more=(QUOTA,)
    ),
    expired(
        "service-account-missing",
        'error looking up service account orders/robot: serviceaccount "robot" not found',
        "robot",
        missing=ref("ServiceAccount", "robot", NS),
    ),
    expired(
        "limit-range-violated",
        "maximum cpu usage per Container is 500m, but limit is 2",
        "sizes",
        "500m",
        more=(RANGE,),
    ),
    case(
        "namespace-terminating",
        "ReplicaSet",
        "unable to create new content in namespace orders because it is being terminated",
        "orders",
        at=ref("Namespace", "orders"),
    ),
    case("creation-refused", "something new", "the moon is in the wrong phase", "wrong phase"),
]
