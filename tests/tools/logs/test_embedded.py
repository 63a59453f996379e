import logging
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import LogsUnavailable
from domain.scope import TimeWindow
from tools.cluster.reader import LogLine
from tools.incidents import open_incident
from tools.logs.documents import build_documents
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import Level, LogDocument, LogHit, LogQuery

OpenStore = Callable[[Iterable[LogDocument]], EmbeddedLogStore]
START = datetime(2026, 11, 24, 14, tzinfo=UTC)


def lines(*texts: str, pod: str = "web-0", namespace: str = "shop", at: int = 0) -> list[LogDocument]:
    """One line a second, the first ``at`` seconds after the start."""
    read = [LogLine(text=text, time=START + timedelta(seconds=at + i)) for i, text in enumerate(texts)]
    return build_documents(read, start=START, namespace=namespace, pod=pod, container=pod.partition("-")[0])


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def open_store() -> AsyncIterator[OpenStore]:
    """Opens stores and closes them after the test."""
    opened: list[EmbeddedLogStore] = []

    def open_one(documents: Iterable[LogDocument]) -> EmbeddedLogStore:
        opened.append(EmbeddedLogStore.open(documents))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


def messages(found: list[LogHit]) -> list[str]:
    return [hit.document.message for hit in found]


async def find(store: EmbeddedLogStore, text: str, **query: object) -> list[str]:
    return messages(await store.search(LogQuery.model_validate({"text": text, **query})))


@pytest.mark.parametrize(
    ("incident", "question", "decisive", "within"),
    [
        ("missing-configmap-chain", "Payment service cannot start", "connect to cache-service:6379", 1),
        ("config-parse-crash", "query-router keeps restarting after the config change", "timeout_ms", 1),
        ("entrypoint-permission-denied", "The ledger export has produced nothing", "Permission denied", 1),
        ("init-command-typo", "auth-api pods are not coming up", "migrat: not found", 1),
        (
            "service-wrong-targetport",
            "label-printer cannot get rates",
            "upstream rates-api GET /rates failed",
            1,
        ),
        ("job-backoff-exceeded", "Month-end close did not finish", "entries are unposted", 1),
        ("two-faults", "mailer fails", "SMTP_HOST is not set", 1),
        ("node-not-ready", "Loan decisions are deferred", "upstream scorer GET /score failed", 3),
        ("sidecar-port-conflict", "gateway pod fails", "status 1", 3),
    ],
)
async def test_questions_find_the_decisive_line(
    incident: str, question: str, decisive: str, within: int
) -> None:
    store = await open_incident(incident).logs()
    found = await find(store, question, limit=within)
    await store.close()
    assert any(decisive in message for message in found), found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("config", "open /etc/app/cache-config.yaml: no such file"),
        ("cache-config.yaml", "open /etc/app/cache-config.yaml: no such file"),
        ("/etc/app", "open /etc/app/cache-config.yaml: no such file"),
        ("pointer", "java.lang.NullPointerException: x"),
        ("nullpointerexception", "java.lang.NullPointerException: x"),
        ("10.96.0.10", "dial tcp 10.96.0.10:5432: connect"),
        ("5432", "dial tcp 10.96.0.10:5432: connect"),
        ("max conn", "MAX_CONN is 20"),
        ("req-7f3a", "trace=req-7f3a slow"),
        ("svc", "lookup db.prod-apps.svc.cluster.local"),
        ("prod-apps", "lookup db.prod-apps.svc.cluster.local"),
        ("connections", "connection lost"),
        ("überlauf", "Überlauf im Puffer"),
        ("refused", '{"level":"info","msg":"dial failed","error":"refused"}'),
    ],
)
async def test_words_are_found_whole_and_in_parts(open_store: OpenStore, query: str, message: str) -> None:
    others = ["starting up", "listening", "ready"]
    store = open_store(lines(*others, message))
    assert await find(store, query) == [message]


@pytest.mark.parametrize(
    "text",
    [
        '"', "'", "a AND", "NEAR(a b)", "col:x", "text:error", "-error", "error*", "(", "^error", "a OR OR b",
        "* * *", "x' OR 1=1; DROP TABLE logs; --", "{error}", "error + fatal", "\x00error", "\ud800 error",
        "🔥💥", "%", "\\", "e" * 5000, "word " * 3000, "a-b.c:d/e@f", ":error", "日本語 エラー",
    ],
)  # fmt: skip
async def test_any_text_is_a_legal_query(open_store: OpenStore, text: str) -> None:
    store = open_store(lines("error one", "all fine"))
    assert set(await find(store, text)) <= {"error one", "all fine"}
    assert await find(store, "error") == ["error one"]


async def test_text_without_words_finds_nothing_and_no_text_everything(open_store: OpenStore) -> None:
    store = open_store(lines("ERROR one", "all fine", "WARN two"))
    assert await find(store, "🔥") == []
    assert await find(store, "") == ["ERROR one", "WARN two", "all fine"]


async def test_a_query_of_function_words_alone_is_taken_as_it_is(open_store: OpenStore) -> None:
    store = open_store(lines("there it is", "ready"))
    assert await find(store, "what is it") == ["there it is"]


