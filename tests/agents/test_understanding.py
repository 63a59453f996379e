"""Questions in the words of people, resolved against recorded clusters."""

import json
from pathlib import Path

import pytest

from agents.understanding import Intent, Understanding, choose
from agents.understanding import understand as resolve
from domain.errors import EmptyQuestion, InputError, UnknownObject
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.cluster.bounds import BoundedCluster, Bounds
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot
from tools.incidents import INCIDENTS, open_incident


def recorded(incident: str) -> RecordedCluster:
    return open_incident(incident, INCIDENTS).cluster()


async def understand(
    question: str,
    cluster: RecordedCluster,
    namespaces: tuple[str, ...] = (),
    known: Scope | None = None,
) -> Understanding:
    return resolve(question, await take_snapshot(cluster), namespaces=namespaces, known=known)


@pytest.mark.parametrize(
    ("incident", "question", "kind", "name"),
    [
        ("missing-configmap-chain", "Payment service cannot start", "Deployment", "payment-service"),
        ("missing-configmap-chain", "why is payment-service down?", "Deployment", "payment-service"),
        (
            "missing-configmap-chain",
            "what is wrong with deployment/cache-service",
            "Deployment",
            "cache-service",
        ),
        ("missing-configmap-chain", "is the cache service ok", "Deployment", "cache-service"),
        ("pvc-missing-storageclass", "ledger-db does not come up", "StatefulSet", "ledger-db"),
        ("job-backoff-exceeded", "Month-end close did not finish over night", "Job", "month-end-close"),
        ("node-not-ready", "what about node-d?", "Node", "node-d"),
        ("two-faults", "no attachments since the deploy", "Deployment", "attachments"),
        ("service-selector-typo", "points api has no endpoints", "Deployment", "points-api"),
        ("secret-key-missing", "is Secret crm-db all right?", "Secret", "crm-db"),
        ("missing-configmap-chain", "the web is slow", "Deployment", "web"),
    ],
)
async def test_words_are_resolved_to_the_object_meant(
    incident: str, question: str, kind: str, name: str
) -> None:
    understood = await understand(question, recorded(incident))

    assert not understood.candidates
    assert (understood.scope.workloads[0].kind, understood.scope.workloads[0].name) == (kind, name)
    if kind != "Node":
        assert understood.scope.workloads[0].namespace in understood.scope.namespaces


async def test_a_pod_stands_for_what_owns_it() -> None:
    cluster = recorded("missing-configmap-chain")
    pod = next(p for p in await cluster.list("Pod") if p["metadata"]["name"].startswith("cache-service"))

    understood = await understand(f"pod {pod['metadata']['name']} hangs", cluster)

    assert understood.scope.workloads == (
        ObjectRef(kind="Deployment", namespace="prod-apps", name="cache-service"),
    )


async def test_a_question_without_names_is_about_everything() -> None:
    understood = await understand("customers complain, what is broken?", recorded("cpu-request-too-big"))

    assert understood.scope.workloads == ()
    assert understood.scope.namespaces == ()
    assert "customers" in understood.scope.words


@pytest.mark.parametrize(
    "question",
    [
        "why is deployment payment-gateway failing?",
        "pod/billing-worker is down",
        "service called payments-service gives 503",
        "paymnt-service is broken",
    ],
)
async def test_an_object_that_does_not_exist_is_said_with_the_nearest_names(question: str) -> None:
    with pytest.raises(UnknownObject, match="nearest are: .*payment-service"):
        await understand(question, recorded("missing-configmap-chain"))


@pytest.mark.parametrize(
    "question",
    [
        "pods crash-looping since noon",
        "everything is half-down after the roll-out",
        "pod not-ready, follow-up of yesterday",
        "a read-only disk?",
    ],
)
async def test_english_compounds_are_no_names(question: str) -> None:
    understood = await understand(question, recorded("missing-configmap-chain"))

    assert understood.scope.workloads == ()


@pytest.mark.parametrize("question", ["", "   ", "?!", "\n\t"])
async def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(EmptyQuestion):
        await understand(question, recorded("healthy-noisy"))


