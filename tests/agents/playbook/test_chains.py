"""A is broken because B because C: one root, the chain in order, innocents nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from domain.diagnosis import Outcome
from domain.objects import KubeObject, ObjectRef
from tests.agents.playbook.builders import (
    CREATING,
    INITIALIZING,
    Family,
    State,
    container,
    crashing,
    ended,
    env_from_key,
    event,
    logs,
    ref,
    running,
    waiting,
    workload,
)
from tests.agents.playbook.scene import BYSTANDERS, NODES, Answer, Piece, ask, bystanders
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
    family = workload("Deployment", SHOP, "checkout", container(env={"BACKEND_URL": f"http://{host}"}), states=state or crashing(1))
    return [family, logs(family.pod, "app", "INFO starting", line, previous=True)]


def refused(host: str) -> str:
    return f'ERROR Get "http://{host}/v1": dial tcp 10.96.44.10:8080: connect: connection refused'


def backend(kind: str, name: str, *, state: State | None = None, **fields: object) -> Family:
    return workload(kind, DATA, name, container(ports=[8080]), states=state, **fields)  # type: ignore[arg-type]


def without_settings() -> list[Piece]:
    message = 'configmap "cache-conf" not found'
    family = workload(
        "Deployment",
        DATA,
        "cache",
        container(ports=[8080], env=[env_from_key("ConfigMap", "cache-conf", "size")]),
        states=waiting("CreateContainerConfigError", message),
    )
    return [family, service(DATA, "cache", port=8080), event(family.pod, "Failed", f"Error: {message}", inside="app")]


def over_quota() -> list[Piece]:
    family = backend("StatefulSet", "ledger", replicas=2, created=0)
    text = 'create Pod ledger-0 in StatefulSet ledger failed error: pods "ledger-0" is forbidden: exceeded quota: budget, requested: requests.cpu=1, used: requests.cpu=4, limited: requests.cpu=4'
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
    init = container("wait", command=["sh", "-c", "until nc -z ledger.data.svc.cluster.local 8080; do sleep 2; done"])
    states = {"wait": running(1200, ready=False), "app": INITIALIZING}
    family = workload("Deployment", SHOP, "checkout", container(), inits=[init], states=states)
    line = "nc: ledger.data.svc.cluster.local (10.96.44.10:8080): Connection refused"
    return [family, logs(family.pod, "wait", line), backend("Deployment", "ledger", replicas=0), service(DATA, "ledger", port=8080)]


def unbound_store() -> list[Piece]:
    text = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "d-store-0"}}]
    family = backend("StatefulSet", "store", volumes=volumes, pod_fields={"node": None, "unschedulable": text})
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
    dns = workload("Deployment", "kube-system", "coredns", container("coredns", image="coredns/coredns:1.11.1"), states=crashing(1), labels={"k8s-app": "kube-dns"})
    told = logs(dns.pod, "coredns", "plugin/forward: not an IP address or file: \"bogus\"", "Corefile:7 - Error during parsing: Unknown directive 'forwrd'", previous=True)
    return [dns, told, service("kube-system", "kube-dns", selector={"k8s-app": "kube-dns"}, port=53, cluster_ip="10.96.0.10")]


def failing_webhook() -> list[Piece]:
    gate = workload("Deployment", "policy", "gate", container("gate", image="registry.example.com/gate:9"), states=waiting("ImagePullBackOff", 'Back-off pulling image "registry.example.com/gate:9"'))
    pull = event(gate.pod, "Failed", 'Failed to pull image "registry.example.com/gate:9": rpc error: code = NotFound desc = registry.example.com/gate:9: not found', inside="gate")
    family = workload("Deployment", SHOP, "checkout", created=0)
    text = (
        'Error creating: Internal error occurred: failed calling webhook "pods.gate.example.com": failed to call webhook: Post '
        '"https://gate.policy.svc:443/validate?timeout=10s": dial tcp 10.96.1.1:443: connect: connection refused'
    )
    return [family, gate, pull, service("policy", "gate", port=443, target=8443), event(family.creator, "FailedCreate", text)]


def out_of_memory() -> list[Piece]:
    inside = container(ports=[8080], resources={"limits": {"memory": "64Mi"}})
    family = workload("Deployment", DATA, "search", inside, states=crashing(137, "OOMKilled"))
    return [family, service(DATA, "search", port=8080)]


def closed_port() -> list[Piece]:
    rule = {"policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 9090}]}]}
    return [backend("Deployment", "rates"), service(DATA, "rates", port=8080), network_policy(DATA, "metrics-only", {"app": "rates"}, **rule)]


def wrong_target() -> list[Piece]:
    family = backend("Deployment", "rates")
    return [family, service(DATA, "rates", port=8080, target=8081), logs(family.pod, "app", "INFO server listening on :8080")]


def broken_image(name: str = "mailer", namespace: str = SHOP) -> list[Piece]:
    image = f"registry.example.com/{name}:9"
    family = workload("Deployment", namespace, name, container(image=image), states=waiting("ImagePullBackOff", f'Back-off pulling image "{image}"'))
    text = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {image}: not found'
    return [family, service(namespace, name, port=8080, cluster_ip="10.96.9.9"), event(family.pod, "Failed", text, inside="app")]


def at(kind: str, name: str, namespace: str = DATA) -> ObjectRef:
    return ref(kind, name, namespace)


HOST = "{}.data.svc.cluster.local:8080"
TIMEOUT = 'ERROR Get "http://rates.data.svc.cluster.local:8080/v1": dial tcp 10.96.44.10:8080: i/o timeout'

CHAINS = [
    Chain("a ConfigMap that is missing, up to a client in another namespace", [*checkout(HOST.format("cache"), refused(HOST.format("cache"))), *without_settings()], CHECKOUT,
          [at("Deployment", "cache"), at("Service", "cache"), CHECKOUT], at("ConfigMap", "cache-conf")),
    Chain("a used-up quota, a StatefulSet, its client", [*checkout(HOST.format("ledger"), refused(HOST.format("ledger"))), *over_quota()], CHECKOUT,
          [at("ResourceQuota", "budget"), at("Service", "ledger"), CHECKOUT]),
    Chain("a lost node", [*checkout(HOST.format("rates"), refused(HOST.format("rates"))), *on_lost_node()], CHECKOUT,
          [ref("Node", "node-x"), at("Service", "rates"), CHECKOUT]),
    Chain("an init container waits for what was scaled away", waiting_for_a_parked_service(), CHECKOUT,
          [at("Deployment", "ledger"), at("Service", "ledger"), CHECKOUT]),
    Chain("a storage class that is missing", [*checkout(HOST.format("store"), refused(HOST.format("store"))), *unbound_store()], CHECKOUT,
          [at("PersistentVolumeClaim", "d-store-0"), at("StatefulSet", "store"), at("Service", "store"), CHECKOUT], ref("StorageClass", "fast")),
    Chain("the cluster's DNS is down", [*checkout("api.example.com", "Error: getaddrinfo EAI_AGAIN api.example.com"), *crashed_dns()], CHECKOUT,
          [at("Deployment", "coredns", "kube-system"), at("Service", "kube-dns", "kube-system"), CHECKOUT]),
    Chain("an admission webhook whose image is missing", failing_webhook(), CHECKOUT,
          [at("Deployment", "gate", "policy"), at("Service", "gate", "policy"), CHECKOUT]),
    Chain("a dependency that runs out of memory", [*checkout(HOST.format("search"), refused(HOST.format("search"))), *out_of_memory()], CHECKOUT,
          [at("Deployment", "search"), at("Service", "search"), CHECKOUT]),
    Chain("a policy that opens another port", [*checkout(HOST.format("rates"), TIMEOUT), *closed_port()], CHECKOUT, [at("NetworkPolicy", "metrics-only"), CHECKOUT]),
    Chain("a Service that forwards to the wrong port", [*checkout(HOST.format("rates"), refused(HOST.format("rates"))), *wrong_target()], CHECKOUT, [at("Service", "rates"), CHECKOUT]),
    Chain("a selector that selects nothing", [*checkout(HOST.format("rates"), refused(HOST.format("rates"))), backend("Deployment", "rates"), service(DATA, "rates", selector={"app": "rate"}, port=8080)], CHECKOUT,
          [at("Service", "rates"), CHECKOUT]),
    Chain("asked about the Ingress", [ingress(DATA, "front", "cache", 8080), *without_settings()], at("Ingress", "front"), [at("Deployment", "cache"), at("Service", "cache")],
          at("ConfigMap", "cache-conf")),
    Chain("two independent faults", [*checkout(HOST.format("cache"), refused(HOST.format("cache"))), *without_settings(), *broken_image()], CHECKOUT,
          [at("Deployment", "cache"), at("Service", "cache"), CHECKOUT], at("ConfigMap", "cache-conf"), also=[at("Deployment", "mailer", SHOP)]),
    Chain("its own failure, though what it names is broken too", [*checkout("mailer.shop.svc:8080", "ValueError: invalid literal for int() with base 10: 'ten'"), *broken_image()], CHECKOUT,
          [CHECKOUT], also=[at("Deployment", "mailer", SHOP)]),
    Chain("its own failure, on a node under pressure", [*checkout("mailer.shop.svc:8080", "ValueError: invalid literal for int() with base 10: 'ten'"),
          node("node-a", conditions={"DiskPressure": ("True", "KubeletHasDiskPressure", "kubelet has disk pressure")})], CHECKOUT, [CHECKOUT], also=[ref("Node", "node-a")]),
    Chain("two dependencies are down, one is complained of", [*checkout(HOST.format("search"), refused(HOST.format("search"))), *out_of_memory(), *broken_image("feed", DATA)], CHECKOUT,
          [at("Deployment", "search"), at("Service", "search"), CHECKOUT]),
]  # fmt: skip


@pytest.fixture(params=CHAINS, ids=lambda chain: chain.name)
def chain(request: pytest.FixtureRequest) -> Chain:
    found: Chain = request.param
    return found


def answer(chain: Chain) -> Answer:
    nodes = [n for n in NODES if n["metadata"]["name"] not in set(_node_names(chain.pieces))]
    return ask(*chain.pieces, *nodes, *bystanders(EDGE), *bystanders(chain.asked.namespace), about=chain.asked)


def _node_names(pieces: list[Piece]) -> Iterator[str]:
    return (piece["metadata"]["name"] for piece in pieces if isinstance(piece, dict) and piece["kind"] == "Node")


def test_there_is_one_root_and_the_chain_leads_to_the_question(chain: Chain) -> None:
    diagnosis = answer(chain).diagnosis

    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert diagnosis.object == chain.links[0], diagnosis.summary
    assert diagnosis.missing == chain.missing
    missing = [chain.missing] if chain.missing else []
    assert [link.object for link in diagnosis.chain] == [*missing, *chain.links]
    assert all(link.evidence for link in diagnosis.chain)


def test_only_independent_faults_are_told_beside_it(chain: Chain) -> None:
    found = answer(chain)

    assert [fault.object for fault in found.diagnosis.also] == chain.also
    assert not [object_ for object_ in found.blamed if object_.name in BYSTANDERS]


def test_the_summary_says_who_suffers(chain: Chain) -> None:
    summary = answer(chain).diagnosis.summary

    assert chain.links[0].name in summary or str(chain.missing and chain.missing.name) in summary
    assert chain.links[-1].name in summary


def shuffled(pieces: list[Piece]) -> list[Piece]:
    return list(reversed(pieces))


def test_the_order_in_which_objects_are_listed_does_not_matter(chain: Chain) -> None:
    backwards = Chain(chain.name, shuffled(chain.pieces), chain.asked, chain.links, chain.missing, chain.also)

    one, other = answer(chain).diagnosis, answer(backwards).diagnosis

    assert (one.object, one.root_cause, one.chain) == (other.object, other.root_cause, other.chain)


def test_a_fault_elsewhere_is_nobodys_business() -> None:
    broken: list[Piece] = broken_image("lonely", "far-away")

    found = ask(workload("Deployment", SHOP, "checkout"), *broken, *NODES, about=CHECKOUT)

    assert found.diagnosis.outcome is not Outcome.DIAGNOSED
    assert not found.diagnosis.also


def test_a_crash_that_was_seen_in_no_log_is_blamed_on_what_it_needs() -> None:
    family = workload("Deployment", SHOP, "checkout", container(env={"B": "http://cache.data.svc:8080"}), states=State(ended(1), ended(1), False, 4))

    found = ask(family, *without_settings(), *NODES, about=CHECKOUT)

    assert found.diagnosis.object == at("Deployment", "cache")


def test_a_pod_that_waits_is_not_explained_by_its_neighbours() -> None:
    stuck = workload("Deployment", SHOP, "checkout", states=CREATING)
    told: KubeObject = event(stuck.pod, "FailedCreatePodSandBox", 'Failed to create pod sandbox: plugin type="calico" failed (add): no addresses left')

    found = ask(stuck, told, *broken_image(), *NODES, about=CHECKOUT)

    assert found.diagnosis.object == CHECKOUT
    assert "no addresses left" in found.diagnosis.root_cause
