"""Columns, ages and cuts."""

from datetime import UTC, datetime, timedelta

import pytest

from tools.kubectl.text import align, escape_control, lay_out_table, tell_age, tell_span
from tools.kubectl.trimming import trim


def test_columns_are_runs_of_lines() -> None:
    assert align("a\tb\nlong one\tc\nno columns\nx\ty") == "a         b\nlong one  c\nno columns\nx  y"
    assert align("Name:\tx\nLabels:\ta=1\n\tb=2") == "Name:    x\nLabels:  a=1\n         b=2"


def test_tables_are_laid_out_as_kubectl_does() -> None:
    assert lay_out_table([["NAME", "AGE"], ["a", "5m"]]) == "NAME   AGE\na      5m"
    assert lay_out_table([["MESSAGE", "N"], ["two\nlines", "1"]]) == "MESSAGE   N\ntwo...    1"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        ("-5s", "<invalid>"), ("-1s", "0s"), ("0s", "0s"), ("119s", "119s"), ("120s", "2m"),
        ("125s", "2m5s"), ("9m59s", "9m59s"), ("10m59s", "10m"), ("179m", "179m"), ("3h", "3h"),
        ("3h5m", "3h5m"), ("7h59m", "7h59m"), ("8h30m", "8h"), ("47h", "47h"), ("2d", "2d"), ("2d3h", "2d3h"),
        ("7d23h", "7d23h"), ("8d5h", "8d"), ("729d", "729d"), ("730d", "2y"), ("735d", "2y5d"),
        ("3000d", "8y"),
    ],
)  # fmt: skip
def test_spans_read_as_in_kubectl(span: str, text: str) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    sign = -1 if span.startswith("-") else 1
    seconds, number = 0, ""
    for character in span.removeprefix("-"):
        if character.isdigit():
            number += character
        else:
            seconds, number = seconds + int(number) * units[character], ""
    assert tell_span(sign * seconds) == text


def test_ages_count_from_the_given_moment() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert tell_age("2025-12-31T23:59:00Z", now) == "60s"
    assert tell_age(now - timedelta(days=1), now) == "24h"
    assert tell_age(None, now) == "<unknown>"


def test_control_characters_become_visible() -> None:
    assert escape_control("a\x1b[0m\r\n\tb\x07") == "a\\x1b[0m\\x0d\n\tb\\x07"


def test_a_short_text_stays_as_it_is() -> None:
    assert trim("one\ntwo", 100) == ("one\ntwo", False)


def test_head_trouble_and_tail_stay() -> None:
    lines = [f"request {n} took 20ms" for n in range(1000)]
    lines[400] = "ERROR connection refused"
    text, truncated = trim("\n".join(lines), 1500, head=2, tail=10)
    assert truncated
    assert len(text) <= 1500
    kept = text.split("\n")
    assert kept[:2] == lines[:2]
    assert kept[-10:] == lines[-10:]
    assert "ERROR connection refused" in kept
    gaps = [int(line.split()[1]) for line in kept if "left out" in line]
    assert sum(gaps) + len(kept) - len(gaps) == 1000, "every line is kept or counted"


def test_when_everything_is_trouble_the_newest_stays() -> None:
    lines = [f"ERROR {n}" for n in range(1000)]
    text, _ = trim("\n".join(lines), 500, head=1, tail=0)
    assert text.startswith("ERROR 0\n")
    assert text.endswith("ERROR 998\nERROR 999")
    assert len(text) <= 500


def test_a_document_keeps_its_beginning() -> None:
    text, _ = trim("\n".join(f"field-{n}: error" for n in range(500)), 600, head=10**6, tail=0)
    assert text.startswith("field-0: error\nfield-1: error\n")
    assert text.endswith("lines left out ...")


def test_one_long_line_is_cut() -> None:
    text, truncated = trim("x" * 50_000, 6000)
    assert truncated
    assert text == "x" * 1000 + " ... 49000 characters left out ..."
