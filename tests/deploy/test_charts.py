"""The charts, as far as they can be looked at without Helm: values, rules, the dashboard."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from aiohttp.test_utils import make_mocked_request

from surfaces.serving.metrics import Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
CHARTS = {"kubewhy": DEPLOY / "helm" / "kubewhy", "fluent-bit": DEPLOY / "fluent-bit"}
RULES = {"kubewhy.rules": "rbac.yaml", "kubewhy.namespacedRules": "rbac-namespaced.yaml"}


def load(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a chart and their schema."""
    values = yaml.safe_load((CHARTS[name] / "values.yaml").read_text())
    return values, json.loads((CHARTS[name] / "values.schema.json").read_text())


def set_value(values: dict[str, Any], path: str, value: Any) -> None:
    *places, last = path.split(".")
    for place in places:
        values = values.setdefault(place, {})
    values[last] = value


@pytest.mark.parametrize("name", CHARTS)
def test_the_values_are_as_their_schema_says(name: str) -> None:
    values, schema = load(name)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(values, schema)
    assert values.keys() == schema["properties"].keys() - {"global"}


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("kubewhy", "replica", 2),
        ("kubewhy", "settings.slack.bot_token", "xoxb-1"),
        ("kubewhy", "settings.opensearch.password", "x"),
        ("kubewhy", "secretEnv.KUBEWHY_SERVING__TOKEN", "x"),
        ("kubewhy", "image.digest", "latest"),
        ("kubewhy", "rbac.extraRules", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]),
        ("kubewhy", "rbac.extraRules", [{"apiGroups": ["x"], "resources": ["y"], "verbs": ["delete"]}]),
        ("kubewhy", "rbac.extraRules", [{"apiGroups": ["*"], "resources": ["y"], "verbs": ["get"]}]),
        ("fluent-bit", "output", "stdout"),
        ("fluent-bit", "opensearch.host", "https://search:9200"),
        ("fluent-bit", "node.stateFolder", "/"),
    ],
)
def test_a_value_that_would_do_harm_is_refused(name: str, path: str, value: Any) -> None:
    values, schema = load(name)
    set_value(values, path, value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, schema)


@pytest.mark.parametrize(("template", "manifest"), RULES.items())
def test_the_chart_gives_the_rights_of_the_manifests(template: str, manifest: str) -> None:
    text = (CHARTS["kubewhy"] / "templates" / "_rules.tpl").read_text()
    match = re.search(rf'define "{re.escape(template)}" -}}}}\n(.*?)\n{{{{- end', text, re.DOTALL)
    assert match
    objects = yaml.safe_load_all((DEPLOY / "kubernetes" / manifest).read_text())
    (role,) = (item for item in objects if item["kind"] in ("ClusterRole", "Role"))
    assert yaml.safe_load(match[1]) == role["rules"]


async def test_the_dashboard_shows_metrics_that_there_are() -> None:
    metrics = Metrics()
    metrics.add_verdict("mention", "diagnosed")
    metrics.add_answer("diagnosed", 1.0)
    (route,) = metrics.routes()
    answer = await route.handler(make_mocked_request("GET", "/metrics"))
    assert isinstance(answer.body, bytes)
    told = answer.body.decode()
    declared = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE)) | set(
        re.findall(r"^(\w+)", told, re.MULTILINE)
    )
    dashboard = json.loads((CHARTS["kubewhy"] / "files" / "dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for text in expressions for name in re.findall(r"\b((?:kubewhy|process)_\w+)", text)}
    assert len(named) > 6
    assert named <= declared
    assert {name for name in declared if name.startswith("kubewhy_") and name.endswith("_total")} <= named


def test_the_dashboards_panels_do_not_overlap() -> None:
    dashboard = json.loads((CHARTS["kubewhy"] / "files" / "dashboard.json").read_text())
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24


def test_what_the_readme_names_is_there() -> None:
    text = (DEPLOY / "README.md").read_text()
    named = {DEPLOY.parent / path for path in re.findall(r"\bdeploy/[\w./-]+\w", text)}
    listed = {DEPLOY / path for path in re.findall(r"^\| `([\w-]+/[\w/.-]*)`", text, re.MULTILINE)}
    assert len(named) > 3 and len(listed) == 6
    assert not [path for path in named | listed if not path.exists()]
    values, _ = load("kubewhy")
    places = "rbac|metrics|persistence|ingest|database|serviceAccount"
    for dotted in re.findall(rf"`((?:{places})\.[\w.]+)`", text):
        value: Any = values
        for part in dotted.split("."):
            assert part in value, dotted
            value = value[part]
