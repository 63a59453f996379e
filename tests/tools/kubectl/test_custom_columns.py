"""Custom resources of a recording have the columns that their recorded definition gives them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tools.cluster.recorded import RecordedCluster
from tools.kubectl import Kubectl

COLUMNS = [
    {"name": "Owner", "type": "string", "jsonPath": ".spec.owner"},
    {"name": "Items", "type": "integer", "jsonPath": ".spec.items"},
    {"name": "Total", "type": "number", "jsonPath": ".spec.total"},
    {"name": "Paid", "type": "boolean", "jsonPath": ".spec.paid"},
    {"name": "Tags", "type": "string", "jsonPath": ".spec.tags"},
    {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
    {"name": "Broken", "type": "string", "jsonPath": ".spec.[(("},
    {"name": "Reason", "type": "string", "priority": 1, "jsonPath": ".status.reason"},
    {"name": "Since", "type": "date", "jsonPath": ".status.since"},
]
META = {"namespace": "shop", "creationTimestamp": "2026-11-24T11:00:00Z"}
FULL = {
    "apiVersion": "shop.example/v1",
    "kind": "Basket",
    "metadata": {**META, "name": "full"},
    "spec": {"owner": "ann", "items": 3, "total": 12.5, "paid": True, "tags": ["a", "b"]},
    "status": {
        "reason": "card",
        "since": "2026-11-24T11:30:00Z",
        "conditions": [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}],
    },
}
ODD = {
    "apiVersion": "shop.example/v1",
    "kind": "Basket",
    "metadata": {**META, "name": "odd"},
    "spec": {"items": "three", "paid": "yes", "tags": {"k": "v"}},
    "status": {"since": "never"},
}


def define(columns: list[dict[str, Any]], kind: str = "Basket", plural: str = "baskets") -> dict[str, Any]:
    versions = [
        {"name": "v1alpha1", "served": True, "additionalPrinterColumns": [{"name": "Old", "jsonPath": ".x"}]},
        {"name": "v1", "served": True, "storage": True, "additionalPrinterColumns": columns},
    ]
    names = {"kind": kind, "plural": plural, "categories": ["all"]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.shop.example"},
        "spec": {"group": "shop.example", "scope": "Namespaced", "names": names, "versions": versions},
    }


async def ask(folder: Path, line: str, *objects: dict[str, Any]) -> list[str]:
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    cluster = RecordedCluster(folder, now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    return (await Kubectl(cluster, namespace="shop").run(line)).text.split("\n")


async def test_columns_are_those_of_the_definition(tmp_path: Path) -> None:
    assert await ask(tmp_path, "get baskets", define(COLUMNS), FULL, ODD) == [
        "NAME   OWNER   ITEMS   TOTAL   PAID   TAGS        READY   BROKEN   SINCE",
        'full   ann     3       12.5    true   ["a","b"]   True             30m',
        'odd                                   {"k":"v"}                    <invalid>',
    ]


async def test_a_column_of_a_lower_priority_is_a_wide_one(tmp_path: Path) -> None:
    header, full, _ = await ask(tmp_path, "get baskets -o wide", define(COLUMNS), FULL, ODD)
    assert header.split()[-2:] == ["REASON", "SINCE"]
    assert full.split()[-2:] == ["card", "30m"]


async def test_without_columns_there_is_the_age(tmp_path: Path) -> None:
    assert await ask(tmp_path, "get baskets full", define([]), FULL) == ["NAME   AGE", "full   60m"]


async def test_without_a_definition_the_state_is_looked_for(tmp_path: Path) -> None:
    header, row = await ask(tmp_path, "get baskets", FULL)
    assert header.split() == ["NAME", "STATUS", "AGE"]
    assert row.split() == ["full", "Ready", "60m"]


async def test_a_custom_type_may_belong_to_all(tmp_path: Path) -> None:
    assert any("basket.shop.example/full" in row for row in await ask(tmp_path, "get all", define([]), FULL))


async def test_columns_of_what_calls_itself_a_secret_are_not_shown(tmp_path: Path) -> None:
    """Its definition might show the very values."""
    columns = [{"name": "Value", "type": "string", "jsonPath": ".data.word"}]
    secret = {**FULL, "kind": "Secret", "data": {"word": "xyzzy"}}
    text = "\n".join(
        await ask(tmp_path, "get secrets.shop.example", define(columns, "Secret", "secrets"), secret)
    )
    assert "full" in text
    assert "xyzzy" not in text
    assert "VALUE" not in text
