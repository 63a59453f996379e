"""Traces of the common languages that arrive line by line, between lines of others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.multiline import Joined, join_lines
from pipeline.records import Context, read_record
from tests.pipeline.records import ARRIVED, container_line

JAVA = """2026-11-24 14:05:24,291 ERROR [main] shop.Orders - order failed
java.lang.IllegalStateException: no stock
\tat shop.Stock.take(Stock.java:42) ~[app.jar:na]
\tat shop.Orders.place(Orders.java:17) ~[app.jar:na]
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect0(Native Method)
\t... 12 common frames omitted"""
PYTHON = """ERROR:shop:order failed
Traceback (most recent call last):
  File "/app/stock.py", line 42, in take
    raise KeyError(sku)
KeyError: 'A-17'
During handling of the above exception, another exception occurred:
Traceback (most recent call last):
  File "/app/orders.py", line 17, in place
    take(sku)
shop.errors.OutOfStock: A-17"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49a5f2]
goroutine 1 [running]:
main.(*Stock).Take(0x0, {0x4b1d5c, 0x4})
\t/app/stock.go:42 +0x1d
main.main()
\t/app/main.go:17 +0x65
exit status 2"""
NODE = """TypeError: Cannot read properties of undefined (reading 'sku')
    at Stock.take (/app/stock.js:42:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'ERR_STOCK'
}"""
DOTNET = """Unhandled exception. System.InvalidOperationException: no stock
   at Shop.Stock.Take(String sku) in /app/Stock.cs:line 42
--- End of stack trace from previous location ---
   at Shop.Orders.Place() in /app/Orders.cs:line 17"""
TRACES = [JAVA, PYTHON, GO, NODE, DOTNET]
PLAIN = (
    "INFO started on port 8080",
    "GET /healthz 200",
    "WARN slow query",
    '{"level":"error","msg":"lost"}',
    "done.",
)


def join(*records: dict[str, Any]) -> list[Joined]:
    entries = [
        read_record(record, Context("c", f"s:{number}", ARRIVED, number, number))
        for number, record in enumerate(records)
    ]
    return join_lines(entry for entry in entries if entry)


def texts(*records: dict[str, Any]) -> list[str]:
    return [joined.entry.text for joined in join(*records)]


@pytest.mark.parametrize("trace", TRACES)
def test_a_trace_is_one_entry_between_other_lines(trace: str) -> None:
    lines = ["INFO before", *trace.split("\n"), "INFO after"]
    records = [container_line(line, number) for number, line in enumerate(lines)]
    assert texts(*records) == ["INFO before", trace, "INFO after"]


@pytest.mark.parametrize("trace", TRACES)
def test_lines_of_another_container_or_stream_do_not_cut_it(trace: str) -> None:
    records: list[dict[str, Any]] = []
    for number, line in enumerate(trace.split("\n")):
        records += [container_line(line, number * 2), container_line("GET /", number * 2 + 1, pod="web-1")]
        records += [container_line("noise", number * 2 + 1, stream="stdout")]
    assert trace in texts(*records)


def test_the_order_of_arrival_does_not_count_and_copies_do_not() -> None:
    records = [container_line(line, number) for number, line in enumerate(JAVA.split("\n"))]
    (joined,) = join(*reversed(records), *records)
    assert joined.entry.text == JAVA
    assert joined.sources == frozenset(range(2 * len(records)))


def test_plain_lines_are_never_joined() -> None:
    records = [container_line(line, number) for number, line in enumerate(PLAIN)]
    assert texts(*records) == list(PLAIN)


def test_what_comes_much_later_is_no_part_of_it() -> None:
    first, second = (
        container_line("panic: x"),
        container_line("\t/app/main.go:17", time="2026-11-24T14:05:29.5Z"),
    )
    assert len(texts(first, second)) == 2


def test_a_line_that_the_runtime_cut_is_whole_again() -> None:
    head, middle, tail = '{"msg":"' + "x" * 16_000, "y" * 16_000, '","level":"error"}'
    records = [
        container_line(head, 1, logtag="P"),
        container_line(middle, 2, logtag="P"),
        container_line(tail, 3),
    ]
    assert texts(*records) == [head + middle + tail]


@given(
    st.lists(
        st.sampled_from([*PLAIN, *(line for trace in TRACES for line in trace.split("\n"))]), max_size=40
    )
)
def test_no_text_is_lost_or_repeated(lines: list[str]) -> None:
    records = [container_line(line, number) for number, line in enumerate(lines)]
    assert "\n".join(texts(*records)) == "\n".join(lines)
