"""Questions about clusters whose logs were shipped: some lines are missing, or the store ends half way."""

from pathlib import Path

from domain.diagnosis import Diagnosis
from domain.evidence import Source
from graphs.context import Context
from graphs.session import Session
from tests.graphs.conftest import Prepare
from tools.incidents import open_incident
from tools.logs.cluster import ClusterLogStore
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.fallback import FallbackLogStore
from tools.logs.store import LogDocument, LogHit, LogQuery

RECORDINGS = Path(__file__).parents[1] / "recordings"
INCIDENT = str(RECORDINGS / "job-backoff-exceeded")
SPEAKER = "month-end-close"
"""The only one that speaks, for more than four minutes before the recording: longer than a line may take."""


async def read_lines(incident: str) -> list[LogDocument]:
    store = await open_incident(incident).logs()
    found = [hit.document for hit in await store.search(LogQuery(limit=1000))]
    await store.close()
    return found


async def ask(context: Context) -> Diagnosis:
    items = [item async for item in Session(context).ask(open_incident(INCIDENT).question)]
    assert isinstance(items[-1], Diagnosis)
    return items[-1]


class EndingStore(EmbeddedLogStore):
    """Closes for good once it was searched so often."""

    searches = 3

    async def search(self, query: LogQuery) -> list[LogHit]:
        self.searches -= 1
        if self.searches == 0:
            await self.close()
        return await super().search(query)


async def test_lines_that_did_not_arrive_are_missed_and_read_from_the_cluster(prepare: Prepare) -> None:
    lines = await read_lines(INCIDENT)
    arrived = [line for line in lines if not line.pod.startswith(SPEAKER)]
    assert lines and not arrived
    store = EmbeddedLogStore.open(arrived, shipped=True)
    context = await prepare(INCIDENT, logs=store)
    whole = await ask(Context(INCIDENT))
    partial = await ask(context)
    await store.close()
    assert partial.root_cause == whole.root_cause
    missing = [text for text in partial.not_seen if "did not arrive in the log store at all" in text]
    assert any(f"/{SPEAKER}" in text and "no DaemonSet that ships logs" in text for text in missing)
    spoken = [e for e in partial.evidence if e.source is Source.LOG and e.object and SPEAKER in e.object.name]
    assert spoken
    await context.close()


async def test_whole_logs_leave_nothing_unseen(prepare: Prepare) -> None:
    store = EmbeddedLogStore.open(await read_lines(INCIDENT), shipped=True)
    context = await prepare(INCIDENT, logs=store)
    diagnosis = await ask(context)
    await store.close()
    assert not [text for text in diagnosis.not_seen if "did not arrive" in text]


async def test_a_store_that_ends_half_way_leaves_the_answer_to_the_cluster(prepare: Prepare) -> None:
    first = EndingStore.open(await read_lines(INCIDENT), shipped=True)
    cluster = open_incident(INCIDENT).cluster()
    context = await prepare(INCIDENT, logs=FallbackLogStore(first, ClusterLogStore(cluster)))
    whole = await ask(Context(INCIDENT))
    diagnosis = await ask(context)
    assert diagnosis.root_cause == whole.root_cause
    assert any("only what the cluster still has" in text for text in diagnosis.not_seen)
    await context.close()
