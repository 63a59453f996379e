"""Services, addresses and policies that look wrong and are not."""

from tests.agents.playbook.builders import Json, container, workload
from tests.agents.playbook.cases.near_misses import NS, NearMiss, says, web
from tests.agents.playbook.surroundings import endpoints, ingress, network_policy, service

ALLOWED: Json = {
    "policyTypes": ["Ingress"],
    "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 8080}]}],
}

REACHED = [
    NearMiss(
        "a Service whose endpoints are written by hand",
        [
            web(),
            service(NS, "legacy", selector={}, port=5432),
            endpoints(NS, "legacy", "192.0.2.7", port=5432),
        ],
    ),
    NearMiss(
        "an external name",
        [
            web(),
            service(NS, "partner", selector={}, type="ExternalName", externalName="api.partner.example.com"),
        ],
    ),
    NearMiss(
        "a Service on another port than its Pods",
        [web(ports=[8080]), service(NS, "web", port=80, target=8080)],
    ),
    NearMiss(
        "a Service by port name",
        [web(ports=[{"name": "http", "containerPort": 8080}]), service(NS, "web", port=80, target="http")],
    ),
    NearMiss("Pods that declare no port", [web(), service(NS, "web", port=80, target=8080)]),
    NearMiss(
        "hosts outside the cluster",
        [
            web(
                env={
                    "PAY_URL": "https://api.pay.example.com",
                    "ZONE": "eu-west-1",
                    "SMTP": "smtp.example.com:587",
                }
            )
        ],
    ),
    NearMiss(
        "another's address that nobody complains of",
        [
            web(),
            workload(
                "Deployment",
                NS,
                "other",
                container(
                    env={"TRACES": "http://calm-api.elsewhere:4317", "GONE": "http://x.elsewhere.svc:1"}
                ),
            ),
        ],
    ),
    NearMiss(
        "words that are no hosts",
        [web(env={"MODE": "fast", "LOG_LEVEL": "debug", "SERVER_NAME": "_", "BACKEND": "memory"})],
    ),
    NearMiss(
        "a policy that lets the port through",
        [
            web(ports=[8080]),
            service(NS, "web", port=8080),
            network_policy(NS, "some", {"app": "web"}, **ALLOWED),
        ],
    ),
    NearMiss(
        "a connection that failed once",
        says(web(), "WARN get http://web.calm.svc:8080/x: connection refused, retrying", "INFO recovered"),
    ),
    NearMiss(
        "an Ingress of the only controller",
        [web(ports=[8080]), service(NS, "web", port=80, target=8080), ingress(NS, "web", "web", 80)],
    ),
    NearMiss(
        "an Ingress whose Secrets may not be listed",
        [
            web(ports=[8080]),
            service(NS, "web", port=80, target=8080),
            ingress(NS, "web", "web", 80, tls=[{"secretName": "web-tls"}]),
        ],
    ),
    NearMiss(
        "a load balancer that has its address",
        [
            web(ports=[8080]),
            service(NS, "web", port=80, target=8080, type="LoadBalancer")
            | {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}},
        ],
    ),
]
