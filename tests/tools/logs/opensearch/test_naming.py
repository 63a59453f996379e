import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MalformedSettings
from domain.settings import OpenSearchSettings
from tools.logs.opensearch.naming import MAX_BYTES, IndexPattern, index_name
from tools.logs.store import Level, LogDocument

MIDNIGHT = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=1)))


def document(**fields: object) -> LogDocument:
    known = {"id": "1", "time": MIDNIGHT, "message": "m", "level": Level.INFO}
    place = {"namespace": "shop", "pod": "web-0", "container": "web", "service": "web", "cluster": "prod"}
    return LogDocument.model_validate(known | place | fields)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (IndexPattern(), "web-2026.11.23"),
        (IndexPattern(prefix="logs-"), "logs-web-2026.11.23"),
        (IndexPattern("{cluster}-{namespace}-{service}-{date}"), "prod-shop-web-2026.11.23"),
        (IndexPattern("{service}-{date}", date_format="%Y-%m"), "web-2026-11"),
        (IndexPattern("{service}-{date}-v1", date_format="%G.w%V"), "web-2026.w48-v1"),
    ],
)
def test_an_index_is_named_by_service_and_the_date_of_the_event_in_utc(
    pattern: IndexPattern, name: str
) -> None:
    assert index_name(document(), pattern) == name


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"service": "Payment Service"}, "payment-service-2026.11.23"),
        ({"service": 'a/b\\c:d*e?f"g<h>i|j,k#l'}, "a-b-c-d-e-f-g-h-i-j-k-l-2026.11.23"),
        ({"service": "_internal"}, "internal-2026.11.23"),
        ({"service": ".security"}, "security-2026.11.23"),
        ({"service": "..", "container": ""}, "unknown-2026.11.23"),
        ({"service": "", "container": "sidecar"}, "sidecar-2026.11.23"),
        ({"service": "", "container": ""}, "unknown-2026.11.23"),
        ({"service": "x" * 300}, "x" * (MAX_BYTES - len("2026.11.23")) + "2026.11.23"),
    ],
)
def test_names_are_legal_whatever_a_line_says_of_itself(fields: dict[str, object], name: str) -> None:
    assert index_name(document(**fields), IndexPattern()) == name


@given(service=st.text(max_size=400), prefix=st.text(alphabet=string.ascii_letters + "-_.", max_size=10))
def test_any_name_is_legal(service: str, prefix: str) -> None:
    name = index_name(document(service=service), IndexPattern(prefix=prefix))

    assert 0 < len(name.encode()) <= MAX_BYTES
    assert name == name.lower()
    assert not set(name) & set('\\/*?"<>| ,#:')
    assert name[0] not in "-_+." and name.endswith("2026.11.23")


@pytest.mark.parametrize(
    ("pattern", "wildcard"),
    [
        (IndexPattern(), "*-*.*.*"),
        (IndexPattern(prefix="logs-"), "logs-*-*.*.*"),
        (IndexPattern("{cluster}{service}-{date}", "Logs-", "%Y%m%d"), "logs-*-*"),
    ],
)
def test_the_wildcard_covers_the_names(pattern: IndexPattern, wildcard: str) -> None:
    assert pattern.wildcard() == wildcard


@pytest.mark.parametrize(
    ("text", "complaint"), [("{service}", "needs {date}"), ("{pod}-{date}", "not {pod}")]
)
def test_forms_that_name_no_index_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(MalformedSettings, match=complaint):
        IndexPattern.of(OpenSearchSettings(index=text))


def test_a_moment_just_after_midnight_in_utc_is_the_next_day() -> None:
    late = document(time=datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC))
    assert index_name(late, IndexPattern()) == "web-2026.11.23"
    assert (
        index_name(document(time=late.time + timedelta(microseconds=1)), IndexPattern()) == "web-2026.11.24"
    )
