"""The modules as text: described, tagged, without wildcards; and true to the code that runs with them.

What Terraform itself makes of them is in tests/live/terraform.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hcl2.utils import SerializationOptions

import pipeline.handler as handler
from domain.settings import OpenSearchSettings, Settings
from tests.tools.logs.contract import ConceptEmbedder
from tools.logs.opensearch.checkup import Checkup
from tools.logs.opensearch.client import connect
from tools.logs.opensearch.schema import prepare
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.opensearch.writer import OpenSearchWriter
from tools.logs.store import LogQuery

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "deploy" / "terraform"
FOLDERS = sorted(path.parent for path in TERRAFORM.rglob("variables.tf"))
PLAIN = SerializationOptions(strip_string_quotes=True)

TAGLESS = {
    "aws_cloudwatch_log_resource_policy",
    "aws_default_security_group",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kinesis_resource_policy",
    "aws_opensearch_domain_policy",
    "aws_opensearchserverless_access_policy",
    "aws_opensearchserverless_lifecycle_policy",
    "aws_opensearchserverless_security_policy",
}
"""Types that AWS gives no tags."""

STREAMS_OF_ONE_GROUP = "log_group"
"""The one wildcard: the streams of one log group, which Lambda and OpenSearch name themselves."""


@cache
def read(path: Path) -> dict[str, Any]:
    return hcl2.loads(path.read_text(), serialization_options=PLAIN)


def blocks(folder: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The blocks of a kind, each by the last of its labels, with what is in it."""
    for path in sorted(folder.glob("*.tf")):
        for block in read(path).get(kind, ()):
            yield from block.items()


