"""Tables that a server prints: asked for as lists are, and never with more of an object than is needed."""

import pytest

from domain.errors import ClusterUnavailable, NotFound
from domain.objects import KubeObject
from tests.tools.cluster.live.server import ApiServer, answer
from tools.cluster.live.cluster import LiveCluster
from tools.cluster.reader import PrintedTable, join_tables, read_table
from tools.cluster.recorded import RecordedCluster
from tools.kubectl import Kubectl

PODS = "/api/v1/pods"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


async def ask(cluster: LiveCluster, line: str) -> list[list[str]]:
    text = (await Kubectl(cluster, namespace="prod-apps", max_characters=100_000).run(line)).text
    return [row.split() for row in text.split("\n")]


def names_of(items: list[KubeObject]) -> list[str]:
    return [item["metadata"]["name"] for item in items]


async def test_get_shows_the_servers_own_columns(cluster: LiveCluster, recording: RecordedCluster) -> None:
    header, *rows = await ask(cluster, "get pods")
    assert header == ["NAME", "SERVED", "BY"]
    pods = await recording.list("Pod", "prod-apps")
    assert [row[0] for row in rows] == names_of(pods)
    assert {row[1] for row in rows} == {"loopback"}
    wide = await ask(cluster, "get pods -o wide")
    assert [row[2] for row in wide[1:]] == [pod["metadata"]["uid"] for pod in pods]


async def test_flags_add_their_columns_to_the_servers(cluster: LiveCluster) -> None:
    header, *rows = await ask(cluster, "get pods,deploy -A --show-labels -L app")
    assert header == ["NAMESPACE", "NAME", "SERVED", "BY", "APP", "LABELS"]
    assert rows[0][0] in ("kube-system", "prod-apps")
    assert rows[0][1].startswith("pod/")
    assert any(row[1:2] == ["deployment.apps/cache-service"] for row in rows)


async def test_names_are_asked_for_one_by_one(cluster: LiveCluster, server: ApiServer) -> None:
    rows = await ask(cluster, "get deploy cache-service nobody")
    assert rows[1][0] == "cache-service"
    assert " ".join(rows[-1]).startswith('Error from server (NotFound): deployments.apps "nobody" not found')
    path = "/apis/apps/v1/namespaces/prod-apps/deployments/cache-service"
    assert dict(server.asked(path)[0].query) == {"includeObject": "Metadata"}


async def test_tables_are_read_page_by_page_and_anew_when_a_token_expires(
    cluster: LiveCluster, server: ApiServer, recording: RecordedCluster
) -> None:
    async def expire_second(request: object) -> None:
        server.misbehave(PODS, answer(410, "The provided continue parameter is too old"))

    server.misbehave(PODS, expire_second)
    table = await cluster.table("Pod")
    assert table is not None
    assert names_of([row.object for row in table.rows]) == names_of(await recording.list("Pod"))
    assert [r.query.get("limit") for r in server.asked(PODS)] == ["2", "2", None]


async def test_trouble_is_that_of_lists(cluster: LiveCluster, server: ApiServer) -> None:
    server.misbehave(PODS, answer(429, "too many requests", **{"Retry-After": "0"}))
    assert await cluster.table("Pod") is not None
    server.misbehave(PODS, answer(403, 'User "eve" cannot list resource'))
    with pytest.raises(ClusterUnavailable, match=r"User 'eve' may not list pods .*\(403\).*ClusterRole"):
        await cluster.table("Pod")
    with pytest.raises(NotFound, match="no Pod nobody in namespace prod-apps"):
        await cluster.table("Pod", "prod-apps", name="nobody")


async def test_only_sorting_by_more_than_metadata_takes_whole_objects(
    cluster: LiveCluster, server: ApiServer, recording: RecordedCluster
) -> None:
    rows = await ask(cluster, "get pods --sort-by=.spec.nodeName")
    by_node = sorted(
        await recording.list("Pod", "prod-apps"), key=lambda pod: pod["spec"].get("nodeName", "")
    )
    assert [row[0] for row in rows[1:]] == names_of(by_node)
    await ask(cluster, "get pods --sort-by=.metadata.name")
    asked = [r.query["includeObject"] for r in server.asked("/api/v1/namespaces/prod-apps/pods")]
    assert set(asked[: len(asked) // 2]) == {"Object"}
    assert set(asked[len(asked) // 2 :]) == {"Metadata"}


async def test_a_row_has_the_kind_of_its_object_and_no_copy_of_it(
    cluster: LiveCluster, recording: RecordedCluster
) -> None:
    for kind in ("Deployment", "ConfigMap", "Service"):
        for item in await recording.list(kind):
            item["metadata"]["annotations"] = {LAST_APPLIED: '{"a": "copy"}', "note": "kept"}
        table = await cluster.table(kind, whole=True)
        assert table is not None
        assert {row.object["kind"] for row in table.rows} == {kind}
        assert all(row.object["metadata"]["annotations"] == {"note": "kept"} for row in table.rows)
        assert "managedFields" not in str(table)


async def test_a_secret_is_never_asked_for_whole(cluster: LiveCluster, server: ApiServer) -> None:
    await cluster.table("Secret", whole=True)
    assert {r.query["includeObject"] for r in server.asked("/api/v1/secrets")} == {"Metadata"}


async def test_a_server_that_prints_no_tables_is_printed_for(
    cluster: LiveCluster, server: ApiServer, recording: RecordedCluster
) -> None:
    server.prints_tables = False
    assert await cluster.table("Pod") is None
    header, *rows = await ask(cluster, "get pods")
    assert header == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert [row[0] for row in rows] == names_of(await recording.list("Pod", "prod-apps"))
    assert await cluster.table("Unicorn") is None


async def test_tables_are_joined_where_there_are_all(
    cluster: LiveCluster, recording: RecordedCluster
) -> None:
    spaces = [str(name) for name in names_of(await recording.list("Namespace"))]
    parts = [await read_table(cluster, "Pod", space) for space in spaces]
    joined, whole = join_tables(parts), await cluster.table("Pod")
    assert joined is not None
    assert whole is not None
    assert joined.columns == whole.columns
    assert sorted(names_of([row.object for row in joined.rows])) == sorted(
        names_of([row.object for row in whole.rows])
    )
    assert join_tables([whole, None]) is None
    assert join_tables([]) is None
    assert await read_table(recording, "Pod") is None
    assert join_tables([PrintedTable(columns=()), whole]) is not None
