"""Kubernetes objects keep what decides a diagnosis and lose their secrets."""

import json
from typing import Any

import pytest

from tests.tools.redaction.planted import Planted, plant
from tools.redaction import ObjectRedactor, Redactor

VALUE = "x7-Qm2pLs9"
PLANTED = plant(11)


def pod(**container: Any) -> dict[str, Any]:
    spec = {"name": "app", "image": "registry/secret-sync@sha256:" + "ab" * 32, **container}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": "web-7d9c6b5f4-x2x9q",
            "namespace": "shop",
            "uid": "0a1b",
            "resourceVersion": "42",
        },
        "spec": {"serviceAccountName": "token-reader", "containers": [spec]},
    }


def redact(item: dict[str, Any]) -> dict[str, Any]:
    return ObjectRedactor(Redactor()).redact(item)


def first_container(item: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = item["spec"]["containers"][0]
    return container


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("DB_PASSWORD", True),
        ("apiKey", True),
        ("STRIPE_KEY", True),
        ("SESSION_SECRET", True),
        ("SECRET_NAME", False),
        ("TOKEN_TTL", False),
        ("KEYCLOAK_HOST", False),
        ("MODE", False),
    ],
)
def test_env_values_go_by_their_name(name: str, hidden: bool) -> None:
    item = pod(env=[{"name": name, "value": VALUE}])

    value = first_container(redact(item))["env"][0]["value"]

    assert value == ("<secret:1>" if hidden else VALUE)


@pytest.mark.parametrize("value", ["$(DB_PASSWORD)", "", "/etc/db/password", "true"])
def test_what_only_refers_to_a_secret_stays(value: str) -> None:
    item = pod(env=[{"name": "DB_PASSWORD", "value": value}])

    assert redact(item) is item


def test_references_to_secrets_stay() -> None:
    reference = {"secretKeyRef": {"name": "db-credentials", "key": "password"}}
    item = pod(env=[{"name": "DB_PASSWORD", "valueFrom": reference}])
    item["spec"]["imagePullSecrets"] = [{"name": "regcred"}]
    item["spec"]["volumes"] = [{"name": "tls", "secret": {"secretName": "web-tls", "optional": False}}]

    assert redact(item) is item


def test_arguments_go_by_the_flag_before_them() -> None:
    item = pod(args=["--user", "app", "--password", VALUE, f"--api-token={VALUE}", "--port", "80"])

    assert first_container(redact(item))["args"] == [
        *("--user", "app", "--password", "<secret:1>", "--api-token=<secret:1>", "--port", "80")
    ]


def test_of_a_secret_only_the_keys_stay() -> None:
    item = {
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": {"name": "db", "namespace": "shop"},
        "data": {"uri": "aHVudGVyMg=="},
        "stringData": {"plain": VALUE},
    }

    told = redact(item)

    assert told["data"] == {"uri": None} and told["stringData"] == {"plain": None}
    assert told["metadata"] == item["metadata"]


def test_the_last_applied_copy_is_cleaned_like_the_object() -> None:
    copy = json.dumps(pod(env=[{"name": "DB_PASSWORD", "value": VALUE}, {"name": "MODE", "value": "fast"}]))
    item = pod(env=[{"name": "DB_PASSWORD", "value": VALUE}])
    item["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": copy}

    told = redact(item)

    kept = json.loads(told["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"])
    assert first_container(kept)["env"] == [
        {"name": "DB_PASSWORD", "value": "<secret:1>"},
        {"name": "MODE", "value": "fast"},
    ]


def test_config_maps_lose_values_by_key_and_by_shape() -> None:
    data = {"mode": "fast", "admin-password": VALUE, "app.ini": f"[db]\nuser = app\npassword = {VALUE}\n"}
    item = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "web"}, "data": data}

    assert redact(item)["data"] == {
        "mode": "fast",
        "admin-password": "<secret:1>",
        "app.ini": "[db]\nuser = app\npassword = <secret:1>\n",
    }


@pytest.mark.parametrize("planted", PLANTED, ids=[planted.kind for planted in PLANTED])
def test_every_kind_goes_from_a_config_map(planted: Planted) -> None:
    item = {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "web", "annotations": {"note": planted.text}},
        "data": {"file": planted.text},
    }

    assert not planted.leaks_in(json.dumps(redact(item)))
