"""What every log store promises. Each runs these tests over its own documents."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from math import sqrt
from typing import Any

import pytest

from domain.errors import EmbeddingUnavailable
from domain.scope import TimeWindow
from tools.cluster.reader import LogLine
from tools.embeddings.embedder import Vector
from tools.logs.documents import build_documents
from tools.logs.store import Level, LogDocument, LogHit, LogQuery, LogStore

OpenStore = Callable[..., Awaitable[LogStore]]
"""``open_store(documents, embedder=None)``: closed after the test."""

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUERIES_OF_ALL_KINDS = [
    '"', "'", "a AND", "NEAR(a b)", "col:x", "text:error", "-error", "error*", "(", "^error", "a OR OR b",
    "* * *", "x' OR 1=1; DROP TABLE logs; --", "{error}", "error + fatal", "\x00error", "\ud800 error",
    "🔥💥", "%", "\\", "e" * 5000, "word " * 3000, "a-b.c:d/e@f", ":error", "日本語 エラー",
]  # fmt: skip


def lines(
    *texts: str, pod: str = "web-0", namespace: str = "shop", at: float = 0, **more: Any
) -> list[LogDocument]:
    """One line a second, the first ``at`` seconds after the start."""
    read = [LogLine(text=text, time=START + timedelta(seconds=at + i)) for i, text in enumerate(texts)]
    container = pod.partition("-")[0]
    built = build_documents(read, start=START, namespace=namespace, pod=pod, container=container)
    return [document.model_copy(update=more) for document in built]


def of_cluster(name: str, documents: Iterable[LogDocument]) -> list[LogDocument]:
    """The same lines, shipped from a cluster of that name."""
    return [one.model_copy(update={"cluster": name, "id": f"{name}-{one.id}"}) for one in documents]


def window(start: float, end: float) -> TimeWindow:
    """Seconds after the start."""
    return TimeWindow(start=START + timedelta(seconds=start), end=START + timedelta(seconds=end))


def ids(documents: Iterable[LogDocument]) -> list[str]:
    return [document.id for document in documents]


def messages(found: Sequence[LogHit]) -> list[str]:
    return [hit.document.message for hit in found]


async def find(store: LogStore, text: str, **query: object) -> list[str]:
    return messages(await store.search(LogQuery.model_validate({"text": text, **query})))


class ConceptEmbedder:
    """Words of one concept have one direction, every other word one by its hash."""

    CONCEPTS = (
        {"disk", "device", "space", "storage", "full", "exhausted", "left"},
        {"credentials", "password", "unauthorized", "login", "rejected", "permitted"},
    )

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.texts: list[str] = []

    @property
    def name(self) -> str:
        return "concepts/64"

    @property
    def dimensions(self) -> int:
        return 64

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self.down:
            raise EmbeddingUnavailable("The model is away.")
        self.texts += texts
        return [self.place(text) for text in texts]

    @classmethod
    def place(cls, text: str) -> Vector:
        values = [0.0] * 64
        for word in text.lower().split():
            concept = next((i for i, words in enumerate(cls.CONCEPTS) if word in words), None)
            place = 2 + blake2s(word.encode()).digest()[0] % 62 if concept is None else concept
            values[place] += 1.0 if concept is None else 3.0
        length = sqrt(sum(value * value for value in values)) or 1.0
        return tuple(value / length for value in values)


class LogStoreContract:
    """Subclasses have a fixture ``open_store``."""

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
            ("エラー", "接続 エラー: キャッシュ"),
            ("refused", '{"level":"info","msg":"dial failed","error":"refused"}'),
            ("HTTPServer", "starting HTTPServer on 8080"),
            ("server", "starting HTTPServer on 8080"),
        ],
    )
    async def test_words_are_found_whole_and_in_parts(
        self, open_store: OpenStore, query: str, message: str
    ) -> None:
        store = await open_store(lines("beginning", "listening", "ready", message))
        assert await find(store, query) == [message]

    async def test_any_text_is_a_legal_query(self, open_store: OpenStore) -> None:
        store = await open_store(lines("error one", "all fine"))
        for text in QUERIES_OF_ALL_KINDS:
            assert set(await find(store, text)) <= {"error one", "all fine"}, text
        assert await find(store, "error") == ["error one"]

    async def test_text_without_words_finds_nothing_and_no_text_everything(
        self, open_store: OpenStore
    ) -> None:
        store = await open_store(lines("ERROR one", "all fine", "WARN two"))
        assert await find(store, "🔥") == []
        assert await find(store, "") == ["ERROR one", "WARN two", "all fine"]

    async def test_json_keys_are_no_words_of_the_line(self, open_store: OpenStore) -> None:
        structured = '{"level":"error","msg":"order lost","caller":"api.go"}'
        store = await open_store(lines(structured, "message level is fine"))
        assert await find(store, "message level") == ["message level is fine"]
        assert await find(store, "order") == [structured]

    async def test_a_line_is_found_by_its_pod_and_container(self, open_store: OpenStore) -> None:
        store = await open_store(lines("ready", pod="payment-service-7d9f-x2k4p") + lines("begun"))
        assert await find(store, "payment-service") == ["ready"]
        assert await find(store, "payment") == ["ready"]

    async def test_severity_and_rarity_decide_between_equal_words(self, open_store: OpenStore) -> None:
        chatter = [f"INFO db query {n} took 5ms" for n in range(50)]
        store = await open_store(lines("ERROR db connection lost", *chatter))
        hits = await store.search(LogQuery(text="db", limit=3))
        assert hits[0].document.message == "ERROR db connection lost"
        assert hits[0].reason == "db; error; the only line of its kind"
        assert hits[1].reason == "db; info; 50 lines alike"
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    async def test_the_newer_of_equal_lines_comes_first(self, open_store: OpenStore) -> None:
        store = await open_store(lines("cache lost") + lines("cache lost", at=600))
        first, second = await store.search(LogQuery(text="cache"))
        assert first.document.time > second.document.time

    async def test_a_severe_line_is_seen_behind_any_amount_of_chatter(self, open_store: OpenStore) -> None:
        chatter = [f"INFO payment {n} payment done for payment service" for n in range(1500)]
        severe = "ERROR payment declined because the upstream closed the connection"
        store = await open_store(lines(severe, *chatter))
        assert severe in await find(store, "payment service", limit=5)

    async def test_hits_tell_different_things(self, open_store: OpenStore) -> None:
        loud = [f"ERROR db timeout after {n} ms" for n in range(30)]
        store = await open_store(lines("ERROR db certificate has expired", *loud))
        assert "ERROR db certificate has expired" in await find(store, "db timeout", limit=5)

    async def test_filters(self, open_store: OpenStore) -> None:
        store = await open_store(
            lines("ERROR a", "INFO a")
            + lines("ERROR a", pod="web-1", at=10)
            + lines("WARN a", pod="worker-0", at=20)
            + lines("ERROR a", namespace="shop-dev", at=30)
        )

        async def where(**query: object) -> list[tuple[str, str, Level]]:
            hits = await store.search(LogQuery.model_validate({"text": "a", **query}))
            return sorted((hit.document.namespace, hit.document.pod, hit.document.level) for hit in hits)

        assert await where(namespaces=("shop-dev",)) == [("shop-dev", "web-0", Level.ERROR)]
        assert len(await where(namespaces=("shop",))) == 4
        assert await where(pods=("worker-0",)) == [("shop", "worker-0", Level.WARNING)]
        assert len(await where(pods=("web-*",))) == 4
        assert await where(pods=("web-1", "wor*")) == [
            ("shop", "web-1", Level.ERROR),
            ("shop", "worker-0", Level.WARNING),
        ]
        assert await where(pods=("web",)) == []
        assert await where(pods=("%",)) == []
        assert await where(containers=("worker",)) == [("shop", "worker-0", Level.WARNING)]
        assert len(await where(min_level=Level.ERROR)) == 3
        assert len(await where(min_level=Level.WARNING)) == 4
        assert len(await where(namespaces=("shop", "shop-dev"), min_level=Level.ERROR)) == 3
        assert await where(namespaces=("nowhere",)) == []

    async def test_a_window_holds_both_of_its_ends(self, open_store: OpenStore) -> None:
        store = await open_store(lines("a 0", "a 1", "a 2", "a 3"))
        assert sorted(await find(store, "a", window=window(1, 2))) == ["a 1", "a 2"]
        assert await find(store, "", window=window(3, 60)) == ["a 3"]
        assert await find(store, "a", window=window(60, 90)) == []

    async def test_clusters_are_told_apart(self, open_store: OpenStore) -> None:
        blue = of_cluster("blue", lines("ERROR a", "INFO b"))
        green = of_cluster("green", lines("ERROR a", "INFO c"))
        store = await open_store(blue + green)

        hits = await store.search(LogQuery(text="a", clusters=("green",)))
        assert [hit.document.cluster for hit in hits] == ["green"]
        assert len(await store.search(LogQuery(text="a"))) == 2
        assert await store.search(LogQuery(text="a", clusters=("red",))) == []
        assert [one.message for one in await store.around(green[0])] == ["ERROR a", "INFO c"]
        counts = await store.histogram(LogQuery(clusters=("blue",)), MINUTE)
        assert sum(count.count for count in counts) == 2

    async def test_around(self, open_store: OpenStore) -> None:
        mine = lines(*(f"line {n}" for n in range(10)))
        store = await open_store(mine + lines(*(f"other {n}" for n in range(10)), pod="web-1"))

        async def near(row: int, before: int, after: int) -> list[str]:
            return ids(await store.around(mine[row], before=before, after=after))

        assert await near(5, 2, 1) == ids(mine[3:7])
        assert await near(0, 2, 1) == ids(mine[:2])
        assert await near(9, 0, 3) == ids(mine[9:])
        assert await near(4, -1, -1) == ids(mine[4:5])
        (stranger,) = lines("never stored", pod="web-9")
        assert await store.around(stranger) == [stranger]

    async def test_lines_of_one_moment_keep_their_order(self, open_store: OpenStore) -> None:
        trace = [LogLine(text=f"  at frame {n}", time=START) for n in range(9)]
        documents = build_documents(trace, start=START, namespace="shop", pod="web-0", container="web")
        store = await open_store(documents)
        assert ids(await store.around(documents[4], before=4, after=4)) == ids(documents)

    async def test_microseconds_order_lines(self, open_store: OpenStore) -> None:
        moments = [START + timedelta(microseconds=n) for n in (3, 1, 2, 0)]
        read = [LogLine(text=f"line {n}", time=moment) for n, moment in enumerate(moments)]
        documents = build_documents(read, start=START, namespace="shop", pod="web-0", container="web")
        store = await open_store(documents)
        told = [one.message for one in await store.around(documents[1], 3, 3)]
        assert told == ["line 3", "line 1", "line 2", "line 0"]

    async def test_histogram_counts_by_interval_and_severity(self, open_store: OpenStore) -> None:
        store = await open_store(
            lines("ERROR a", "INFO b", "INFO c")
            + lines("ERROR d", at=90)
            + lines("INFO e", namespace="other")
        )
        query = LogQuery(text="ignored", namespaces=("shop",))
        counts = [(count.start, count.level, count.count) for count in await store.histogram(query, MINUTE)]
        assert counts == [
            (START, Level.INFO, 2),
            (START, Level.ERROR, 1),
            (START + MINUTE, Level.ERROR, 1),
        ]
        errors = await store.histogram(LogQuery(min_level=Level.ERROR, window=window(60, 120)), MINUTE)
        assert [(count.start, count.count) for count in errors] == [(START + MINUTE, 1)]
        assert await store.histogram(LogQuery(namespaces=("nowhere",)), MINUTE) == []

    async def test_patterns_count_and_date_the_templates(self, open_store: OpenStore) -> None:
        chatter = [f"INFO served request {n} from 10.0.0.{n}:80 in {n}ms" for n in range(40)]
        store = await open_store(lines(*chatter) + lines("ERROR disk 7 is full", at=60))
        disk, request = await store.patterns(LogQuery(window=window(30, 300)))
        assert disk.template == "ERROR disk <N> is full"
        assert (disk.count, disk.level, disk.new) == (1, Level.ERROR, True)
        assert disk.sample.message == "ERROR disk 7 is full"
        assert request.template.startswith("INFO served request <N> from <IP> in <N>")
        assert (request.count, request.new) == (10, False)
        assert (request.first_seen, request.last_seen) == (
            START + timedelta(seconds=30),
            START + timedelta(seconds=39),
        )
        (everything, _) = sorted(await store.patterns(LogQuery()), key=lambda pattern: -pattern.count)
        assert (everything.count, everything.new) == (40, False)
        assert len(await store.patterns(LogQuery(limit=1))) == 1
        assert [one.count for one in await store.patterns(LogQuery(min_level=Level.ERROR))] == [1]

    async def test_nothing_is_new_without_older_lines(self, open_store: OpenStore) -> None:
        store = await open_store(lines("INFO a"))
        whole = LogQuery(window=window(-3600, 3600))
        assert [pattern.new for pattern in await store.patterns(whole)] == [False]

    async def test_a_document_comes_back_as_it_was(self, open_store: OpenStore) -> None:
        (document,) = lines(
            '{"msg":"Grüße 🔥","trace_id":"a1"}',
            host="node-a",
            labels={"app": "web", "app.kubernetes.io/name": "web", "a.b": "c"},
            previous=True,
            cluster="blue",
            service="web",
            template_id="0123456789abcdef",
            fields={"trace_id": "a1", "error.type": "x" * 2_000},
        )
        store = await open_store([document])
        assert [hit.document for hit in await store.search(LogQuery(text="grüße"))] == [document]

    async def test_a_huge_line_is_kept_and_found(self, open_store: OpenStore) -> None:
        huge = "payload " + "abcdefgh" * 1_990 + " needle"
        store = await open_store(lines(huge, "small"))
        assert await find(store, "needle") == [huge]

    async def test_a_line_that_comes_twice_is_one_document(self, open_store: OpenStore) -> None:
        store = await open_store([*lines("alpha", "beta"), *lines("alpha", "beta", "gamma")])
        assert sorted(await find(store, "")) == ["alpha", "beta", "gamma"]

    async def test_an_empty_scope_is_no_failure(self, open_store: OpenStore) -> None:
        store = await open_store(lines("a"))
        nowhere = LogQuery(namespaces=("nowhere",))
        assert await store.search(nowhere) == []
        assert await store.search(nowhere.model_copy(update={"text": "a"})) == []
        assert await store.patterns(nowhere) == []

    async def test_meaning_finds_what_no_word_does(self, open_store: OpenStore) -> None:
        full = "ERROR write failed: no space left on device"
        others = [f"INFO request {n} served" for n in range(30)]
        documents = lines(full, *others, "ERROR cannot resolve host")
        by_words = await open_store(documents)
        by_both = await open_store(documents, ConceptEmbedder())

        assert await find(by_words, "storage exhausted") == []
        assert (await find(by_both, "storage exhausted"))[0] == full
        assert by_both.notes == ()

    async def test_meaning_obeys_the_filters(self, open_store: OpenStore) -> None:
        documents = of_cluster("blue", lines("ERROR no space left on device", namespace="other"))
        documents += of_cluster("blue", lines("WARN device is full", at=600))
        documents += of_cluster("green", lines("WARN device is full", at=600))
        store = await open_store(documents, ConceptEmbedder())

        shop = await store.search(
            LogQuery(text="storage exhausted", namespaces=("shop",), clusters=("blue",))
        )
        early = await store.search(LogQuery(text="storage exhausted", window=window(0, 60)))
        assert [(hit.document.cluster, hit.document.namespace) for hit in shop] == [("blue", "shop")]
        assert messages(early) == ["ERROR no space left on device"]
        assert await find(store, "storage exhausted", pods=("db-*",)) == []

    async def test_words_outweigh_meaning(self, open_store: OpenStore) -> None:
        exact = "ERROR storage exhausted on shard 7"
        store = await open_store(lines("ERROR no space left on device", exact), ConceptEmbedder())
        assert (await find(store, "storage exhausted"))[0] == exact

    async def test_without_the_model_words_are_enough_and_it_is_said(self, open_store: OpenStore) -> None:
        embedder = ConceptEmbedder()
        store = await open_store(lines("ERROR device is full"), embedder)
        embedder.down = True
        assert await find(store, "device") == ["ERROR device is full"]
        assert store.notes == ("Logs were searched by words alone, not by meaning: The model is away.",)
