"""Templates that are the same in every process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.logs.templates import TemplateGroups, find_template, identify_template, strip_head


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("request 17 took 5ms", "request 90211 took 1250ms"),
        ("GET /users/17?page=2 200 1.5s", "GET /users/4?page=9&size=5 404 12s"),
        ("connect to 10.0.0.17:5432 failed", "connect to 10.3.1.2:5432 failed"),
        ("pod web-7d9f8c7b6d-x2k4p evicted", "pod web-5c6d7e8f9a-q9w8z evicted"),
        ("mail to alice@example.com sent", "mail to b.o+b@mail.example.org sent"),
        ("job 4bf92f35-77b3-4da6-a3ce-929d0e0e4736 done", "job 00f067aa-0ba9-02b7-9e1f-0123456789ab done"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace 00f067aa0ba902b7"),
        ("at 2026-11-24T14:05:24Z stopped", "at 2025-01-02 03:04:05,678 stopped"),
        ("disk 91% full, 1.5GiB left", "disk 100% full, 12MiB left"),
        ("boom\n\tat A.b(A.java:1)\n\tat C.d(C.java:2)", "boom\n\tat E.f(E.java:3)"),
    ],
)
def test_lines_alike_have_one_template(first: str, second: str) -> None:
    assert find_template(first) == find_template(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("connection refused", "connection reset"),
        ('configmap "cache-config" not found', 'configmap "web-config" not found'),
        ("boom\nCaused by: java.net.ConnectException", "boom\nCaused by: java.io.IOException"),
        ("using http2", "using http3"),
    ],
)
def test_lines_that_differ_in_words_do_not(first: str, second: str) -> None:
    assert identify_template(find_template(first)) != identify_template(find_template(second))


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("INFO [mail-relay] listening on <IP>", "listening on <IP>"),
        ("[error] orders: no stock", "orders: no stock"),
        ("WARN: slow", "slow"),
        ("information desk closed", "information desk closed"),
        ("ERROR", "ERROR"),
        ("[main]", "[main]"),
    ],
)
def test_level_and_logger_are_no_part_of_the_meaning(template: str, told: str) -> None:
    assert strip_head(template) == told


def test_groups_join_what_differs_by_a_name_and_nothing_else() -> None:
    groups = TemplateGroups()
    numbers = [groups.group_of(f"session of user {name} was closed") for name in ("alice", "bob", "carol")]
    assert len(set(numbers)) == 1
    assert groups.group_of("cannot open port, address in use") not in numbers


@given(st.text(max_size=300))
def test_any_text_has_a_template_that_is_bounded_and_stable(text: str) -> None:
    template = find_template(text)
    assert find_template(text) == template
    assert len(template) <= 1_000 * 6
    assert len(identify_template(template)) == 16
