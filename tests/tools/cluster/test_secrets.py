"""What is left of a Secret: its keys, and annotations that cannot be a copy of it."""

import base64
import gzip
import json
from typing import Any

import pytest

from tools.cluster.secrets import drop_values

VALUE = "plum-orchard-seventeen"
ENCODED = base64.b64encode(VALUE.encode()).decode()
SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "shop", "labels": {"app": "db"}},
    "type": "Opaque",
    "data": {"colour": ENCODED, "pin": "MQ=="},
    "stringData": {"tree": VALUE},
}


def annotated(**annotations: str) -> dict[str, Any]:
    return drop_values(SECRET | {"metadata": SECRET["metadata"] | {"annotations": annotations}})


def test_the_keys_stay_and_the_values_go() -> None:
    dropped = drop_values(SECRET | {"immutable": True, "binaryData": {"x": ENCODED}, "spec": VALUE})
    assert dropped["data"] == {"colour": None, "pin": None}
    assert dropped["stringData"] == {"tree": None}
    assert (dropped["type"], dropped["immutable"]) == ("Opaque", True)
    assert dropped["metadata"] == SECRET["metadata"]
    assert "binaryData" not in dropped
    assert "spec" not in dropped


@pytest.mark.parametrize(
    "copy",
    [
        json.dumps(SECRET),
        json.dumps([{"op": "add"}]),
        base64.b64encode(gzip.compress(json.dumps(SECRET).encode(), mtime=0)).decode(),
        f"was {VALUE} before",
        ENCODED,
        f"sha:{ENCODED}",
    ],
)
def test_annotations_that_may_hold_a_copy_go_too(copy: str) -> None:
    assert annotated(**{"kapp.k14s.io/original": copy})["metadata"]["annotations"] == {}


def test_plain_annotations_stay() -> None:
    plain = {
        "kubernetes.io/service-account.name": "web",
        "meta.helm.sh/release-name": "shop",
        "cert-manager.io/alt-names": "shop.example.com,www.shop.example.com",
        "one": "1",
    }
    assert annotated(**plain)["metadata"]["annotations"] == plain


@pytest.mark.parametrize("data", [None, {}, "text", ["a"], 3])
def test_data_of_another_shape_is_not_shown(data: Any) -> None:
    assert drop_values(SECRET | {"data": data, "stringData": data}).get("data") in (None, {})