async def test_severity_and_rarity_decide_between_equal_words(open_store: OpenStore) -> None:
    chatter = [f"INFO db query {n} took 5ms" for n in range(50)]
    store = open_store(lines("ERROR db connection lost", *chatter))
    hits = await store.search(LogQuery(text="db", limit=3))
    assert hits[0].document.message == "ERROR db connection lost"
    assert hits[0].reason == "db; error; the only line of its kind"
    assert hits[1].reason == "db; info; 50 lines alike"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_hits_tell_different_things(open_store: OpenStore) -> None:
    loud = [f"ERROR db timeout after {n} ms" for n in range(30)]
    store = open_store(lines("ERROR db certificate has expired", *loud))
    assert "ERROR db certificate has expired" in await find(store, "db timeout", limit=5)


async def test_filters(open_store: OpenStore) -> None:
    documents = (
        lines("ERROR a", "INFO a")
        + lines("ERROR a", pod="web-1", at=10)
        + lines("WARN a", pod="worker-0", at=20)
        + lines("ERROR a", namespace="other", at=30)
    )
    store = open_store(documents)

    async def where(**query: object) -> list[tuple[str, str, Level]]:
        hits = await store.search(LogQuery.model_validate({"text": "a", **query}))
        return sorted((hit.document.namespace, hit.document.pod, hit.document.level) for hit in hits)

    assert await where(namespaces=("other",)) == [("other", "web-0", Level.ERROR)]
    assert await where(namespaces=("shop",), pods=("web-*",), min_level=Level.ERROR) == [
        ("shop", "web-0", Level.ERROR),
        ("shop", "web-1", Level.ERROR),
    ]
    assert await where(pods=("web-1", "nothing")) == [("shop", "web-1", Level.ERROR)]
    assert await where(pods=("web",)) == []
    assert await where(pods=("w%", "w_b-1")) == []
    assert await where(containers=("worker",)) == [("shop", "worker-0", Level.WARNING)]
    window = TimeWindow(start=START + timedelta(seconds=10), end=START + timedelta(seconds=20))
    assert await where(window=window) == [("shop", "web-1", Level.ERROR), ("shop", "worker-0", Level.WARNING)]
    assert len(await where(limit=2)) == 2


async def test_around_shows_the_lines_of_the_same_container(open_store: OpenStore) -> None:
    documents = lines("one", "two", "three", "four", "five") + lines("elsewhere", pod="web-1", at=2)
    store = open_store(documents)
    near = await store.around(documents[2], before=1, after=2)
    assert [document.message for document in near] == ["two", "three", "four", "five"]
    assert [d.message for d in await store.around(documents[0], before=3, after=0)] == ["one"]
    (stranger,) = lines("not here", at=99)
    assert await store.around(stranger) == [stranger]


async def test_patterns_count_and_date_the_templates(open_store: OpenStore) -> None:
    chatter = [f"INFO served request {n} from 10.0.0.{n}:80 in {n}ms" for n in range(40)]
    store = open_store(lines(*chatter) + lines("ERROR disk 7 is full", at=60))
    window = TimeWindow(start=START + timedelta(seconds=30), end=START + timedelta(minutes=5))
    disk, request = await store.patterns(LogQuery(window=window))
    assert (disk.template, disk.count, disk.level, disk.new) == (
        "ERROR disk <N> is full",
        1,
        Level.ERROR,
        True,
    )
    assert disk.sample.message == "ERROR disk 7 is full"
    assert (request.template, request.count, request.new) == (
        "INFO served request <N> from <IP> in <N>ms",
        10,
        False,
    )
    assert (request.first_seen, request.last_seen) == (
        START + timedelta(seconds=30),
        START + timedelta(seconds=39),
    )
    (everything, _) = sorted(await store.patterns(LogQuery()), key=lambda pattern: -pattern.count)
    assert (everything.count, everything.new) == (40, False)
    assert len(await store.patterns(LogQuery(limit=1))) == 1
    assert [p.count for p in await store.patterns(LogQuery(min_level=Level.ERROR))] == [1]


async def test_nothing_is_new_without_older_lines(open_store: OpenStore) -> None:
    store = open_store(lines("INFO a"))
    window = TimeWindow(start=START - timedelta(hours=1), end=START + timedelta(hours=1))
    assert [pattern.new for pattern in await store.patterns(LogQuery(window=window))] == [False]


async def test_mining_leaves_no_files_and_no_noise(
    open_store: OpenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drain3.ini").write_text("[DRAIN]\nsim_th = broken\n")
    with caplog.at_level(logging.DEBUG):
        store = open_store(lines("a 1", "a 2"))
        assert [pattern.count for pattern in await store.patterns(LogQuery())] == [2]
    assert [record for record in caplog.records if record.name.startswith("drain3")] == []
    assert list_names(tmp_path) == ["drain3.ini"]


async def test_a_line_from_two_sources_is_one_document(open_store: OpenStore) -> None:
    assert len(open_store(lines("a", "b") + lines("a", "b", "c"))) == 3


async def test_an_empty_and_a_closed_store(open_store: OpenStore) -> None:
    store = open_store([])
    assert await store.search(LogQuery(text="x")) == []
    assert await store.patterns(LogQuery()) == []
    await store.close()
    with pytest.raises(LogsUnavailable, match="closed"):
        await store.search(LogQuery(text="x"))
    with pytest.raises(LogsUnavailable, match="closed"):
        await store.around(lines("a")[0])
