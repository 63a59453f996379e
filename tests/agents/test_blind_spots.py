"""A Pod whose logs do not arrive is told apart from a Pod that logs nothing, and the reason is said."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.blind_spots import (
    PATIENCE,
    BlindSpot,
    explain_lost,
    find_lost,
    list_checked,
    list_suspects,
    name_pods,
)
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope, TimeWindow
from tools.cluster.snapshot import Snapshot
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import Level, LogDocument, read_arrivals

NOW = datetime.fromisoformat("2026-05-04T12:00:00+00:00")
SCOPE = Scope(cluster="c", window=TimeWindow(start=NOW - timedelta(hours=1), end=NOW), namespaces=("shop",))


def pod(name: str, node: str, namespace: str = "shop", ready: bool = True, **meta: Any) -> KubeObject:
    state = {"running": {"startedAt": (NOW - timedelta(hours=2)).isoformat()}}
    if not ready:
        state = {"waiting": {"reason": "CrashLoopBackOff"}}
    status = {"name": "main", "ready": ready, "restartCount": 0, "state": state}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, **meta},
        "spec": {"nodeName": node, "containers": [{"name": "main"}]},
        "status": {"phase": "Running", "containerStatuses": [status], "conditions": conditions},
    }


def shipper(name: str = "fluent-bit", image: str = "cr.fluentbit.io/fluent/fluent-bit:5.1", **spec: Any):
    template = {"spec": {"containers": [{"name": "main", "image": image}], **spec}}
    return {
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "logging"},
        "spec": {"template": template},
    }


def shipper_pod(node: str, ready: bool = True, owner: str = "fluent-bit") -> KubeObject:
    owners = [{"kind": "DaemonSet", "name": owner, "controller": True}]
    labels = {"app": "shipper"}
    name = f"{owner}-{node}"
    return pod(name, node, "logging", ready, ownerReferences=owners, labels=labels)


def policy(*egress: dict[str, Any]) -> KubeObject:
    spec = {
        "podSelector": {"matchLabels": {"app": "shipper"}},
        "policyTypes": ["Egress"],
        "egress": list(egress),
    }
    return {
        "kind": "NetworkPolicy",
        "metadata": {"name": "closed", "namespace": "logging"},
        "spec": spec,
    }


def line(name: str, minutes: float, text: str = "cannot open the ledger") -> LogDocument:
    time = NOW - timedelta(minutes=minutes)
    fields = {"message": text, "level": Level.ERROR, "namespace": "shop", "container": "main"}
    return LogDocument(id=f"{name}-{time}-{text}", time=time, pod=name, **fields)


async def look(
    objects: Iterable[KubeObject], arrived: Iterable[LogDocument], written: Iterable[LogDocument]
) -> tuple[BlindSpot, ...]:
    """What the agent does, with a store that was shipped to and the lines that the Pods still have."""
    snapshot = Snapshot(objects, [], NOW)
    store = EmbeddedLogStore.open(arrived, shipped=True)
    pods = list_checked(SCOPE, snapshot)
    arrivals = await read_arrivals(store, name_pods(pods))
    await store.close()
    assert arrivals is not None
    suspects = {ref.name for ref in name_pods(list_suspects(pods, arrivals, NOW))}
    lost = find_lost([one for one in written if one.pod in suspects], arrivals, SCOPE, NOW)
    return explain_lost(lost, arrivals, snapshot)


WEB, API = pod("web", "node-a"), pod("api", "node-b")
ALL_WELL = [WEB, API, shipper(), shipper_pod("node-a"), shipper_pod("node-b")]


async def test_a_pod_that_says_nothing_is_no_blind_spot() -> None:
    assert await look(ALL_WELL, [line("web", 30)], [line("web", 30)]) == ()


async def test_lines_that_are_still_on_their_way_are_not_missed() -> None:
    on_the_way = PATIENCE.total_seconds() / 60 - 0.5
    arrived, written = [line("web", 40)], [line("web", 40), line("web", on_the_way)]
    assert await look(ALL_WELL, arrived, written) == ()


async def test_lines_that_were_written_before_the_window_are_not_missed() -> None:
    assert await look(ALL_WELL, [], [line("web", 90)]) == ()


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ([WEB, shipper(), shipper_pod("node-b")], "DaemonSet logging/fluent-bit has no Pod on node node-a"),
        (
            [WEB, shipper(), shipper_pod("node-a", ready=False)],
            "Pod logging/fluent-bit-node-a on node node-a is not well: "
            "container main: waiting, CrashLoopBackOff",
        ),
        (
            [WEB, shipper(), shipper_pod("node-a"), policy({"ports": [{"port": 53}]})],
            "NetworkPolicy logging/closed keeps Pod logging/fluent-bit-node-a from reaching the log store",
        ),
        ([WEB], "no DaemonSet that ships logs, such as Fluent Bit, is seen"),
    ],
)
async def test_what_keeps_a_nodes_logs_there_is_named(objects: list[KubeObject], reason: str) -> None:
    (spot,) = await look(objects, [line("web", 50)], [line("web", 50), line("web", 20)])
    assert spot.pods == (ObjectRef(kind="Pod", name="web", namespace="shop"),)
    assert spot.reason == reason
    assert spot.since == NOW - timedelta(minutes=50)


async def test_a_policy_that_lets_the_shipper_out_is_not_blamed() -> None:
    objects = [*ALL_WELL, policy({"ports": [{"port": 443}]})]
    (spot,) = await look(objects, [line("web", 50)], [line("web", 20)])
    assert "NetworkPolicy" not in spot.reason


async def test_an_annotation_excludes_a_pod() -> None:
    quiet = pod("web", "node-a", annotations={"fluentbit.io/exclude": "true"})
    (spot,) = await look([quiet, *ALL_WELL[1:]], [line("api", 1)], [line("web", 20)])
    assert spot.reason == 'annotation fluentbit.io/exclude: "true" excludes them'
    spared = pod("web", "node-a", annotations={"fluentbit.io/exclude": "false"})
    (spot,) = await look([spared, *ALL_WELL[1:]], [line("api", 1)], [line("web", 20)])
    assert "annotation" not in spot.reason


async def test_a_lag_is_told_by_namespace_with_its_length() -> None:
    arrived = [line("web", 25), line("api", 17)]
    written = [*arrived, line("web", 10), line("api", 9)]
    (spot,) = await look(ALL_WELL, arrived, written)
    assert {ref.name for ref in spot.pods} == {"web", "api"}
    assert "lags or is cut, the newest line of namespace shop is 17 min old" in spot.reason


async def test_what_never_arrived_beside_others_of_its_node_has_no_index() -> None:
    neighbour = pod("cart", "node-a")
    (spot,) = await look([*ALL_WELL, neighbour], [line("cart", 1)], [line("web", 20)])
    assert "other Pods on node node-a do arrive, so it has no index" in spot.reason
    assert "did not arrive in the log store at all" in spot.tell()


@pytest.mark.parametrize(
    "daemon",
    [
        shipper("collector", "docker.io/grafana/promtail:3"),
        shipper("agent", "example.com/a:1", volumes=[{"hostPath": {"path": "/var/log"}}]),
    ],
)
async def test_any_daemon_that_reads_the_logs_of_its_node_counts(daemon: KubeObject) -> None:
    owner = daemon["metadata"]["name"]
    objects = [WEB, daemon, shipper_pod("node-a", ready=False, owner=owner)]
    (spot,) = await look(objects, [], [line("web", 20)])
    assert f"Pod logging/{owner}-node-a on node node-a is not well" in spot.reason


async def test_logs_that_nobody_ships_have_no_blind_spots() -> None:
    store = EmbeddedLogStore.open([line("web", 20)])
    assert await read_arrivals(store, name_pods([WEB])) is None
    await store.close()
