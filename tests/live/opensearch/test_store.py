import pytest

from domain.settings import OpenSearchSettings
from tests.live.opensearch.conftest import ship
from tests.tools.logs.contract import MINUTE, LogStoreContract, find, lines, messages, of_cluster
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import LogQuery

pytestmark = pytest.mark.live


class TestOpenSearchLogStore(LogStoreContract):
    """Keeps what every store promises."""


async def test_a_store_of_one_cluster_shows_nothing_of_another(
    client: OpenSearchClient, settings: OpenSearchSettings
) -> None:
    blue, green = of_cluster("blue", lines("ERROR a", "INFO b")), of_cluster("green", lines("ERROR a"))
    await ship(client, settings, [*blue, *green])
    store = OpenSearchLogStore(client, settings, cluster="green")

    assert [hit.document.id for hit in await store.search(LogQuery(text="a"))] == [green[0].id]
    assert await find(store, "a", clusters=("blue",)) == []
    assert messages(await store.search(LogQuery())) == ["ERROR a"]
    assert sum(one.count for one in await store.histogram(LogQuery(), MINUTE)) == 1
    assert [one.count for one in await store.patterns(LogQuery())] == [1]
    assert await store.around(blue[0]) == [blue[0]]
