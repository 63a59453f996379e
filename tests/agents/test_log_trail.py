"""Where the agent looks besides the words of the question, and where the lines lead it in a second round."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agents.log_retrieval import (
    find_leads,
    follow_trail,
    quote_lines,
    rank_lines,
    search_further,
    search_logs,
    write_queries,
)
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope, TimeWindow
from tools.cluster.snapshot import Snapshot
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import Level, LogDocument
from tools.redaction import Redactor

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHOP = ObjectRef(kind="Deployment", name="shop", namespace="web")


def scope(*workloads: ObjectRef, words: tuple[str, ...] = ()) -> Scope:
    window = TimeWindow(start=NOON - timedelta(hours=1), end=NOON)
    return Scope(cluster="c", window=window, namespaces=("web",), workloads=workloads, words=words)


def line(message: str, pod: str, namespace: str = "web", level: Level = Level.ERROR, **more: Any):
    fields = {"time": NOON - timedelta(minutes=9), "container": pod.split("-")[0], "level": level} | more
    id_ = f"{namespace}-{pod}-{message}-{fields['time']}"
    return LogDocument(id=id_, message=message, pod=pod, namespace=namespace, **fields)


def thing(kind: str, name: str, namespace: str, **parts: Any) -> KubeObject:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, **parts}


def workload(name: str, namespace: str, port: int = 80, ip: str = "", **env: str) -> list[KubeObject]:
    """A Deployment and the Service before it."""
    container = {"name": name, "env": [{"name": key, "value": value} for key, value in env.items()]}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    service = {"selector": {"app": name}, "clusterIP": ip, "ports": [{"port": port}]}
    return [
        thing("Deployment", name, namespace, spec={"template": template}),
        thing("Service", name, namespace, spec=service),
    ]


CLUSTER = Snapshot(
    [
        *workload("shop", "web", DB_HOST="ledger.bank:5432"),
        *workload("ledger", "bank", 5432, "10.0.0.7", UPSTREAM_URL="http://vault.safe"),
        *workload("vault", "safe", 8200),
        *workload("mailer", "web", 25),
    ],
    [],
    NOON,
)


async def retrieve(documents: list[LogDocument], about: Scope, snapshot: Snapshot | None, rounds: int = 2):
    store = EmbeddedLogStore.open(documents)
    queries = write_queries("why?", about)
    found = await search_logs(queries, about, store)
    if rounds > 1:
        further = follow_trail(rank_lines(found, about), about, queries, snapshot)
        found = await search_further(further, found, store)
    texts = [item.text for item in await quote_lines(rank_lines(found, about), store, Redactor())]
    await store.close()
    return texts


async def test_a_line_that_names_a_host_leads_to_its_logs_in_another_namespace() -> None:
    complaint = line("cannot connect to ledger.bank.svc.cluster.local:5432", "shop-1-a")
    cause = line("PANIC: could not write to file: no space left", "ledger-1-a", "bank")
    other = line("FATAL: unrelated", "cron-1-a", "bank")
    documents = [complaint, cause, other]
    assert await retrieve(documents, scope(SHOP), CLUSTER, rounds=1) == [complaint.message]
    assert await retrieve(documents, scope(SHOP), CLUSTER) == [complaint.message, cause.message]


async def test_an_address_leads_to_the_service_that_has_it() -> None:
    complaint = line("dial tcp 10.0.0.7:5432: i/o timeout", "shop-1-a")
    cause = line("FATAL: sorry, too many clients already", "ledger-1-a", "bank")
    assert cause.message in await retrieve([complaint, cause], scope(SHOP), CLUSTER)


async def test_a_trace_leads_to_what_others_said_of_the_same_request() -> None:
    complaint = line("order failed", "shop-1-a", fields={"trace_id": "9f8e7d6c5b4a3210"})
    cause = line("cannot render template for trace_id=9f8e7d6c5b4a3210", "mailer-1-a", level=Level.INFO)
    noise = [line(f"failed to poll {n}", f"job{n}-1-a") for n in range(30)]
    queries = write_queries("why?", scope(SHOP))
    store = EmbeddedLogStore.open([complaint, cause, *noise])
    found = await search_logs(queries, scope(SHOP), store)
    trail = follow_trail(rank_lines(found, scope(SHOP)), scope(SHOP), queries)
    further = await search_further(trail, found, store)
    await store.close()
    assert [query.text for query in trail] == ["9f8e7d6c5b4a3210"]
    assert cause.id in further.trail


async def test_the_trail_ends_where_a_person_wants_it_to() -> None:
    lines = rank_lines(await _find([line("cannot connect to ledger.bank:5432", "shop-1-a")]), scope(SHOP))
    assert follow_trail(lines, scope(SHOP), (), CLUSTER)
    assert follow_trail(lines, scope(SHOP), (), CLUSTER, only=("web",)) == ()


async def _find(documents: list[LogDocument]):
    store = EmbeddedLogStore.open(documents)
    found = await search_logs(write_queries("why?", scope(SHOP)), scope(SHOP), store)
    await store.close()
    return found


def test_what_a_workload_needs_is_asked_from_the_start() -> None:
    leads = {lead.namespace: lead.pods for lead in find_leads(scope(SHOP), CLUSTER)}
    assert leads == {"bank": ("ledger-*",), "safe": ("vault-*",)}
    assert find_leads(scope(SHOP), CLUSTER, only=("web",)) == ()


async def test_a_failure_before_the_window_is_looked_at_when_it_happened() -> None:
    died = NOON - timedelta(hours=5)
    ended = {"exitCode": 1, "finishedAt": died.isoformat(), "reason": "Error"}
    status = {
        "phase": "Running",
        "containerStatuses": [{"name": "shop", "restartCount": 3, "lastState": {"terminated": ended}}],
    }
    pod = thing("Pod", "shop-1-a", "web", spec={"containers": [{"name": "shop"}]}, status=status)
    about = scope()
    queries = write_queries("why?", about, find_leads(about, Snapshot([pod], [], NOON)))
    last_words = line("cannot open ledger", "shop-1-a", time=died - timedelta(seconds=2))
    earlier = line("cannot open mailbox", "shop-1-a", time=died - timedelta(hours=1))
    store = EmbeddedLogStore.open([last_words, earlier])
    found = await search_logs(queries, about, store)
    await store.close()
    assert [document.message for document in found.documents] == [last_words.message]


async def test_the_best_lines_keep_what_was_written_beside_them() -> None:
    moment = NOON - timedelta(minutes=5)
    beside = line("loading /etc/shop/rules", "shop-1-a", level=Level.INFO, time=moment)
    cause = line("unexpected end of file", "shop-1-a", time=moment + timedelta(milliseconds=1))
    later = line("served 1", "shop-1-a", level=Level.INFO, time=moment + timedelta(minutes=1))
    (text,) = await retrieve([beside, cause, later], scope(SHOP), None)
    assert text.splitlines() == [beside.message, cause.message]


async def test_what_a_workload_hardly_ever_says_counts_although_it_sounds_harmless() -> None:
    moments = [NOON - timedelta(seconds=5 * n + 3) for n in range(400)]
    chatter = [line("GET /cart 200", "shop-1-a", level=Level.INFO, time=moment) for moment in moments]
    odd = line("switching to yesterday's rates", "shop-1-a", level=Level.INFO)
    (text,) = await retrieve([*chatter, odd], scope(SHOP), None)
    assert text.splitlines()[0] == odd.message


async def test_what_is_complained_of_all_the_time_stands_behind_what_was_said_once() -> None:
    moments = [NOON - timedelta(seconds=5 * n + 2.5) for n in range(700)]
    constant = [line("cannot reach the printer", "shop-1-a", time=moment) for moment in moments]
    once = line("rates.json is corrupt: unexpected end", "shop-1-a")
    texts = await retrieve([*constant, once], scope(SHOP), None)
    assert texts[0] == once.message
