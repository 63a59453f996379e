"""Secrets of all kinds go, wherever they stand."""

import pytest

from tests.tools.redaction.planted import Planted, plant
from tools.redaction import redact

SEEDS = range(5)
ONE_OF_EACH = plant(SEEDS[0])


def test_there_are_many_kinds() -> None:
    kinds = {planted.kind for planted in ONE_OF_EACH}

    assert len(kinds) == len(ONE_OF_EACH) >= 150


@pytest.mark.parametrize("number", range(len(ONE_OF_EACH)), ids=[planted.kind for planted in ONE_OF_EACH])
def test_nothing_of_it_is_left(number: int) -> None:
    for planted in (plant(seed)[number] for seed in SEEDS):
        told = redact(planted.text)

        assert not planted.leaks_in(told), told
        assert "<secret:1>" in told


@pytest.mark.parametrize("planted", ONE_OF_EACH, ids=[planted.kind for planted in ONE_OF_EACH])
def test_redacting_twice_changes_nothing(planted: Planted) -> None:
    once = redact(planted.text)

    assert redact(once) == once


def test_they_are_found_in_one_text_too() -> None:
    all_of_them = [planted for seed in SEEDS for planted in plant(seed)]

    told = redact("\n---\n".join(planted.text for planted in all_of_them))

    assert [planted.kind for planted in all_of_them if planted.leaks_in(told)] == []


def test_what_does_not_belong_to_a_secret_stays() -> None:
    told = redact("postgres://app:hunter-2x@db.shop.svc:5432/orders?sslmode=disable: refused")

    assert told == "postgres://app:<secret:1>@db.shop.svc:5432/orders?sslmode=disable: refused"
