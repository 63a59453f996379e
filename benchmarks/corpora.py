"""Corpora of Fluent Bit records, the same at every run: recorded, plain and structured logs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

import orjson

from evals.dataset import load_cases

Record = dict[str, Any]

START = datetime(2026, 11, 24, 14, tzinfo=UTC)
SERVICES = (
    *(
        "checkout",
        "payment",
        "orders",
        "basket",
        "catalog",
        "search",
        "pricing",
        "stock",
        "shipping",
        "mailer",
    ),
    *(
        "login",
        "profile",
        "sessions",
        "gateway",
        "ratings",
        "invoices",
        "ledger",
        "fraud",
        "rewards",
        "images",
    ),
)
_NAMES = (
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "mallory",
    "peggy",
)
_TABLES = ("orders", "users", "carts", "payments", "events", "products", "refunds", "addresses")
_VERBS = (
    "loaded",
    "indexed",
    "published",
    "expired",
    "validated",
    "archived",
    "reconciled",
    "enqueued",
    "merged",
)
_CAUSES = (
    "connection refused",
    "no such host",
    "i/o timeout",
    "permission denied",
    "too many open files",
    "certificate has expired",
    "deadlock detected",
)


def take_recorded(count: int) -> Iterator[Record]:
    """The busiest recorded cluster, all its Pods mixed; from the start again when it ends."""
    logs = [list(_read_lines(case.incident.folder)) for case in load_cases()]
    return _replay(max(logs, key=len), count)


def take_all_recorded(count: int) -> Iterator[Record]:
    """All recorded clusters as if they were one: a hundred services that have little in common."""
    return _replay([line for case in load_cases() for line in _read_lines(case.incident.folder)], count)


def _replay(lines: list[tuple[str, str]], count: int) -> Iterator[Record]:
    Random(1).shuffle(lines)  # noqa: S311 (no secret)
    return islice((wrap(n, pod, text) for n, (pod, text) in enumerate(cycle(lines))), count)


def _read_lines(folder: Any) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / "logs").rglob("*.log")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if text := line.partition(" ")[2].strip():
                yield path.parent.name, text


def take_plain(count: int) -> Iterator[Record]:
    """Twenty services that log words, in four habits of loggers; one line in 300 is a trace, line by line."""
    random = Random(2)  # noqa: S311
    for number in range(count):
        service = random.choice(SERVICES)
        text = _trace(random, number) if number % 300 < 5 else _say(random, service)
        yield wrap(
            number, f"{service}-6d5f8b7c9d-x2k4p" if number % 300 >= 5 else "orders-6d5f8b7c9d-x2k4p", text
        )


def take_structured(count: int) -> Iterator[Record]:
    """The same services as the guide advises: a constant sentence, and fields for what varies."""
    random = Random(3)  # noqa: S311
    for number in range(count):
        service = random.choice(SERVICES)
        template, values = _choose(random, service)
        trouble = "failed" in template
        line = {
            "level": "error" if trouble else "info",
            "msg": " ".join(word for word in template.split() if "{" not in word),
            "trace_id": f"{random.getrandbits(128):032x}",
            "logger": service,
            **{key: value for key, value in values.items() if f"{{{key}}}" in template},
        }
        yield wrap(number, f"{service}-6d5f8b7c9d-x2k4p", orjson.dumps(line).decode())


CORPORA: dict[str, Callable[[int], Iterator[Record]]] = {
    "recorded cluster": take_recorded,
    "plain services": take_plain,
    "structured services": take_structured,
}

EXTREMES = {"all recorded clusters at once": take_all_recorded}
"""Measured and shown beside them."""


def _choose(random: Random, service: str) -> tuple[str, dict[str, Any]]:
    """One of some 200 templates, about ten a service, with values for its variables."""
    own = Random(f"{service} {random.randrange(10)}")  # noqa: S311
    verb, table, cause = own.choice(_VERBS), own.choice(_TABLES), own.choice(_CAUSES)
    templates = (
        f"{verb} {{count}} rows of {table} in {{took}}ms",
        f"{verb} batch {{id}} for user {{user}}",
        "request {id} from {ip} served in {took}ms",
        f"cache {table} hit ratio {{ratio}}",
        f"reading {table} at {{ip}} failed: {cause}",
    )
    values = {
        "count": random.randrange(1, 5_000),
        "took": random.randrange(1, 900),
        "id": f"{random.getrandbits(64):016x}",
        "user": random.choice(_NAMES),
        "ip": f"10.{random.randrange(4)}.{random.randrange(256)}.{random.randrange(256)}:5432",
        "ratio": round(random.random(), 3),
    }
    return own.choice(templates), values


def _say(random: Random, service: str) -> str:
    template, values = _choose(random, service)
    said, level = template.format(**values), "ERROR" if "failed" in template else "INFO"
    time = (START + timedelta(seconds=random.randrange(3_600))).isoformat()
    habits = (
        f"{time} {level} [{service}] {said}",
        f"{level[0]}1124 14:00:00.{random.randrange(10**6):06d} 1 {service}.go:42] {said}",
        f'level={level.lower()} component={service} msg="{said}"',
        f"[{level.lower()}] {service}: {said}",
    )
    return habits[SERVICES.index(service) % len(habits)]


def _trace(random: Random, number: int) -> str:
    lines = (
        "ERROR [orders] order failed",
        f"java.lang.IllegalStateException: no stock for {random.getrandbits(32):x}",
        f"\tat shop.Stock.take(Stock.java:{random.randrange(900)})",
        "Caused by: java.net.ConnectException: Connection refused",
        f"\t... {random.randrange(40)} more",
    )
    return lines[number % 300]


def wrap(number: int, pod: str, text: str) -> Record:
    """A line as Fluent Bit ships it."""
    moment = START + timedelta(microseconds=number * 700)
    return {
        "time": f"{moment:%Y-%m-%dT%H:%M:%S.%f}518Z",
        "stream": "stdout",
        "logtag": "F",
        "log": text,
        "kubernetes": {
            "pod_name": pod,
            "namespace_name": "shop",
            "container_name": pod.split("-")[0],
            "host": "node-a",
            "labels": {"app.kubernetes.io/name": pod.rsplit("-", 2)[0], "pod-template-hash": "6d5f8b7c9d"},
        },
    }
