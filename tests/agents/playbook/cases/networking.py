"""Addresses, names, certificates, policies: who cannot reach whom."""

from typing import Any

from tests.agents.playbook.builders import (
    Family,
    Json,
    State,
    container,
    crashing,
    logs,
    ref,
    running,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import ingress, network_policy, quota, service

NS = "loyalty"
CLIENT = ref("Deployment", "checkout", "front")


def points(
    *,
    ports: tuple[int | Json, ...] = (8080,),
    state: State | None = None,
    labels: dict[str, str] | None = None,
) -> Family:
    return workload("Deployment", NS, "points", container(ports=list(ports)), states=state, labels=labels)


def checkout(
    *lines: str,
    state: State | None = None,
    env: dict[str, str] | None = None,
    where: str = "front",
    **fields: Any,
) -> list[Piece]:
    family = workload("Deployment", where, "checkout", container(env=env or {}, **fields), states=state)
    return [family, *([logs(family.pod, "app", *lines)] if lines else [])]


def client(
    rule: str, variant: str, line: str, *says: str, more: tuple[Piece, ...] = (), decides: bool = True
) -> Case:
    return Case(
        rule,
        variant,
        [*checkout("starting", line, state=crashing(1)), *more],
        CLIENT,
        ("checkout", *says),
        decides=decides,
    )


URL = "http://points.loyalty.svc.cluster.local:8080"
SERVED = (points(), service(NS, "points", port=8080))
DENY: Json = {
    "policyTypes": ["Ingress"],
    "ingress": [{"from": [{"podSelector": {"matchLabels": {"role": "admin"}}}]}],
}
POLICY = ref("NetworkPolicy", "points-only-admin", NS)
TIMEOUT = f'ERROR Get "{URL}/v1": dial tcp 10.96.44.10:8080: i/o timeout'

CASES = [
    Case(
        "service-missing",
        "name in env, cannot be resolved",
        [
            *checkout(
                "getaddrinfo ENOTFOUND pointz.loyalty.svc.cluster.local",
                state=crashing(1),
                env={"POINTS_URL": "http://pointz.loyalty.svc.cluster.local:8080"},
            ),
            *SERVED,
        ],
        CLIENT,
        ("pointz.loyalty.svc.cluster.local", "POINTS_URL", "checkout"),
        ref("Service", "pointz", NS),
    ),
    Case(
        "service-missing",
        "right name, wrong namespace",
        [
            *checkout(
                "dial tcp: lookup points on 10.96.0.10:53: no such host",
                state=crashing(2),
                env={"POINTS_HOST": "points"},
            ),
            *SERVED,
        ],
        CLIENT,
        ("points", NS),
        ref("Service", "points", "front"),
    ),
    Case(
        "service-missing",
        "nothing said yet",
        [
            *checkout(state=running(ready=False), env={"POINTS_URL": "http://pointz.loyalty.svc:8080"}),
            *SERVED,
        ],
        CLIENT,
        ("pointz.loyalty.svc",),
        ref("Service", "pointz", NS),
    ),
    Case(
        "quota-full",
        "no further Service",
        [
            *checkout(
                "getaddrinfo ENOTFOUND pointz.loyalty.svc.cluster.local",
                state=crashing(1),
                env={"POINTS_URL": "http://pointz.loyalty.svc.cluster.local:8080"},
            ),
            *SERVED,
            quota(NS, "objects", {"services": "1"}, {"services": "1"}),
        ],
        ref("ResourceQuota", "objects", NS),
        ("objects", "1 services", "Service pointz"),
        ref("Service", "pointz", NS),
    ),
    Case(
        "service-port-missing",
        "in env",
        [*checkout(state=running(ready=False), env={"POINTS_URL": "http://points.loyalty:8088/v1"}), *SERVED],
        CLIENT,
        ("8088", "8080", "POINTS_URL"),
    ),
    client(
        "service-port-unserved",
        "in the log",
        'Get "http://points.loyalty:8088/v1": dial tcp 10.96.44.10:8088: connect: connection refused',
        "8088",
        "8080",
        more=SERVED,
    ),
    client(
        "service-port-unserved",
        "by address",
        "connect ECONNREFUSED 10.96.44.10:8088",
        "8088",
        "8080",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "Go",
        f'Get "{URL}/v1": dial tcp 10.96.44.10:8080: connect: connection refused',
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "Kafka",
        "[Producer p-1] Connection to node -1 (points.loyalty/10.96.44.10:8080) could not be established.",
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "psycopg",
        'connection to server at "points.loyalty" (10.96.44.10), port 8080 failed: Connection refused',
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "redis",
        "redis.exceptions.ConnectionError: Error 111 connecting to points.loyalty:8080. Connection refused.",
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "JDBC",
        (
            "org.postgresql.util.PSQLException: Connection to points.loyalty:8080 refused. Check that the "
            "hostname and port are correct and that the postmaster is accepting TCP/IP connections."
        ),
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "Node",
        "Error: connect ECONNREFUSED 10.96.44.10:8080",
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "Java",
        f"java.net.ConnectException: Connection refused: {URL}",
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "Python",
        "requests.exceptions.ConnectionError: "
        "HTTPConnectionPool(host='points.loyalty.svc.cluster.local', port=8080): Max retries exceeded "
        "with url: /v1 (Caused by "
        "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a "
        "new connection: [Errno 111] Connection refused'))",
        "points.loyalty",
        more=SERVED,
    ),
    client(
        "dependency-unreachable",
        "nginx",
        "2026/03/14 09:29:20 [error] 29#29: *7 connect() failed (111: Connection refused) while "
        'connecting to upstream, client: 10.244.1.9, server: _, request: "GET / HTTP/1.1", '
        'upstream: "http://10.96.44.10:8080/"',
        "points.loyalty",
        more=SERVED,
    ),
    Case(
        "ingress-unserved",
        "of a class that nobody saw",
        [*SERVED, ingress("loyalty", "points", "points", 8080, ingress_class="edge")],
        ref("Ingress", "points", "loyalty"),
        ("points", "no address", "class edge"),
        words=("ingress",),
    ),
    Case(
        "ingress-unserved",
        "another of its class has an address",
        [
            *SERVED,
            ingress("loyalty", "points", "points", 8080),
            ingress("loyalty", "shop", "points", 8080)
            | {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}},
        ],
        ref("Ingress", "points", "loyalty"),
        ("points", "no address"),
    ),
    Case(
        "network-policy-blocks",
        "ingress",
        [
            *checkout(TIMEOUT, state=crashing(1)),
            *SERVED,
            network_policy(NS, "points-only-admin", {"app": "points"}, **DENY),
        ],
        POLICY,
        ("points-only-admin", "ingress", "checkout"),
    ),
    Case(
        "network-policy-blocks",
        "egress",
        [
            *checkout(TIMEOUT, state=crashing(1)),
            *SERVED,
            network_policy("front", "closed", {"app": "checkout"}, policyTypes=["Egress"], egress=[]),
        ],
        ref("NetworkPolicy", "closed", "front"),
        ("closed", "egress", "checkout"),
    ),
    Case(
        "network-policy-blocks-dns",
        "egress without port 53",
        [
            *checkout(
                "Temporary failure in name resolution: points.loyalty.svc.cluster.local", state=crashing(1)
            ),
            *SERVED,
            network_policy(
                "front",
                "closed",
                {"app": "checkout"},
                policyTypes=["Egress"],
                egress=[
                    {
                        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NS}}}],
                        "ports": [{"port": 8080}],
                    }
                ],
            ),
        ],
        ref("NetworkPolicy", "closed", "front"),
        ("closed", "checkout", "53"),
    ),
    Case(
        "external-name-unresolvable",
        "its client is ready, and says so",
        [
            *checkout("ERROR GET /v1/points failed: bad address 'points'", env={"POINTS": "points:5432"}),
            service(
                "front",
                "points",
                selector={},
                type="ExternalName",
                externalName="points.dc2.example.com",
                cluster_ip="",
            ),
        ],
        ref("Service", "points", "front"),
        ("points.dc2.example.com", "checkout"),
    ),
    client(
        "host-unresolvable",
        "Go",
        "dial tcp: lookup api.partner.example.com on 10.96.0.10:53: no such host",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "Python",
        "socket.gaierror: [Errno -2] Name or service not known: api.partner.example.com",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "Node",
        "Error: getaddrinfo ENOTFOUND api.partner.example.com",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "Node, no answer",
        "Error: getaddrinfo EAI_AGAIN api.partner.example.com",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "Java",
        "java.net.UnknownHostException: api.partner.example.com: Name or service not known",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "curl",
        "curl: (6) Could not resolve host: api.partner.example.com",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "BusyBox",
        "wget: bad address 'api.partner.example.com'",
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "psql",
        (
            'psql: error: could not translate host name "api.partner.example.com" to address: Name or '
            "service not known"
        ),
        "api.partner.example.com",
    ),
    client(
        "host-unresolvable",
        "nginx",
        (
            '[emerg] 1#1: host not found in upstream "api.partner.example.com" in '
            "/etc/nginx/conf.d/default.conf:4"
        ),
        "api.partner.example.com",
    ),
    client(
        "certificate-rejected",
        "Go",
        (
            'Get "https://vault.example.com/v1": tls: failed to verify certificate: x509: certificate signed '
            "by unknown authority"
        ),
        "x509",
    ),
    client(
        "certificate-rejected",
        "expired",
        (
            "x509: certificate has expired or is not yet valid: current time 2026-03-14T09:29:20Z is after "
            "2026-03-01T00:00:00Z"
        ),
        "expired",
    ),
    client(
        "certificate-rejected",
        "Python",
        (
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
            "unable to get local issuer certificate (_ssl.c:1006)"
        ),
        "CERTIFICATE_VERIFY_FAILED",
    ),
    client(
        "certificate-rejected",
        "Java",
        (
            "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid "
            "certification path to requested target"
        ),
        "SSLHandshakeException",
    ),
    client(
        "certificate-rejected",
        "Node",
        "Error: self-signed certificate in certificate chain",
        "self-signed certificate",
    ),
    client(
        "connections-exhausted", "postgres", "FATAL:  sorry, too many clients already", "too many clients"
    ),
    client(
        "connections-exhausted",
        "postgres, reserved",
        "FATAL: remaining connection slots are reserved for non-replication superuser connections",
        "remaining connection slots",
    ),
    client(
        "connections-exhausted", "MySQL", "ERROR 1040 (HY000): Too many connections", "Too many connections"
    ),
    client(
        "connections-exhausted",
        "pool",
        "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
        "HikariPool",
    ),
]
