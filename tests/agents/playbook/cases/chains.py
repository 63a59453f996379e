"""Scenes in which A is broken because B because C."""

from dataclasses import dataclass, field
from typing import Any

from domain.objects import ObjectRef
from tests.agents.playbook.builders import (
    INITIALIZING,
    Family,
    State,
    container,
    crashing,
    env_from_key,
    event,
    logs,
    ref,
    running,
    waiting,
    workload,
)
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import (
    claim,
    ingress,
    network_policy,
    node,
    quota,
    service,
    storage_class,
)

SHOP, DATA, EDGE = "shop", "data", "edge"
CHECKOUT = ref("Deployment", "checkout", SHOP)


@dataclass(frozen=True)
class Chain:
    """A scene; what is asked about; the objects of the expected chain, root first; independent faults."""

    name: str
    pieces: list[Piece]
    asked: ObjectRef
    links: list[ObjectRef]
    missing: ObjectRef | None = None
    also: list[ObjectRef] = field(default_factory=list)


def checkout(host: str, line: str, *, state: State | None = None) -> list[Piece]:
    """A client that names a host in its environment and says that it cannot reach it."""
    family = workload(
        "Deployment",
        SHOP,
        "checkout",
        container(env={"BACKEND_URL": f"http://{host}"}),
        states=state or crashing(1),
    )
    return [family, logs(family.pod, "app", "INFO starting", line, previous=True)]


def refused(host: str) -> str:
    return f'ERROR Get "http://{host}/v1": dial tcp 10.96.44.10:8080: connect: connection refused'


def backend(kind: str, name: str, *, state: State | None = None, **fields: Any) -> Family:
    return workload(kind, DATA, name, container(ports=[8080]), states=state, **fields)


def without_settings() -> list[Piece]:
    message = 'configmap "cache-conf" not found'
    family = workload(
        "Deployment",
        DATA,
        "cache",
        container(ports=[8080], env=[env_from_key("ConfigMap", "cache-conf", "size")]),
        states=waiting("CreateContainerConfigError", message),
    )
    return [
        family,
        service(DATA, "cache", port=8080),
        event(family.pod, "Failed", f"Error: {message}", inside="app"),
    ]


def over_quota() -> list[Piece]:
    family = backend("StatefulSet", "ledger", replicas=2, created=0)
    text = (
        'create Pod ledger-0 in StatefulSet ledger failed error: pods "ledger-0" is forbidden: '
        "exceeded quota: budget, requested: requests.cpu=1, used: requests.cpu=4, limited: "
        "requests.cpu=4"
    )
    return [
        family,
        service(DATA, "ledger", port=8080, clusterIP="None"),
        quota(DATA, "budget", {"requests.cpu": "4"}, {"requests.cpu": "4"}),
        event(family.ref, "FailedCreate", text, component="statefulset-controller"),
    ]


def on_lost_node() -> list[Piece]:
    family = backend("Deployment", "rates", pod_fields={"node": "node-x"})
    for item in family.members:
        for condition in (item["status"].get("conditions") or []) if item["kind"] == "Pod" else []:
            condition["status"] = "False" if condition["type"] in ("Ready", "ContainersReady") else "True"
    stopped = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    return [family, service(DATA, "rates", port=8080), node("node-x", conditions={"Ready": stopped})]


def waiting_for_a_parked_service() -> list[Piece]:
    init = container(
        "wait", command=["sh", "-c", "until nc -z ledger.data.svc.cluster.local 8080; do sleep 2; done"]
    )
    states = {"wait": running(1200, ready=False), "app": INITIALIZING}
    family = workload("Deployment", SHOP, "checkout", container(), inits=[init], states=states)
    line = "nc: ledger.data.svc.cluster.local (10.96.44.10:8080): Connection refused"
    return [
        family,
        logs(family.pod, "wait", line),
        backend("Deployment", "ledger", replicas=0),
        service(DATA, "ledger", port=8080),
    ]


