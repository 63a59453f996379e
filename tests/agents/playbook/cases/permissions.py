"""What a program may not do."""

from domain.objects import KubeObject, ObjectRef
from tests.agents.playbook.builders import State, container, crashing, logs, make, ref, running, workload
from tests.agents.playbook.cases.case import Case

NS = "ops"
REF = ref("Deployment", "sweeper", NS)


def said(rule: str, variant: str, line: str, *says: str, state: State | None = None) -> Case:
    family = workload("Deployment", NS, "sweeper", container(), states=state or crashing(1))
    return Case(rule, variant, [family, logs(family.pod, "app", "starting", line)], REF, ("sweeper", *says))


FORBIDDEN = (
    'pods is forbidden: User "system:serviceaccount:ops:sweeper-sa" cannot list resource "pods" '
    'in API group "" in the namespace "ops"'
)

ELSEWHERE = (
    'jobs.batch is forbidden: User "system:serviceaccount:ops:sweeper-sa" cannot list resource "jobs" '
    'in API group "batch" in the namespace "stock"'
)


def binding(where: str, name: str, account: str, account_namespace: str) -> KubeObject:
    subject = {"kind": "ServiceAccount", "name": account, "namespace": account_namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    return make("RoleBinding", name, where, roleRef=role, subjects=[subject])


def across(variant: str, bindings: list[KubeObject], why: str, at: ObjectRef = REF) -> Case:
    """A program that reads in another namespace than its own."""
    family = workload("Deployment", NS, "sweeper", container(), states=crashing(1))
    pieces = [family, logs(family.pod, "app", "starting", ELSEWHERE), *bindings]
    return Case(
        "rbac-forbidden", variant, pieces, at, ("sweeper", "jobs.batch in namespace stock", why), about=REF
    )


CASES = [
    said(
        "rbac-forbidden",
        "client-go reflector, still running",
        (
            f"E0314 09:29:20.123456       1 reflector.go:147] "
            f"pkg/mod/k8s.io/client-go@v0.28.4/tools/cache/reflector.go:229: Failed to watch *v1.Pod: failed "
            f"to list *v1.Pod: {FORBIDDEN}"
        ),
        "sweeper-sa",
        "list",
        "pods",
        state=running(),
    ),
    said(
        "rbac-forbidden",
        "Python client",
        (
            '{"kind":"Status","status":"Failure","message":"secrets is forbidden: User '
            '\\"system:serviceaccount:ops:sweeper-sa\\" cannot list resource \\"secrets\\" in API group '
            '\\"\\" at the cluster scope","code":403}'
        ),
        "sweeper-sa",
        "list",
        "secrets",
    ),
    said(
        "rbac-forbidden",
        "kubectl in a Job",
        (
            'Error from server (Forbidden): deployments.apps "web" is forbidden: User '
            '"system:serviceaccount:ops:sweeper-sa" cannot patch resource "deployments" in API group "apps" '
            'in the namespace "ops"'
        ),
        "patch",
        "deployments",
    ),
    across(
        "bound to the namesake of the other namespace",
        [binding("stock", "watchers", "sweeper-sa", "stock")],
        "RoleBinding stock/watchers binds the one of namespace stock instead",
        at=ref("RoleBinding", "watchers", "stock"),
    ),
    across(
        "bound at home only",
        [binding(NS, "sweepers", "sweeper-sa", NS)],
        "RoleBinding ops/sweepers gives it rights within namespace ops only",
    ),
    across(
        "bound to a role that is too small",
        [binding("stock", "watchers", "sweeper-sa", NS), binding("stock", "x", "sweeper-sa", "stock")],
        "RoleBinding stock/watchers gives it role reader, which does not allow that",
    ),
    across("not bound", [binding("stock", "watchers", "other-sa", NS)], "no Role or ClusterRole bound"),
    said(
        "credentials-refused",
        "postgres",
        'FATAL:  password authentication failed for user "sweeper"',
        "password authentication failed",
    ),
    said(
        "credentials-refused",
        "psycopg2",
        (
            'psycopg2.OperationalError: connection to server at "db" (10.96.1.9), port 5432 failed: FATAL:  '
            'password authentication failed for user "sweeper"'
        ),
        "password authentication failed",
    ),
    said(
        "credentials-refused",
        "MySQL",
        "ERROR 1045 (28000): Access denied for user 'sweeper'@'10.244.1.17' (using password: YES)",
        "Access denied",
    ),
    said(
        "credentials-refused",
        "redis",
        "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is disabled.",
        "WRONGPASS",
    ),
    said(
        "credentials-refused",
        "redis without a password",
        "ReplyError: NOAUTH Authentication required.",
        "NOAUTH",
    ),
    said(
        "credentials-refused", "MongoDB", "MongoServerError: Authentication failed.", "Authentication failed"
    ),
    said(
        "credentials-refused",
        "Kafka",
        (
            "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed: Invalid "
            "username or password"
        ),
        "nvalid username or password",
    ),
    said(
        "credentials-refused",
        "RabbitMQ",
        (
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the "
            "broker logfile."
        ),
        "ACCESS_REFUSED",
    ),
    said(
        "cloud-access-denied",
        "AWS",
        (
            "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject "
            "operation: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: s3:PutObject"
        ),
        "s3:PutObject",
    ),
    said(
        "cloud-access-denied",
        "web identity",
        (
            "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not "
            "authorized to perform sts:AssumeRoleWithWebIdentity"
        ),
        "AssumeRoleWithWebIdentity",
    ),
    said(
        "file-system-read-only",
        "shell",
        "sh: can't create /var/cache/app/tmp: Read-only file system",
        "/var/cache/app/tmp",
    ),
    said(
        "file-system-read-only",
        "Python",
        "OSError: [Errno 30] Read-only file system: '/app/cache'",
        "/app/cache",
    ),
    said(
        "file-system-read-only",
        "Node",
        "Error: EROFS: read-only file system, mkdir '/app/cache'",
        "/app/cache",
    ),
    said(
        "file-system-read-only",
        "nginx",
        (
            '2026/03/14 09:29:20 [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only '
            "file system)"
        ),
        "/var/cache/nginx",
    ),
    said(
        "file-permission-denied",
        "Python",
        "PermissionError: [Errno 13] Permission denied: '/data/state.db'",
        "/data/state.db",
    ),
    said("file-permission-denied", "Go, low port", "listen tcp :80: bind: permission denied", ":80"),
    said(
        "file-permission-denied",
        "postgres",
        'chmod: changing permissions of "/var/lib/postgresql/data": Operation not permitted',
        "/var/lib/postgresql/data",
    ),
    said(
        "file-permission-denied",
        "nginx",
        (
            '2026/03/14 09:29:20 [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (13: Permission '
            "denied)"
        ),
        "/var/cache/nginx",
    ),
]
