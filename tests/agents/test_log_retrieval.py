from datetime import UTC, datetime, timedelta

import pytest

from agents.log_retrieval import (
    KEPT,
    PER_CONTAINER,
    find_silent,
    quote_lines,
    rank_lines,
    search_logs,
    summarise,
    write_queries,
)
from domain.evidence import Evidence, Source
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow
from tools.logs.embedded import EmbeddedLogStore
from tools.logs.store import Level, LogDocument
from tools.redaction import Redactor

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHOP = ObjectRef(kind="Deployment", name="basket", namespace="shop")


def scope(*workloads: ObjectRef, words: tuple[str, ...] = ()) -> Scope:
    window = TimeWindow(start=NOON - timedelta(hours=1), end=NOON)
    return Scope(cluster="c", window=window, namespaces=("shop",), workloads=workloads, words=words)


def line(
    message: str, level: Level = Level.INFO, minute: int = 0, pod: str = "basket-7f-abc", **more: object
):
    moment = NOON - timedelta(minutes=59 - minute)
    container = pod.split("-")[0]
    fields = {"namespace": "shop", "container": container, "time": moment, "level": level} | more
    return LogDocument(id=f"{pod}-{minute}-{message}", message=message, pod=pod, **fields)


async def retrieve(
    documents: list[LogDocument], about: Scope, question: str = "why?"
) -> tuple[Evidence, ...]:
    store = EmbeddedLogStore.open(documents)
    try:
        found = await search_logs(write_queries(question, about), about, store)
        return await quote_lines(rank_lines(found, about), store, Redactor())
    finally:
        await store.close()


async def test_the_line_that_explains_comes_first_out_of_chatter():
    chatter = [line(f"GET /health 200 {n}ms", minute=n % 59, pod="web-1-x") for n in range(300)]
    warning = [line(f"slow query took {n}ms", Level.WARNING, n % 59, "orders-1-x") for n in range(30)]
    cause = line("dial tcp 10.0.0.7:5432: connection refused", Level.ERROR, 30)
    evidence = await retrieve([*chatter, cause, *warning], scope(SHOP))
    assert evidence[0].text == cause.message
    assert not any("/health" in item.text for item in evidence)


async def test_evidence_names_pod_time_and_the_command_that_shows_it():
    cause = line("exiting: no such file /etc/app.conf", Level.FATAL, previous=True)
    (item,) = await retrieve([cause], scope(SHOP))
    assert item.source is Source.LOG
    assert item.object == ObjectRef(kind="Pod", name="basket-7f-abc", namespace="shop")
    assert item.time == cause.time
    assert item.command == "kubectl logs basket-7f-abc -n shop -c basket --previous"


async def test_lines_alike_are_told_once_whatever_pod_wrote_them():
    pods = ("basket-7f-abc", "basket-7f-def", "basket-7f-ghi")
    retries = [line(f"attempt {n} failed: timed out", Level.ERROR, n, pod) for pod in pods for n in range(40)]
    evidence = await retrieve(retries, scope(SHOP))
    assert len(evidence) == 1


async def test_one_noisy_container_does_not_crowd_out_the_others():
    noisy = [line(f"cannot frobnicate {word}", Level.ERROR, n) for n, word in enumerate("abcdefghijklmnop")]
    quiet = line("permission denied", Level.ERROR, 5, "orders-1-x")
    evidence = await retrieve([*noisy, quiet], scope(SHOP))
    assert len([item for item in evidence if "frobnicate" in item.text]) == PER_CONTAINER
    assert any(item.text == "permission denied" for item in evidence)


async def test_the_number_of_lines_is_bounded():
    words = "abcdefghijklmnopqrstuvwxyz"
    many = [line(f"cannot {word}", Level.ERROR, n, f"{word}-1-x") for n, word in enumerate(words)]
    assert len(await retrieve(many, scope())) == KEPT


async def test_the_culprit_is_found_although_the_question_names_another():
    other = line("FATAL out of memory", Level.FATAL, 10, "cache-9-x")
    own = [line(f"served {n}", minute=n) for n in range(50)]
    evidence = await retrieve([*own, other], scope(SHOP))
    assert [item.text for item in evidence] == [other.message]


async def test_secrets_are_redacted_and_long_lines_bounded():
    secret = line("login failed: password=hunter2secret for db", Level.ERROR)
    long = line("error: " + "x" * 5000, Level.ERROR, 3)
    evidence = await retrieve([secret, long], scope(SHOP))
    text = "\n".join(item.text for item in evidence)
    assert "hunter2secret" not in text
    assert max(len(item.text) for item in evidence) < 1000


async def test_a_traceback_brings_the_line_that_names_the_error():
    texts = [
        "Traceback (most recent call last):",
        '  File "app.py", line 3, in <module>',
        "KeyError: 'DB_HOST'",
    ]
    evidence = await retrieve(
        [line(text, Level.ERROR if n == 0 else Level.INFO, n) for n, text in enumerate(texts)], scope(SHOP)
    )
    assert "KeyError: 'DB_HOST'" in evidence[0].text


async def test_lines_outside_the_window_and_other_namespaces_are_left_alone():
    old = line("fatal: too old", Level.FATAL, time=NOON - timedelta(hours=3))
    foreign = line("fatal: foreign", Level.FATAL, namespace="other")
    assert await retrieve([old, foreign], scope(SHOP)) == ()


async def test_the_summary_says_what_was_searched_and_who_was_silent():
    silent = ObjectRef(kind="Deployment", name="cache", namespace="shop")
    about = scope(SHOP, silent)
    store = EmbeddedLogStore.open([line("all is well", minute=n) for n in range(5)])
    found = await search_logs(write_queries("why?", about), about, store)
    lines = rank_lines(found, about)
    await store.close()
    assert find_silent(found, about) == (silent,)
    told = summarise(lines, found, about)
    assert "5 log lines of shop" in told
    assert "none speaks of a failure" in told
    assert "Deployment shop/cache" in told


@pytest.mark.parametrize("kind", ["Node", "Service", "Ingress"])
def test_what_owns_no_pods_narrows_no_search(kind: str):
    queries = write_queries("why?", scope(ObjectRef(kind=kind, name="basket", namespace="shop")))
    assert all(not query.pods for query in queries)
