from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.logs.contract import lines
from tools.logs.opensearch.documents import MAX_VALUE, decode, encode
from tools.logs.store import Level, LogDocument
from tools.logs.templates import find_template, identify_template

TEXTS = st.text(max_size=200)
DOCUMENTS = st.builds(
    LogDocument,
    id=st.text("0123456789abcdef", min_size=1, max_size=20),
    time=st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    message=TEXTS,
    level=st.sampled_from(Level),
    namespace=TEXTS,
    pod=TEXTS,
    container=TEXTS,
    host=TEXTS,
    labels=st.dictionaries(TEXTS, TEXTS, max_size=3),
    previous=st.booleans(),
    cluster=TEXTS,
    service=TEXTS,
    template_id=st.just("0123456789abcdef"),
    fields=st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@given(DOCUMENTS)
def test_a_document_survives_the_way_there_and_back(document: LogDocument) -> None:
    source = orjson.loads(orjson.dumps(encode(document)))
    assert decode(document.id, source) == document


def test_fluent_bits_names_are_kept_and_times_are_utc() -> None:
    (document,) = lines("ERROR lost", host="node-a", labels={"app": "web"}, service="web", cluster="blue")
    berlin = timezone(timedelta(hours=1))
    source = encode(document.model_copy(update={"time": document.time.astimezone(berlin)}), (0.5, 0.25))
    assert source["@timestamp"] == "2026-11-24T14:00:00+00:00"
    assert source["kubernetes"] == {
        "namespace_name": "shop",
        "pod_name": "web-0",
        "container_name": "web",
        "host": "node-a",
        "labels": {"app": "web"},
    }
    assert (source["level"], source["severity"], source["cluster"]) == ("error", 40, "blue")
    assert list(source["vector"]) == [0.5, 0.25]


def test_what_is_searched_is_what_the_line_tells() -> None:
    (document,) = lines('{"level":"error","msg":"order 7 lost","user":"ann"}')
    source = encode(document)
    assert source["text"] == "order 7 lost user=ann"
    assert source["message"] == document.message
    assert source["template_id"] == identify_template(find_template(source["text"]))
    assert "vector" not in source


def test_what_json_or_an_index_cannot_hold_is_made_fit() -> None:
    (document,) = lines("broken \ud800 half", fields={"\udfff": "x" * 100_000})
    source = orjson.loads(orjson.dumps(encode(document)))
    assert source["message"] == "broken ? half"
    assert source["fields"] == {"?": "x" * MAX_VALUE}


@pytest.mark.parametrize(
    "source",
    [
        {"log": "no time", "kubernetes": {"pod_name": "web-0"}},
        {"@timestamp": "2026-11-24T14:00:00Z", "MESSAGE": "of the node's journal"},
        {"@timestamp": "2026-11-24T14:00:00Z", "log": "", "kubernetes": {"pod_name": "web-0"}},
        {},
    ],
)
def test_what_is_no_line_of_a_container_is_left_out(source: dict[str, Any]) -> None:
    assert decode("1", source) is None


def test_a_record_of_plain_fluent_bit_is_read() -> None:
    place = {"pod_name": "web-0", "namespace_name": "shop", "container_name": "web", "host": "node-a"}
    record = {"@timestamp": "2026-11-24T14:00:00.291Z", "log": "E1124 14:00:00.0 lost\n", "kubernetes": place}
    document = decode("abc", record)
    assert document is not None
    assert (document.id, document.message, document.level) == ("abc", "E1124 14:00:00.0 lost", Level.ERROR)
    assert (document.namespace, document.pod, document.template_id) == ("shop", "web-0", "")