def unbound_store() -> list[Piece]:
    text = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "d-store-0"}}]
    family = backend(
        "StatefulSet", "store", volumes=volumes, pod_fields={"node": None, "unschedulable": text}
    )
    held = claim(DATA, "d-store-0", storage_class="fast")
    return [
        family,
        held,
        storage_class("standard"),
        service(DATA, "store", port=8080),
        event(family.pod, "FailedScheduling", text, component="default-scheduler"),
        event(ObjectRef.of(held), "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found'),
    ]


def crashed_dns() -> list[Piece]:
    dns = workload(
        "Deployment",
        "kube-system",
        "coredns",
        container("coredns", image="coredns/coredns:1.11.1"),
        states=crashing(1),
        labels={"k8s-app": "kube-dns"},
    )
    told = logs(
        dns.pod,
        "coredns",
        'plugin/forward: not an IP address or file: "bogus"',
        "Corefile:7 - Error during parsing: Unknown directive 'forwrd'",
        previous=True,
    )
    return [
        dns,
        told,
        service(
            "kube-system", "kube-dns", selector={"k8s-app": "kube-dns"}, port=53, cluster_ip="10.96.0.10"
        ),
    ]


def failing_webhook() -> list[Piece]:
    gate = workload(
        "Deployment",
        "policy",
        "gate",
        container("gate", image="registry.example.com/gate:9"),
        states=waiting("ImagePullBackOff", 'Back-off pulling image "registry.example.com/gate:9"'),
    )
    pull = event(
        gate.pod,
        "Failed",
        (
            'Failed to pull image "registry.example.com/gate:9": rpc error: code = NotFound desc = '
            "registry.example.com/gate:9: not found"
        ),
        inside="gate",
    )
    family = workload("Deployment", SHOP, "checkout", created=0)
    text = (
        'Error creating: Internal error occurred: failed calling webhook "pods.gate.example.com": failed '
        "to call webhook: Post "
        '"https://gate.policy.svc:443/validate?timeout=10s": dial tcp 10.96.1.1:443: connect: connection '
        "refused"
    )
    return [
        family,
        gate,
        pull,
        service("policy", "gate", port=443, target=8443),
        event(family.creator, "FailedCreate", text),
    ]


def out_of_memory() -> list[Piece]:
    inside = container(ports=[8080], resources={"limits": {"memory": "64Mi"}})
    family = workload("Deployment", DATA, "search", inside, states=crashing(137, "OOMKilled"))
    return [family, service(DATA, "search", port=8080)]


def closed_port() -> list[Piece]:
    rule = {
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 9090}]}],
    }
    return [
        backend("Deployment", "rates"),
        service(DATA, "rates", port=8080),
        network_policy(DATA, "metrics-only", {"app": "rates"}, **rule),
    ]


def wrong_target() -> list[Piece]:
    family = backend("Deployment", "rates")
    return [
        family,
        service(DATA, "rates", port=8080, target=8081),
        logs(family.pod, "app", "INFO server listening on :8080"),
    ]


def broken_image(name: str = "mailer", namespace: str = SHOP) -> list[Piece]:
    image = f"registry.example.com/{name}:9"
    family = workload(
        "Deployment",
        namespace,
        name,
        container(image=image),
        states=waiting("ImagePullBackOff", f'Back-off pulling image "{image}"'),
    )
    text = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {image}: not found'
    return [
        family,
        service(namespace, name, port=8080, cluster_ip="10.96.9.9"),
        event(family.pod, "Failed", text, inside="app"),
    ]


def at(kind: str, name: str, namespace: str = DATA) -> ObjectRef:
    return ref(kind, name, namespace)


HOST = "{}.data.svc.cluster.local:8080"
TIMEOUT = 'ERROR Get "http://rates.data.svc.cluster.local:8080/v1": dial tcp 10.96.44.10:8080: i/o timeout'

