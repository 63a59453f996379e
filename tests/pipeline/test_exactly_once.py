"""Whatever is delivered, however OpenSearch fails: each line once, each bad record put aside.

The stream is played as Lambda's event source mapping plays it: after a partial failure it goes back to the
first record that failed, and delivers everything from there on again.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.assemble import open_pipeline
from pipeline.delivery import Delivery
from pipeline.process import Pipeline
from tests.loopback.opensearch import WHOLE, LoopbackOpenSearch, serve_opensearch
from tests.pipeline.parts import describe
from tests.pipeline.records import ARRIVED, container_line, kubelet_line, kubernetes_event

REJECTED = "a mapping that does not fit"
BAD = (
    b"",
    b"not json",
    b'{"log": "cut of',
    b"[1, 2]",
    b"\x1f\x8b\x08broken gzip",
    b"\xf3\x89\x9a\xc2 no aggregate",
    b"\xff\xfe\x00",
    b'{"kubernetes": {"pod_name": "web-0"}}',
    b'{"log": 17}',
)
LINES = st.one_of(
    st.builds(lambda n: container_line(f"token{n:05d}x request failed", n), st.integers(0, 40)),
    st.builds(
        lambda n: container_line(f"token{n:05d}x started", n, time="2026-11-24T14:05:24Z"),
        st.integers(41, 60),
    ),
    st.builds(
        lambda n: kubelet_line(f"E1124 token{n:05d}x", _SOURCE_REALTIME_TIMESTAMP=str(1795529124000000 + n)),
        st.integers(61, 80),
    ),
    st.builds(lambda n: kubernetes_event("Failed", f"token{n:05d}x", version=n), st.integers(81, 99)),
)
DELIVERIES = st.lists(
    st.one_of(
        LINES.map(orjson.dumps),
        st.lists(LINES, min_size=2, max_size=4).map(lambda lines: b"\n".join(map(orjson.dumps, lines))),
        st.sampled_from(BAD),
        st.just(orjson.dumps(container_line(REJECTED, 999))),
    ),
    max_size=14,
)
STEP = st.one_of(st.just(WHOLE), st.lists(st.sampled_from([201, 429, 503]), min_size=1, max_size=14))
CUTS = st.lists(st.integers(1, 6), max_size=6)


def expect(stream: Sequence[bytes]) -> tuple[set[str], Counter[bytes]]:
    """The tokens of all good lines, and the bad deliveries."""
    tokens: set[str] = set()
    bad: Counter[bytes] = Counter()
    for data in stream:
        if data in BAD:
            bad[data] += 1
        else:
            tokens |= {word for word in data.decode().replace('"', " ").split() if word.startswith("token")}
    return tokens, bad


async def play(pipeline: Pipeline, stream: Sequence[bytes], cuts: Sequence[int]) -> None:
    """Deliver in batches of the given sizes, each until nothing of it fails."""
    deliveries = [Delivery(f"shard-0:{number:05d}", data, ARRIVED) for number, data in enumerate(stream)]
    sizes = iter(cuts)
    while deliveries:
        size = next(sizes, 5)
        batch, deliveries = deliveries[:size], deliveries[size:]
        for _ in range(100):
            report = await pipeline.process(batch)
            if not report.failed:
                break
            batch = batch[min(report.failed) :]
        else:
            raise AssertionError(f"still failing: {report.why}")


async def run(
    opensearch: LoopbackOpenSearch, folder: Path, stream: Sequence[bytes], cuts: Sequence[int]
) -> list[Any]:
    letters = folder / "dead.ndjson"
    async with open_pipeline(describe(opensearch.url, letters)) as pipeline:
        await play(pipeline, stream, cuts)
    return [json.loads(line) for line in letters.read_text().splitlines()] if letters.exists() else []


async def check(stream: Sequence[bytes], script: list[Any], cuts: Sequence[int]) -> None:
    tokens, bad = expect(stream)
    async with serve_opensearch() as opensearch:
        opensearch.script, opensearch.poison = list(script), REJECTED
        with TemporaryDirectory() as folder:
            letters = await run(opensearch, Path(folder), stream, cuts)
        written = Counter(
            word
            for document in opensearch.lines()
            for word in document["message"].replace(":", " ").split()
            if word.startswith("token")
        )
        exact = {token: count for token, count in written.items() if not 41 <= int(token[5:10]) <= 60}
        assert set(written) == tokens
        assert set(exact.values()) <= {1}
        assert not [key for key, count in opensearch.created.items() if count > 1]
        _check_inexact(stream, written)
    _check_letters(letters, stream, bad)


def _check_inexact(stream: Sequence[bytes], written: Counter[str]) -> None:
    """Lines whose time is in seconds are one document a record: equal ones may be different lines."""
    records = Counter(
        word
        for data in stream
        if data not in BAD
        for word in data.decode().replace('"', " ").split()
        if word.startswith("token") and 41 <= int(word[5:10]) <= 60
    )
    assert {token: written[token] for token in records} == records


def _check_letters(letters: Sequence[dict[str, Any]], stream: Sequence[bytes], bad: Counter[bytes]) -> None:
    assert all(letter["reason"] for letter in letters)
    positions = {letter["position"].partition("#")[0] for letter in letters}
    refused = [number for number, data in enumerate(stream) if REJECTED.encode() in data]
    expected = {f"shard-0:{number:05d}" for number, data in enumerate(stream) if data in bad}
    assert expected <= positions <= expected | {f"shard-0:{number:05d}" for number in refused}
    assert bool(refused) == any(REJECTED in letter.get("record", "") for letter in letters)


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(stream=DELIVERIES, script=st.lists(STEP, max_size=8), cuts=CUTS)
def test_each_good_line_is_there_once_and_each_bad_record_is_put_aside(
    stream: list[bytes], script: list[Any], cuts: list[int]
) -> None:
    asyncio.run(check(stream, script, cuts))


@settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(stream=DELIVERIES, script=st.lists(STEP, max_size=4), order=st.randoms(use_true_random=False))
def test_a_producer_that_sends_everything_again_in_another_order_changes_nothing(
    stream: list[bytes], script: list[Any], order: Any
) -> None:
    exact = [data for data in stream if b"14:05:24Z" not in data]
    again = list(exact)
    order.shuffle(again)
    asyncio.run(check([*exact, *again], script, []))
