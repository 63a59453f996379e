"""Commands carried out on recorded clusters: what is found, what is not, and what is never shown."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from domain.errors import ClusterUnavailable, MalformedRecording, RefusedCommand
from tools.cluster.recorded import RecordedCluster
from tools.incidents import open_incident
from tools.kubectl import CommandOutput, Kubectl

AUTHORED = Path(__file__).parent / "parity" / "cluster"
RECORDINGS = Path(__file__).parents[2] / "recordings"


@cache
def kubectl(place: str = "authored", namespace: str = "default", most: int = 100_000) -> Kubectl:
    if place == "authored":
        cluster = RecordedCluster(AUTHORED, now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    else:
        cluster = open_incident(RECORDINGS / place).cluster()
    return Kubectl(cluster, namespace=namespace, max_characters=most)


async def run(line: str, place: str = "authored", namespace: str = "shop") -> str:
    return (await kubectl(place, namespace).run(line)).text


def make_cluster(folder: Path, *objects: dict[str, object]) -> Kubectl:
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    return Kubectl(RecordedCluster(folder, now=datetime(2026, 11, 24, 12, tzinfo=UTC)), namespace="shop")


async def test_the_line_says_where_it_looked() -> None:
    authored = kubectl(namespace="shop")
    assert (await authored.run("get po db-0")).line == "kubectl get po db-0 -n shop"
    assert (await authored.run("k get po -A")).line == "kubectl get po -A"
    assert (await authored.run("get nodes -n shop")).line == "kubectl get nodes"
    assert (await authored.run("events")).line == "kubectl events -n shop"
    assert (await kubectl().run("version")).line == "kubectl version"


async def test_nothing_found() -> None:
    assert await run("get pods -n empty") == "No resources found in empty namespace."
    assert await run("get vac") == "No resources found"
    assert await run("describe pods -n empty") == "No resources found in empty namespace."
    assert await run("events -n empty") == "No events found in empty namespace."
    assert await run("get pod nope --ignore-not-found") == ""
    assert json.loads(await run("get pods -n empty -o json"))["items"] == []


async def test_a_missing_name_is_an_answer_with_the_nearest_names() -> None:
    text = await run("get cm cache-confg", "missing-configmap-chain", "prod-apps")
    assert text.startswith('Error from server (NotFound): configmaps "cache-confg" not found')
    text = await run("get deploy payments-service", "missing-configmap-chain", "prod-apps")
    assert text.endswith('deployments.apps "payments-service" not found (nearest: payment-service)')
    text = await run("get deploy payment-service", "missing-configmap-chain", "default")
    assert "not found in namespace default; one of that name is in prod-apps" in text


async def test_what_exists_is_shown_beside_what_does_not() -> None:
    text = await run("get pod db-0 nope")
    assert "db-0" in text.split("\n")[1]
    assert text.endswith('Error from server (NotFound): pods "nope" not found')
    text = await run("get pod db-0 nope -o name")
    assert text.split("\n") == ["pod/db-0", 'Error from server (NotFound): pods "nope" not found']


async def test_an_unknown_type_is_refused_with_the_nearest() -> None:
    with pytest.raises(RefusedCommand, match="doesn't have a resource type 'deploi'.*deploy"):
        await run("get deploi")


async def test_a_description_by_the_beginning_of_a_name() -> None:
    text = await run("describe pod init-f")
    assert text.startswith("Name:         init-failed\n")
    both = await run("describe pod init --show-events=false")
    assert [line.split()[1] for line in both.split("\n") if line.startswith("Name:")] == [
        *("init-crashing", "init-failed", "initializing")
    ]


async def test_secret_values_are_nowhere(tmp_path: Path) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop", "creationTimestamp": "2026-11-24T11:00:00Z"},
        "data": {"password": "aHVudGVyMg=="},
    }
    shop = make_cluster(tmp_path, secret)
    lines = ["get secrets", "get secret db -o wide", "describe secret db", "get secrets -o name"]
    lines += ["get secrets --show-labels -A", "get secrets --sort-by=.metadata.name"]
    for line in lines:
        text = (await shop.run(line)).text
        assert "db" in text
        assert "aHVudGVyMg" not in text
        assert "hunter2" not in text
    assert "password:  <value not shown>" in (await shop.run("describe secret db")).text
    assert (await shop.run("get secrets")).text.split("\n")[1].split() == ["db", "Opaque", "1", "60m"]


async def test_what_smells_of_a_secret_is_redacted_in_every_view(tmp_path: Path) -> None:
    env = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "DB_URL", "value": "pg://a:hunter3x@db/x"}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"note": "kept"}},
        "spec": {"containers": [{"name": "web", "image": "web:1", "env": env}]},
    }
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app", "namespace": "shop"},
        "data": {"app.ini": "mode=fast\npassword=hunter2\n"},
    }
    shop = make_cluster(tmp_path, pod, config)
    for line in [
        "describe pod web",
        "get pod web -o yaml",
        "get pod web -o json",
        "describe cm app",
        "get cm -o yaml",
    ]:
        text = (await shop.run(line)).text
        assert "hunter" not in text, line
        assert "<secret:1>" in text, line
    assert "mode=fast" in (await shop.run("describe cm app")).text


async def test_documents_leave_the_noise_out() -> None:
    text = await run("get deploy payment-service -o yaml", "missing-configmap-chain", "prod-apps")
    document = yaml.safe_load(text)
    assert document["kind"] == "Deployment"
    assert document["spec"]["replicas"] == 1
    assert "managedFields" not in text
    assert "last-applied" not in text
    listed = json.loads(await run("get deploy -o json", "missing-configmap-chain", "prod-apps"))
    assert listed["kind"] == "List"
    assert {item["metadata"]["name"] for item in listed["items"]} >= {"payment-service", "cache-service"}


async def test_get_events_comes_oldest_first_unless_sorted() -> None:
    assert [row.split()[2] for row in (await run("get events")).split("\n")[1:]] == ["Scheduled", "BackOff"]
    by_reason = (await run("get events --sort-by=.reason")).split("\n")[1:]
    assert [row.split()[2] for row in by_reason] == ["BackOff", "Scheduled"]


async def test_other_kinds_have_a_table_and_a_description() -> None:
    assert await run("get widgets") == "NAME   STATUS     AGE\nw1     NotReady   14d"
    assert (await run("get widgets -o wide")).split("\n")[1].split() == ["w1", "NotReady", "14d", "Broken"]
    text = await run("describe widget w1")
    assert "API URL:  http://x" in text
    assert "  Enabled:  true" in text
    assert text.split("\n")[-1].split() == ["Events:", "<none>"]


async def test_a_namespace_is_described_with_its_limits() -> None:
    text = await run("describe ns shop")
    assert "limits.cpu       7500m  8" in text
    assert "Container  cpu       -    2" in text


async def test_sums_of_a_node() -> None:
    lines = (await run("describe node big-1")).split("\n")
    row = next(line.split() for line in lines if line.strip().startswith("shop") and " db-0 " in line)
    assert row[2:8] == ["1", "(26%)", "1500m", "(39%)", "160Mi", "(1%)"], (
        "the init container wants the most cpu"
    )


async def test_version_and_types() -> None:
    assert await run("version") == "Server Version: v1.34.2"
    assert json.loads(await run("version -o json"))["serverVersion"]["gitVersion"] == "v1.34.2"
    names = (await run("api-resources -o name")).split("\n")
    assert {"pods", "deployments.apps", "widgets.example.com"} <= set(names)
    assert "tokenreviews.authentication.k8s.io" not in names
    assert (await run("api-resources --namespaced=false --no-headers")).split("\n")[0].split()[-1]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("get pods", "yes"),
        ("list deployments.apps", "yes"),
        ("get pods --subresource=log", "yes"),
        ("list secrets", "yes (names and keys, never values)"),
        ("list widgets", "yes"),
        ("get pods --subresource=exec", "no"),
        ("delete pods", "no"),
        ("watch pods", "no"),
        ("create tokenreviews", "no"),
        ("get tokenreviews", "no"),
        ("get nonsense", "no"),
        ("'*' '*'", "no"),
        ("get /healthz", "no"),
    ],
)
async def test_can_i(question: str, answer: str) -> None:
    assert await run(f"auth can-i {question}") == answer


async def test_rights_are_listed() -> None:
    rows = [row.split() for row in (await run("auth can-i --list")).split("\n")]
    assert ["pods", "[]", "[]", "[get", "list]"] in rows
    assert not any("create" in word or "delete" in word for row in rows for word in row)


async def test_explain() -> None:
    assert "readinessProbe" in await run("explain pods.spec.containers")
    assert "gets no traffic" in await run("explain po.spec.containers.readinessProbe")
    assert "explains the common kinds only" in await run("explain widgets")
    with pytest.raises(RefusedCommand, match=r"'spec\.nope' is not among the fields of Pod"):
        await run("explain pod.spec.nope")


async def test_rollouts() -> None:
    text = await run("rollout status deploy/checkout-api", "image-tag-not-found", "storefront")
    assert text == 'error: deployment "checkout-api" exceeded its progress deadline'
    assert await run("rollout status deploy/front") == (
        'Waiting for deployment "front" rollout to finish: 1 out of 3 new replicas have been updated...'
    )
    assert (await run("rollout status ds/agent")).endswith("2 of 3 updated pods are available...")
    assert (await run("rollout history sts/db")).split("\n")[1:] == [
        "REVISION  CHANGE-CAUSE",
        "5         <none>",
        "6         new major",
    ]
    assert "registry.local/postgres:15" in await run("rollout history sts/db --revision=5")
    assert "unable to find the specified revision" in await run("rollout history sts/db --revision=9")


async def test_use_of_cpu_and_memory(tmp_path: Path) -> None:
    def pod(name: str, *uses: tuple[str, str]) -> dict[str, object]:
        containers = [{"name": f"c{i}", "usage": {"cpu": c, "memory": m}} for i, (c, m) in enumerate(uses)]
        meta = {"name": name, "namespace": "shop", "labels": {"app": name}}
        return {
            "apiVersion": "metrics.k8s.io/v1beta1",
            "kind": "PodMetrics",
            "metadata": meta,
            "containers": containers,
        }

    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    node["status"] = {"allocatable": {"cpu": "2", "memory": "4Gi"}}  # type: ignore[assignment]
    use = {"apiVersion": "metrics.k8s.io/v1beta1", "kind": "NodeMetrics", "metadata": {"name": "n1"}}
    use["usage"] = {"cpu": "500000000n", "memory": "1Gi"}  # type: ignore[assignment]
    shop = make_cluster(tmp_path, pod("a", ("10m", "20Mi"), ("5m", "1Mi")), pod("b", ("1", "2Mi")), node, use)
    assert (await shop.run("top pods")).text.split("\n") == [
        "NAME   CPU(cores)   MEMORY(bytes)",
        "a      15m          21Mi",
        "b      1000m        2Mi",
    ]
    assert (await shop.run("top pods --sort-by=cpu --no-headers")).text.split()[0] == "b"
    assert (await shop.run("top pods -l app=b -A")).text.split("\n")[1].split() == [
        "shop",
        "b",
        "1000m",
        "2Mi",
    ]
    assert len((await shop.run("top pod a --containers")).text.split("\n")) == 3
    assert (await shop.run("top nodes")).text.split("\n")[1].split() == ["n1", "500m", "25%", "1024Mi", "25%"]
    assert "not found" in (await shop.run("top pod nope")).text


async def test_no_metrics_were_recorded() -> None:
    with pytest.raises(ClusterUnavailable):
        await run("top pods")


async def test_control_characters_cannot_hide_anything(tmp_path: Path) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop"}}
    config["data"] = {"a": "before\x1b[2Jafter\u202e"}  # type: ignore[assignment]
    text = (await make_cluster(tmp_path, config).run("describe cm x")).text
    assert "before\\x1b[2Jafter\\x202e" in text


async def test_output_is_bounded_and_says_so() -> None:
    small = kubectl("healthy-noisy", most=1500)
    pods = (await kubectl("healthy-noisy").run("get pods -A -o json")).text
    assert len(pods) > 6000
    for line in ["get pods -A -o json", "describe pods -A", "get events -A", "events -A"]:
        output: CommandOutput = await small.run(line)
        assert output.truncated, line
        assert len(output.text) <= 1500, line
        assert "lines left out ..." in output.text, line
    whole = await kubectl("healthy-noisy").run("get pods -A")
    assert not whole.truncated
    assert "left out" not in whole.text


async def test_refusals_come_before_anything_is_read(tmp_path: Path) -> None:
    nowhere = Kubectl(RecordedCluster(tmp_path / "nothing"))
    with pytest.raises(RefusedCommand):
        await nowhere.run("delete pod web")


async def test_an_object_of_the_wrong_shape_is_named_in_one_sentence(tmp_path: Path) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}}
    shop = make_cluster(tmp_path, pod | {"spec": {"containers": ["web"]}})
    with pytest.raises(MalformedRecording, match="field of another type"):
        await shop.run("describe pod web")
    assert '"web"' in (await shop.run("get pod web -o json")).text


async def test_a_bare_object_can_be_shown(tmp_path: Path) -> None:
    """Recordings made by other tools may lack nearly everything."""
    kinds = {"Pod": "v1", "Service": "v1", "Node": "v1", "Deployment": "apps/v1", "Job": "batch/v1"}
    kinds |= {"Ingress": "networking.k8s.io/v1", "PersistentVolumeClaim": "v1", "CronJob": "batch/v1"}
    objects = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": None}
        for kind, version in kinds.items()
    ]
    shop = make_cluster(tmp_path, *objects)
    for kind in kinds:
        assert "x" in (await shop.run(f"get {kind} x -o wide")).text
        assert "Name:" in (await shop.run(f"describe {kind} x")).text