async def test_an_unknown_namespace_is_refused() -> None:
    with pytest.raises(UnknownObject, match="prod-apps"):
        await understand("what is wrong?", recorded("missing-configmap-chain"), namespaces=("prod-app",))


async def test_a_follow_up_keeps_the_scope_and_may_ask_for_verification() -> None:
    cluster = recorded("missing-configmap-chain")
    first = await understand("Payment service cannot start", cluster)

    again = await understand("did the fix work?", cluster, known=first.scope)
    other = await understand("and what about orders?", cluster, known=first.scope)

    assert again.intent is Intent.VERIFY
    assert again.scope.workloads == first.scope.workloads
    assert other.intent is Intent.DIAGNOSE
    assert other.scope.workloads[0].name == "orders"


def copy_with_twin(tmp_path: Path, *, twin_is_ill: bool) -> RecordedCluster:
    """A recording in which Deployment orders exists in a second namespace too."""
    folder = open_incident("missing-configmap-chain", INCIDENTS).folder / "cluster"
    for path in folder.rglob("*.json"):
        target = tmp_path / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    twin = tmp_path / "staging"
    twin.mkdir()
    for name in ("deployments", "replicasets", "pods"):
        text = (folder / "prod-apps" / f"{name}.json").read_text().replace("prod-apps", "staging")
        items = [i for i in json.loads(text)["items"] if i["metadata"]["name"].startswith("orders")]
        if twin_is_ill and name == "deployments":
            items[0]["status"]["readyReplicas"] = 0
        (twin / f"{name}.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    return RecordedCluster(tmp_path)


async def test_two_objects_that_fit_equally_well_are_asked_about(tmp_path: Path) -> None:
    understood = await understand("orders is slow", copy_with_twin(tmp_path, twin_is_ill=False))

    assert {ref.namespace for ref in understood.candidates} == {"prod-apps", "staging"}
    chosen = choose("the one in staging", understood)
    assert chosen.scope.workloads == (ObjectRef(kind="Deployment", namespace="staging", name="orders"),)
    assert chosen.scope.namespaces == ("staging",)
    assert choose("1", understood).scope.workloads == understood.candidates[:1]
    with pytest.raises(InputError, match="does not say which"):
        choose("the blue one", understood)


async def test_health_settles_what_the_words_leave_open(tmp_path: Path) -> None:
    understood = await understand("orders is slow", copy_with_twin(tmp_path, twin_is_ill=True))

    assert understood.scope.workloads == (ObjectRef(kind="Deployment", namespace="staging", name="orders"),)


async def test_a_named_namespace_settles_it_too(tmp_path: Path) -> None:
    cluster = copy_with_twin(tmp_path, twin_is_ill=False)

    understood = await understand("orders in staging is slow", cluster)

    assert understood.scope.workloads == (ObjectRef(kind="Deployment", namespace="staging", name="orders"),)


@pytest.mark.parametrize(
    ("question", "namespaces"),
    [
        ("what is wrong in recsys?", ()),
        ("what is wrong in namespace recsys?", ("recsys",)),
        ("what is wrong in web-edge of recsys?", ("web-edge",)),
    ],
)
async def test_the_word_that_named_the_cluster_names_no_namespace(
    question: str, namespaces: tuple[str, ...]
) -> None:
    snapshot = await take_snapshot(recorded("oom-cross-namespace"))

    understood = resolve(question, snapshot, cluster_word="recsys")

    assert understood.scope.namespaces == namespaces
    assert "recsys" not in understood.scope.words or namespaces == ("recsys",)


@pytest.mark.parametrize(
    ("question", "noted"),
    [
        ("the feature store in namespace web-edge is down", True),
        ("web-edge is slow", True),
        ("the web is on the edge", False),
    ],
)
async def test_a_namespace_that_is_named_and_may_not_be_read_is_noted(question: str, noted: bool) -> None:
    bounds = Bounds("production", ("recsys",))
    snapshot = await take_snapshot(BoundedCluster(recorded("oom-cross-namespace"), bounds))

    notes = resolve(question, snapshot).notes

    assert notes == (
        (f"Namespace web-edge was not looked at: {bounds.setting} does not include it.",) if noted else ()
    )
