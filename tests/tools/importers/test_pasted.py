from datetime import UTC, datetime

import pytest

from tools.importers.pasted import extract_pasted

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)

TABLE = """\
NAME                   READY   STATUS             RESTARTS      AGE
web-6c9f7d5b8d-x2k4p   0/1     CrashLoopBackOff   5 (20s ago)   10m
web-6c9f7d5b8d-z9q8r   1/1     Running            0             10m
"""
DESCRIPTION = """\
Name:         data
Namespace:    shop
StorageClass:  fast
Status:       Pending
Volume:
Labels:       <none>
Access Modes:
Used By:      db-0

Events:
  Type     Reason              Age                From                         Message
  ----     ------              ----               ----                         -------
  Warning  ProvisioningFailed  9s (x4 over 2m)    persistentvolume-controller  storageclass "fast" not found
"""


def test_a_question_without_a_paste_stays_as_it_is() -> None:
    assert extract_pasted("Why does  the payment service\nnot start?", NOW) == (
        "Why does the payment service not start?",
        None,
    )


@pytest.mark.parametrize(
    "text",
    [
        f"Why is web down?\n{TABLE}\nIt worked: yesterday. Any idea?",
        f"Why is web down?\n\n```\n{TABLE}```\nIt worked: yesterday. Any idea?",
        f"Why is web down?\n$ kubectl get pods -n default\n{TABLE}\nIt worked: yesterday. Any idea?",
        f"Why is web down?\n```\n$ kubectl get po\n{TABLE}```\nIt worked: yesterday. Any idea?",
        "Why is web down?\n"
        + "\n".join(" ".join(line.split()) for line in TABLE.splitlines())
        + "\nIt worked: yesterday. Any idea?",
    ],
    ids=["bare", "fenced", "prompt", "fenced prompt", "squeezed"],
)
def test_a_table_is_parted_from_the_words_around_it(text: str) -> None:
    words, imported = extract_pasted(text, NOW)
    assert words == "Why is web down? It worked: yesterday. Any idea?"
    assert imported is not None
    pods = [item for item in imported.objects if item["kind"] == "Pod"]
    assert [pod["metadata"]["name"] for pod in pods] == ["web-6c9f7d5b8d-x2k4p", "web-6c9f7d5b8d-z9q8r"]
    assert imported.recorded_at == NOW


def test_a_description_is_parted_from_the_words_around_it() -> None:
    words, imported = extract_pasted(f"my claim hangs, see:\n\n{DESCRIPTION}\nwhat now?\n", NOW)
    assert words == "my claim hangs, see: what now?"
    assert imported is not None
    assert [(item["kind"], item["metadata"]["namespace"]) for item in imported.objects] == [
        ("PersistentVolumeClaim", "shop")
    ]
    (event,) = imported.events
    assert (event["reason"], event["count"]) == ("ProvisioningFailed", 4)


def test_a_document_is_parted_from_the_words_around_it() -> None:
    manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n  uid: u-1\nspec: {}\n"
    words, imported = extract_pasted(f"is this right?\n{manifest}\nThanks a lot for help", NOW)
    assert words == "is this right? Thanks a lot for help"
    assert imported is not None
    assert [item["metadata"]["name"] for item in imported.objects] == ["web"]


def test_several_pastes_are_one_incident() -> None:
    words, imported = extract_pasted(f"first\n{TABLE}\nand then\n{DESCRIPTION}\nhelp", NOW)
    assert words == "first and then help"
    assert imported is not None
    assert {item["kind"] for item in imported.objects} >= {"Pod", "PersistentVolumeClaim"}


def test_a_log_line_with_a_colon_is_no_paste() -> None:
    text = "it says: Error: connection refused\nName of the pod is web"
    assert extract_pasted(text, NOW)[1] is None