CHAINS = [
    Chain(
        "a ConfigMap that is missing, up to a client in another namespace",
        [*checkout(HOST.format("cache"), refused(HOST.format("cache"))), *without_settings()],
        CHECKOUT,
        [at("Deployment", "cache"), at("Service", "cache"), CHECKOUT],
        at("ConfigMap", "cache-conf"),
    ),
    Chain(
        "a used-up quota, a StatefulSet, its client",
        [*checkout(HOST.format("ledger"), refused(HOST.format("ledger"))), *over_quota()],
        CHECKOUT,
        [at("ResourceQuota", "budget"), at("Service", "ledger"), CHECKOUT],
    ),
    Chain(
        "a lost node",
        [*checkout(HOST.format("rates"), refused(HOST.format("rates"))), *on_lost_node()],
        CHECKOUT,
        [ref("Node", "node-x"), at("Service", "rates"), CHECKOUT],
    ),
    Chain(
        "an init container waits for what was scaled away",
        waiting_for_a_parked_service(),
        CHECKOUT,
        [at("Deployment", "ledger"), at("Service", "ledger"), CHECKOUT],
    ),
    Chain(
        "a storage class that is missing",
        [*checkout(HOST.format("store"), refused(HOST.format("store"))), *unbound_store()],
        CHECKOUT,
        [
            at("PersistentVolumeClaim", "d-store-0"),
            at("StatefulSet", "store"),
            at("Service", "store"),
            CHECKOUT,
        ],
        ref("StorageClass", "fast"),
    ),
    Chain(
        "the cluster's DNS is down",
        [*checkout("api.example.com", "Error: getaddrinfo EAI_AGAIN api.example.com"), *crashed_dns()],
        CHECKOUT,
        [at("Deployment", "coredns", "kube-system"), at("Service", "kube-dns", "kube-system"), CHECKOUT],
    ),
    Chain(
        "an admission webhook whose image is missing",
        failing_webhook(),
        CHECKOUT,
        [at("Deployment", "gate", "policy"), at("Service", "gate", "policy"), CHECKOUT],
    ),
    Chain(
        "a dependency that runs out of memory",
        [*checkout(HOST.format("search"), refused(HOST.format("search"))), *out_of_memory()],
        CHECKOUT,
        [at("Deployment", "search"), at("Service", "search"), CHECKOUT],
    ),
    Chain(
        "a policy that opens another port",
        [*checkout(HOST.format("rates"), TIMEOUT), *closed_port()],
        CHECKOUT,
        [at("NetworkPolicy", "metrics-only"), CHECKOUT],
    ),
    Chain(
        "a Service that forwards to the wrong port",
        [*checkout(HOST.format("rates"), refused(HOST.format("rates"))), *wrong_target()],
        CHECKOUT,
        [at("Service", "rates"), CHECKOUT],
    ),
    Chain(
        "a selector that selects nothing",
        [
            *checkout(HOST.format("rates"), refused(HOST.format("rates"))),
            backend("Deployment", "rates"),
            service(DATA, "rates", selector={"app": "rate"}, port=8080),
        ],
        CHECKOUT,
        [at("Service", "rates"), CHECKOUT],
    ),
    Chain(
        "asked about the Ingress",
        [ingress(DATA, "front", "cache", 8080), *without_settings()],
        at("Ingress", "front"),
        [at("Deployment", "cache"), at("Service", "cache")],
        at("ConfigMap", "cache-conf"),
    ),
    Chain(
        "two independent faults",
        [
            *checkout(HOST.format("cache"), refused(HOST.format("cache"))),
            *without_settings(),
            *broken_image(),
        ],
        CHECKOUT,
        [at("Deployment", "cache"), at("Service", "cache"), CHECKOUT],
        at("ConfigMap", "cache-conf"),
        also=[at("Deployment", "mailer", SHOP)],
    ),
    Chain(
        "its own failure, though what it names is broken too",
        [
            *checkout("mailer.shop.svc:8080", "ValueError: invalid literal for int() with base 10: 'ten'"),
            *broken_image(),
        ],
        CHECKOUT,
        [CHECKOUT],
        also=[at("Deployment", "mailer", SHOP)],
    ),
    Chain(
        "its own failure, on a node under pressure",
        [
            *checkout("mailer.shop.svc:8080", "ValueError: invalid literal for int() with base 10: 'ten'"),
            node(
                "node-a",
                conditions={"DiskPressure": ("True", "KubeletHasDiskPressure", "kubelet has disk pressure")},
            ),
        ],
        CHECKOUT,
        [CHECKOUT],
        also=[ref("Node", "node-a")],
    ),
    Chain(
        "two dependencies are down, one is complained of",
        [
            *checkout(HOST.format("search"), refused(HOST.format("search"))),
            *out_of_memory(),
            *broken_image("feed", DATA),
        ],
        CHECKOUT,
        [at("Deployment", "search"), at("Service", "search"), CHECKOUT],
    ),
]