def resources(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for type_, named in blocks(folder, "resource"):
        for name, body in named.items():
            yield type_, name, body


def statements(folder: Path) -> Iterator[dict[str, Any]]:
    """The statements of all policies, those that are made in a loop too."""
    for type_, named in blocks(folder, "data"):
        if type_ == "aws_iam_policy_document":
            for document in named.values():
                yield from document.get("statement", ())
                for dynamic in document.get("dynamic", ()):
                    yield from dynamic["statement"]["content"]


def name_folder(folder: Path) -> str:
    return str(folder.relative_to(TERRAFORM))


def test_every_module_of_the_design_is_there() -> None:
    modules = {folder.name for folder in FOLDERS if folder.parent.name == "modules"}
    assert modules == {"stream", "ingest", "search", "identity", "observability", "kubewhy"}
    assert all((folder / "outputs.tf").exists() for folder in FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_folder)
def test_variables_and_outputs_are_described_and_typed(folder: Path) -> None:
    for name, body in blocks(folder, "variable"):
        assert body.get("type"), f"variable {name} has no type"
        assert body.get("description", "").endswith((".", "]", "`", '"')), f"variable {name}"
    for name, body in blocks(folder, "output"):
        assert body.get("description", "").endswith("."), f"output {name} has no description"


@pytest.mark.parametrize("folder", FOLDERS, ids=name_folder)
def test_what_can_have_tags_has_them(folder: Path) -> None:
    provider = [body for name, body in blocks(folder, "provider") if name == "aws"]
    if any("default_tags" in body for body in provider):
        return
    for type_, name, body in resources(folder):
        assert type_ in TAGLESS or not type_.startswith("aws_") or "tags" in body, f"{type_}.{name}"


@pytest.mark.parametrize("folder", FOLDERS, ids=name_folder)
def test_no_policy_has_a_wildcard_where_a_name_is_possible(folder: Path) -> None:
    for statement in statements(folder):
        assert not [action for action in statement.get("actions", ()) if "*" in str(action)]
        wild = [arn for arn in _as_list(statement.get("resources", ())) if "*" in str(arn)]
        assert not [arn for arn in wild if STREAMS_OF_ONE_GROUP not in arn], wild


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def test_the_example_of_variables_names_all_that_have_to_be_given() -> None:
    folder = TERRAFORM / "examples" / "eks"
    given = hcl2.loads((folder / "terraform.tfvars.example").read_text(), serialization_options=PLAIN)
    variables = dict(blocks(folder, "variable"))
    assert {key for key in given if not key.startswith("__")} <= set(variables)
    assert {key for key, body in variables.items() if "default" not in body} <= set(given)


def test_fluent_bit_has_the_policy_that_its_chart_ships() -> None:
    shipped = json.loads((ROOT / "deploy" / "fluent-bit" / "iam-policy.json").read_text())["Statement"]
    (document,) = (
        named["fluent_bit"]
        for _, named in blocks(TERRAFORM / "modules/identity", "data")
        if "fluent_bit" in named
    )
    (statement,) = document["statement"]
    assert (statement["sid"], statement["actions"]) == (shipped[0]["Sid"], shipped[0]["Action"])
    assert len(shipped) == 1


def test_the_functions_variables_are_settings_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (TERRAFORM / "modules" / "ingest" / "main.tf").read_text()
    names = set(re.findall(r"^ +(KUBEWHY_\w+) += ", text, re.M))
    assert len(names) >= 9
    for name in names:
        value: Any = Settings
        for part in name.removeprefix("KUBEWHY_").lower().split("__"):
            field = value.model_fields[part]  # KeyError: there is no such setting
            value = field.annotation
    monkeypatch.setenv("KUBEWHY_OPENSEARCH__URL", "https://search.example")
    monkeypatch.setenv("KUBEWHY_OPENSEARCH__AUTH", "sigv4")
    monkeypatch.setenv("KUBEWHY_EMBEDDINGS__DIMENSIONS", "256")
    assert (Settings().opensearch.auth, Settings().embeddings.dimensions) == ("sigv4", 256)


def test_the_function_runs_the_handler_that_there_is() -> None:
    text = (TERRAFORM / "modules" / "ingest" / "main.tf").read_text()
    assert re.findall(r'command += \["([\w.]+)"\]', text) == [f"{handler.__name__}.handler"]
    assert callable(handler.handler)


def test_alarms_watch_what_the_function_counts() -> None:
    text = (TERRAFORM / "modules" / "observability" / "main.tf").read_text()
    watched = set(re.findall(rf'namespace = "{handler.NAMESPACE}", metric = "(\w+)"', text))
    sources = "".join(path.read_text() for path in (ROOT / "pipeline").glob("*.py"))
    counted = set(re.findall(r'counts\["(\w+)"\]', sources))
    assert watched and watched <= counted, watched - counted
    assert f'counted  = {{ service = "{handler.SERVICE}" }}' in text


def test_the_functions_metrics_have_the_dimension_that_alarms_look_for() -> None:
    handler.metrics.add_metric(name="DeadLetters", unit="Count", value=1)
    try:
        told: dict[str, Any] = dict(handler.metrics.serialize_metric_set())
    finally:
        handler.metrics.clear_metrics()
    (metrics,) = told["_aws"]["CloudWatchMetrics"]
    assert (metrics["Namespace"], metrics["Dimensions"]) == (handler.NAMESPACE, [["service"]])
    assert told["service"] == handler.SERVICE


# --- what the policies allow is what the code asks for ------------------------------------------------------


@pytest.fixture
async def opensearch() -> AsyncIterator[tuple[OpenSearchSettings, set[tuple[str, str]]]]:
    """Answers everything, and writes down what it was asked: ``(es:ESHttpGet, /path)``."""
    asked: set[tuple[str, str]] = set()

    async def answer(request: web.Request) -> web.Response:
        asked.add((f"es:ESHttp{request.method.capitalize()}", request.path))
        if request.path.endswith("_mapping"):
            return web.json_response({})
        body: dict[str, Any] = {"hits": {"hits": []}, "_shards": {"total": 1}, "docs": [], "items": []}
        return web.json_response(body | {"fields": {"@timestamp": {"date": {}}}, "acknowledged": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    yield OpenSearchSettings(url=str(server.make_url("")).rstrip("/")), asked
    await server.close()


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    """What a test opens is closed, also when it fails."""
    async with AsyncExitStack() as stack:
        yield stack


def allowed(table: str) -> set[tuple[str, str]]:
    """What module search lets somebody do, with the names of the settings' defaults."""
    (local,) = (body for name, body in read_locals() if name == table)
    names = OpenSearchSettings()
    paths = {(action, path) for action, found in local.items() if isinstance(found, list) for path in found}
    return {
        (action, path.replace("${var.alias}", names.alias).replace("${var.templates}", names.templates))
        for action, path in paths
    }


def read_locals() -> Iterator[tuple[str, Any]]:
    for block in read(TERRAFORM / "modules" / "search" / "main.tf")["locals"]:
        yield from block.items()


async def test_who_searches_may_ask_for_all_that_searching_asks_for(
    opensearch: tuple[OpenSearchSettings, set[tuple[str, str]]], closing: AsyncExitStack
) -> None:
    settings, asked = opensearch
    client = connect(settings)
    closing.push_async_callback(client.close)
    store = OpenSearchLogStore(client, settings, ConceptEmbedder(), "production")
    checkup = Checkup(client, settings)
    await store.search(LogQuery(text="connection refused"))
    await checkup.identify()
    await checkup.read_dimensions()
    await checkup.read_types()
    assert asked <= allowed("reads")
    assert {action for action, _ in asked} == {"es:ESHttpGet", "es:ESHttpPost"}


async def test_who_writes_may_ask_for_all_that_writing_asks_for(
    opensearch: tuple[OpenSearchSettings, set[tuple[str, str]]], closing: AsyncExitStack
) -> None:
    settings, asked = opensearch
    client = connect(settings)
    closing.push_async_callback(client.close)
    await prepare(client, settings, 256)
    writer = OpenSearchWriter(client, settings.templates)
    await writer.fetch(["t1"], "titan")
    await writer.save({"t1": {"template": "x", "vector": [1.0], "embedder": "titan"}})
    assert asked == allowed("writes")
