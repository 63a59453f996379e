"""Services and Ingresses: where they lead."""

from tests.agents.playbook.builders import (
    crashing,
    logs,
    make,
    ref,
    running,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.cases.networking import NS, points
from tests.agents.playbook.surroundings import endpoints, ingress, secret, service

SERVICE = ref("Service", "points", NS)


INGRESS = ref("Ingress", "shop", NS)

CASES = [
    Case(
        "governing-service-missing",
        "peers cannot be resolved",
        [
            family := workload("StatefulSet", NS, "quorum", states=crashing(1)),
            logs(family.pod, "app", "ERROR lookup quorum-1.quorum.loyalty.svc.cluster.local: no such host"),
        ],
        ref("StatefulSet", "quorum", NS),
        ("quorum", "serviceName"),
        ref("Service", "quorum", NS),
    ),
    Case(
        "service-selects-nothing",
        "typo",
        [points(), service(NS, "points", selector={"app": "point"}, port=8080)],
        SERVICE,
        ("points", "app=point", "app=points"),
    ),
    Case(
        "service-selects-nothing",
        "one label too many",
        [
            points(labels={"app": "points"}),
            service(NS, "points", selector={"app": "points", "tier": "back"}, port=8080),
        ],
        SERVICE,
        ("tier=back", "app=points"),
    ),
    Case(
        "service-selects-nothing",
        "nobody comes close",
        [points(), service(NS, "ghost", selector={"app": "ghost"})],
        ref("Service", "ghost", NS),
        ("ghost",),
        about=ref("Service", "ghost", NS),
    ),
    Case(
        "service-wrong-protocol",
        "UDP to a port of TCP",
        [
            points(),
            service(NS, "points")
            | {
                "spec": {
                    "selector": {"app": "points"},
                    "ports": [{"port": 53, "targetPort": 8080, "protocol": "UDP"}],
                }
            },
        ],
        SERVICE,
        ("points", "UDP", "8080", "TCP"),
    ),
    Case(
        "service-target-port",
        "declared elsewhere",
        [points(), service(NS, "points", port=80, target=8081)],
        SERVICE,
        ("8081", "8080"),
    ),
    Case(
        "service-target-port",
        "name that no container has",
        [
            points(ports=({"name": "http", "containerPort": 8080},)),
            service(NS, "points", port=80, target="web"),
        ],
        SERVICE,
        ("web", "8080"),
    ),
    Case(
        "service-target-port",
        "the log says where it listens",
        [
            family := points(ports=(8081,)),
            service(NS, "points", port=80, target=8081),
            logs(family.pod, "app", "Tomcat started on port(s): 8080 (http) with context path ''"),
        ],
        SERVICE,
        ("8081", "8080"),
    ),
    Case(
        "service-without-ready-pods",
        "no reason known",
        [points(state=running(30, ready=False)), service(NS, "points", port=8080)],
        SERVICE,
        ("points", "its only Pod"),
        about=SERVICE,
        decides=False,
    ),
    Case(
        "ingress-backend-missing",
        "Service",
        [points(), ingress(NS, "shop", "pointz", 80), service(NS, "points")],
        INGRESS,
        ("shop", "pointz", "points"),
        ref("Service", "pointz", NS),
        about=INGRESS,
    ),
    Case(
        "ingress-class-missing",
        "unknown class",
        [
            points(),
            ingress(NS, "shop", "points", 80, ingress_class="nginks"),
            service(NS, "points", target=8080),
            make("IngressClass", "nginx", spec={}),
        ],
        INGRESS,
        ("nginks", "nginx"),
        about=INGRESS,
    ),
    Case(
        "ingress-port-missing",
        "number",
        [points(), ingress(NS, "shop", "points", 8888), service(NS, "points", port=80, target=8080)],
        INGRESS,
        ("8888", "80", "points"),
        about=INGRESS,
    ),
    Case(
        "ingress-port-missing",
        "name",
        [points(), ingress(NS, "shop", "points", "web"), service(NS, "points", port=80, target=8080)],
        INGRESS,
        ("web", "points"),
        about=INGRESS,
    ),
    Case(
        "ingress-tls-missing",
        "Secret",
        [
            points(),
            ingress(
                NS, "shop", "points", 80, tls=[{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]
            ),
            service(NS, "points", port=80, target=8080),
            secret(NS, "other", "tls.crt"),
        ],
        INGRESS,
        ("shop-tls", "shop"),
        ref("Secret", "shop-tls", NS),
        about=INGRESS,
    ),
    Case(
        "service-unbacked",
        "nobody wrote endpoints",
        [service(NS, "legacy", selector={}, port=5432), endpoints(NS, "legacy"), points()],
        ref("Service", "legacy", NS),
        ("legacy",),
        about=ref("Service", "legacy", NS),
    ),
    Case(
        "load-balancer-pending",
        "no address",
        [points(), service(NS, "points", port=80, target=8080, type="LoadBalancer")],
        SERVICE,
        ("points", "LoadBalancer"),
        about=SERVICE,
    ),
]
