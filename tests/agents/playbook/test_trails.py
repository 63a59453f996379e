"""Trails between namespaces: followed as far as may be read, and where they leave that, said so."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.playbook import PlaybookReasoner
from agents.playbook.trails import find_departures
from domain.case import CaseFile
from domain.diagnosis import Diagnosis, Outcome
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope, TimeWindow
from tests.agents.playbook.builders import (
    NOW,
    Family,
    Json,
    container,
    crashing,
    event,
    logs,
    make,
    ref,
    running,
    workload,
)
from tests.agents.playbook.scene import Piece, playbook
from tests.agents.playbook.surroundings import config_map, namespace, network_policy, service
from tools.cluster.bounds import BoundedCluster, Bounds
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot

CHECKOUT = ref("Deployment", "checkout", "shop")
NAME = "kubernetes.io/metadata.name"
BOUNDS = Bounds("production", ("shop", "pay-*"))
BEYOND = "in namespace vault, which `namespaces` of cluster production in kubewhy.toml does not include."
REFUSED = "dial tcp 10.96.0.9:6379: connect: connection refused"


def checkout(*lines: str, env: dict[str, str] | None = None, well: bool = False) -> list[Piece]:
    state = running() if well else crashing(1)
    family = workload("Deployment", "shop", "checkout", container(env=env or {}), states=state)
    return [family, *([logs(family.pod, "app", *lines)] if lines else [])]


def record(folder: Path, items: Iterable[KubeObject]) -> RecordedCluster:
    """The objects in a folder, as cluster-info dump would write them."""
    lists: dict[Path, list[KubeObject]] = defaultdict(list)
    for item in items:
        lists[folder / ObjectRef.of(item).namespace / f"{item['kind'].lower()}s.json"].append(item)
    for path, held in lists.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"kind": "List", "items": held}))
    return RecordedCluster(folder, now=NOW)


async def ask(
    folder: Path, pieces: Iterable[Piece], about: ObjectRef | None = CHECKOUT
) -> tuple[Diagnosis, tuple[str, ...]]:
    """Examine and diagnose what may be read of a recorded cluster with namespaces shop, pay-eu and vault."""
    flat = [item for piece in pieces for item in (piece if isinstance(piece, Family) else [piece])]
    evidence = [item for item in flat if isinstance(item, Evidence)]
    objects = [item for item in flat if not isinstance(item, Evidence)]
    objects += [namespace(name) for name in ("shop", "pay-eu", "vault")]
    snapshot = await take_snapshot(BoundedCluster(record(folder, objects), BOUNDS))
    scope = Scope(
        cluster="production",
        window=TimeWindow(start=NOW - timedelta(hours=1), end=NOW),
        namespaces=("shop",),
        workloads=(about,) if about else (),
    )
    seen = playbook().examine(snapshot, scope, evidence)
    case = CaseFile(question="?", scope=scope, evidence=(*evidence, *seen.evidence), findings=seen.findings)
    diagnosis = await PlaybookReasoner().diagnose(case)
    return diagnosis, find_departures(snapshot, scope, evidence, diagnosis)


@pytest.mark.parametrize("host", ["ledger.vault", "ledger.vault.svc", "ledger.vault.svc.cluster.local"])
async def test_a_service_that_a_log_misses_and_that_may_not_be_read(host: str, tmp_path: Path) -> None:
    line = f"ERROR connect to http://{host}:6379: {REFUSED}"
    unseen = [workload("Deployment", "vault", "ledger", container()), service("vault", "ledger", port=6379)]

    diagnosis, trails = await ask(tmp_path, [*checkout(line), *unseen])

    assert trails == (f"The trail leads from Deployment shop/checkout (its log) to Service ledger {BEYOND}",)
    assert "cannot reach Service ledger.vault" in diagnosis.summary
    assert diagnosis.missing is None


async def test_from_a_pod_that_is_well_it_is_no_sign_of_health(tmp_path: Path) -> None:
    line = f"ERROR connect to http://ledger.vault:6379: {REFUSED}"

    diagnosis, trails = await ask(tmp_path, checkout(line, well=True))

    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert diagnosis.confidence <= 0.5
    assert len(trails) == 1


async def test_within_the_allowed_namespaces_it_is_followed_to_its_end(tmp_path: Path) -> None:
    line = f"ERROR connect to http://ledger.pay-eu.svc:6379: {REFUSED}"
    ledger = workload("Deployment", "pay-eu", "ledger", container(), states=crashing(1))
    last = logs(ledger.pod, "app", "FATAL required setting LEDGER_KEY is not set")

    diagnosis, trails = await ask(
        tmp_path, [*checkout(line), ledger, last, service("pay-eu", "ledger", port=6379)]
    )

    assert diagnosis.object == ledger.ref
    assert diagnosis.chain[-1].object == CHECKOUT
    assert trails == ()


async def test_through_an_alias(tmp_path: Path) -> None:
    alias = service(
        "shop", "ledger", selector={}, type="ExternalName", externalName="ledger.vault.svc.cluster.local"
    )

    _, trails = await ask(tmp_path, [*checkout(f"ERROR ledger:6379: {REFUSED}"), alias])

    assert trails == (
        f"The trail leads from Service shop/ledger (its externalName) to Service ledger {BEYOND}",
    )


async def test_an_admission_webhook(tmp_path: Path) -> None:
    family = workload("Deployment", "shop", "checkout", container(), replicas=0)
    owner = next(item for item in family if item["kind"] == "ReplicaSet")
    told = (
        'Internal error occurred: failed calling webhook "check.vault.io": failed to call webhook: Post '
        '"https://checker.vault.svc:443/validate?timeout=10s": dial tcp 10.96.0.9:443: connect: '
        "connection refused"
    )
    owner["spec"]["replicas"] = 1

    _, trails = await ask(tmp_path, [family, event(ObjectRef.of(owner), "FailedCreate", told)])

    assert [trail.partition(" (event FailedCreate) to ")[2] for trail in trails] == [
        f"Service checker {BEYOND}"
    ]


async def test_rights_in_a_namespace_that_may_not_be_read(tmp_path: Path) -> None:
    line = (
        'secrets is forbidden: User "system:serviceaccount:shop:checkout" cannot list resource "secrets" '
        'in API group "" in the namespace "vault"'
    )
    binding = make("RoleBinding", "all", "vault", subjects=[], roleRef={"kind": "Role", "name": "all"})

    diagnosis, trails = await ask(tmp_path, [*checkout(line), binding])

    assert diagnosis.issue_type == "permissions"
    assert trails == (
        f"The trail leads from Deployment shop/checkout (its log) to the RoleBindings for secrets {BEYOND}",
    )


POLICIES = [
    ({}, True),
    ({"egress": [{"to": [{"podSelector": {}}]}]}, True),
    ({"egress": [{"to": [{"namespaceSelector": {"matchLabels": {NAME: "pay-eu"}}}]}]}, True),
    ({"egress": [{"to": [{"namespaceSelector": {"matchLabels": {NAME: "vault"}}}]}]}, False),
    ({"egress": [{"to": [{"namespaceSelector": {"matchLabels": {"team": "ledger"}}}]}]}, False),
    ({"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}, False),
    ({"egress": [{"ports": [{"port": 6379}]}]}, False),
]


@pytest.mark.parametrize(("spec", "closed"), POLICIES)
async def test_a_policy_at_this_end_is_seen_though_the_other_end_is_not(
    spec: Json, closed: bool, tmp_path: Path
) -> None:
    policy = network_policy("shop", "shop-egress", {}, policyTypes=["Egress"], **spec)
    line = "ERROR connect to http://ledger.vault.svc:6379: dial tcp 10.96.0.9:6379: i/o timeout"

    diagnosis, trails = await ask(tmp_path, [*checkout(line), policy])

    blamed = diagnosis.object == ref("NetworkPolicy", "shop-egress", "shop")
    assert blamed is closed
    assert len(trails) == 1


SETTING = {"LEDGER_URL": "http://ledger.vault.svc:6379", "SITE": "https://www.example.com"}


async def test_what_a_setting_names_counts_while_no_cause_is_known(tmp_path: Path) -> None:
    diagnosis, trails = await ask(tmp_path, checkout("bye", env=SETTING))

    assert diagnosis.confidence < 0.8
    assert trails == (
        "The trail leads from Deployment shop/checkout (env LEDGER_URL of container app) to Service ledger "
        f"{BEYOND}",
    )


async def test_what_a_setting_names_is_no_trail_beside_a_certain_cause(tmp_path: Path) -> None:
    _, trails = await ask(tmp_path, checkout("FATAL required setting LEDGER_KEY is not set", env=SETTING))

    assert trails == ()


async def test_what_others_use_is_no_trail(tmp_path: Path) -> None:
    line = f"ERROR connect to http://ledger.vault:6379: {REFUSED}"
    other = workload("Deployment", "shop", "mailer", container(env=SETTING), states=crashing(1))

    _, trails = await ask(tmp_path, [*checkout("bye"), other, logs(other.pod, "app", line)])

    assert trails == ()


@pytest.mark.parametrize("host", ["redis.io", "ledger.nowhere", "api.example.com", "www.vault"])
async def test_a_host_of_the_internet_is_no_trail(host: str, tmp_path: Path) -> None:
    _, trails = await ask(tmp_path, checkout(f"ERROR connect to https://{host}:443: {REFUSED}"))

    assert bool(trails) is host.endswith(".vault")


async def test_what_may_not_be_read_is_never_said_to_be_missing(tmp_path: Path) -> None:
    line = "dial tcp: lookup ledger.vault.svc.cluster.local on 10.96.0.10:53: no such host"
    settings = config_map("shop", "settings", LEDGER="http://ledger.vault.svc.cluster.local:6379")
    family = workload(
        "Deployment",
        "shop",
        "checkout",
        container(envFrom=[{"configMapRef": {"name": "settings"}}]),
        states=crashing(1),
    )

    diagnosis, trails = await ask(tmp_path, [family, logs(family.pod, "app", line), settings])

    assert diagnosis.missing is None
    assert "no such Service" not in diagnosis.root_cause
    assert len(trails) == 1


async def test_many_trails_are_told_in_few_sentences(tmp_path: Path) -> None:
    hosts = {f"URL_{number}": f"http://s{number}.vault.svc:80" for number in range(9)}

    _, trails = await ask(tmp_path, checkout("bye", env=hosts))

    assert len(trails) == 6
    assert trails[-1] == "4 more trails lead to namespaces (vault) that may not be read."
