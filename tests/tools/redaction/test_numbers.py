"""One secret has one number throughout an investigation, in a later process too."""

import json

import pytest

from domain.settings import RedactionSettings
from tools.redaction import Redactor

FIRST = "tr0ub4dor-3x"
OTHER = "c0rrect-h0rse"


def test_two_mentions_in_two_texts_are_recognisable_as_one() -> None:
    redactor = Redactor()

    assert redactor.redact(f"DB_PASSWORD={FIRST}") == "DB_PASSWORD=<secret:1>"
    assert redactor.redact(f"password: {OTHER}") == "password: <secret:2>"
    assert redactor.redact(f"postgres://app:{FIRST}@db/x") == "postgres://app:<secret:1>@db/x"


def test_what_was_recognised_once_is_hidden_where_nothing_tells_it() -> None:
    redactor = Redactor()
    line = f"login as app with {FIRST} failed"
    assert redactor.redact(line) == line

    redactor.redact(f"DB_PASSWORD={FIRST}")

    assert redactor.redact(line) == "login as app with <secret:1> failed"


@pytest.mark.parametrize("chosen_badly", ["postgres", "redis-master", "Production", "12345678"])
def test_a_password_that_is_a_name_or_a_number_hides_no_other_mention(chosen_badly: str) -> None:
    redactor = Redactor()
    redactor.redact(f"DB_PASSWORD={chosen_badly}")

    assert redactor.redact(f"image {chosen_badly} pulled") == f"image {chosen_badly} pulled"


def test_a_later_process_goes_on_with_the_numbers() -> None:
    first = Redactor()
    first.redact(f"password={FIRST} token={OTHER}")
    checkpoint = json.dumps(first.numbers.remember())

    later = Redactor()
    later.numbers.recall(json.loads(checkpoint))

    assert later.redact(f"password={OTHER}") == "password=<secret:2>"
    assert later.redact("password=never-seen-4711") == "password=<secret:3>"
    assert later.redact(f"password={FIRST}") == "password=<secret:1>"


def test_what_is_remembered_tells_no_secret() -> None:
    redactor = Redactor()
    redactor.redact(f"password={FIRST}")
    another = Redactor()
    another.redact(f"password={FIRST}")

    remembered, other = redactor.numbers.remember(), another.numbers.remember()

    assert remembered and other
    assert FIRST not in json.dumps(remembered)
    assert remembered["digests"].keys() != other["digests"].keys()


def test_beyond_what_is_remembered_a_number_is_given_to_nobody_else() -> None:
    first = Redactor()
    for number in range(700):
        first.redact(f"token={number:08}-{number:016x}abcdefgh")
    later = Redactor()
    later.numbers.recall(first.numbers.remember())

    assert later.redact("password=never-seen-4711") == "password=<secret:701>"


def test_without_secrets_there_is_nothing_to_remember() -> None:
    redactor = Redactor()
    redactor.redact("all is well")

    assert redactor.numbers.remember() is None


def test_addresses_and_mail_are_hidden_on_request_only() -> None:
    text = "mail ops@example.com from 10.1.2.3 and fe80::1 via 127.0.0.1, again 10.1.2.3, version 1.2.3.4.5"
    everything = Redactor(RedactionSettings(emails=True, addresses=True))

    assert Redactor().redact(text) == text
    assert everything.redact(text) == (
        "mail <email:1> from <ip:2> and <ip:3> via 127.0.0.1, again <ip:2>, version 1.2.3.4.5"
    )
