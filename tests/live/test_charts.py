"""The charts, with Helm and a real API server: every manifest is taken, and grants no more than it should."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from domain.settings import Settings
from surfaces.slack.events import PATH as SLACK_PATH
from tests.live import linters
from tests.live.controlplane import ControlPlane, KubectlFailed
from tests.live.helm import CHARTS, DEPLOY, IMAGE, LARGE, SMALL, VALUES, Helm, Object
from tests.live.objects import make
from tests.live.test_rbac import read_rules

pytestmark = pytest.mark.live

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
WITHOUT_LIMIT = "a limit of CPU slows it down while it could help; memory is limited"
ACCOUNT = "it asks the API server"
HOST = "container logs and journals belong to root; it has no capability, and a file system that is read-only"
VARIABLES = "settings are read from the environment; the Secret is the user's, by reference"
ACCEPTED = {
    ("CKV_K8S_11", "DaemonSet.kubewhy.kubewhy-fluent-bit"): WITHOUT_LIMIT,
    ("CKV_K8S_11", "Deployment.kubewhy.kubewhy-fluent-bit-events"): WITHOUT_LIMIT,
    ("CKV_K8S_11", "Deployment.kubewhy.kubewhy"): WITHOUT_LIMIT,
    ("CKV_K8S_11", "Deployment.kubewhy.kubewhy-ingest"): WITHOUT_LIMIT,
    ("CKV_K8S_38", "DaemonSet.kubewhy.kubewhy-fluent-bit"): ACCOUNT,
    ("CKV_K8S_38", "Deployment.kubewhy.kubewhy-fluent-bit-events"): ACCOUNT,
    ("CKV_K8S_38", "Deployment.kubewhy.kubewhy"): ACCOUNT,
    ("CKV_K8S_23", "DaemonSet.kubewhy.kubewhy-fluent-bit"): HOST,
    ("CKV_K8S_40", "DaemonSet.kubewhy.kubewhy-fluent-bit"): HOST,
    ("CKV_K8S_35", "Deployment.kubewhy.kubewhy"): VARIABLES,
    ("CKV_K8S_35", "Deployment.kubewhy.kubewhy-ingest"): VARIABLES,
}
"""Findings of checkov that stay, with the reason."""


@pytest.fixture(scope="module")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(tmp_path_factory.mktemp("helm"))


def find(objects: list[Object], kind: str) -> list[Object]:
    return [item for item in objects if item["kind"] == kind]


def list_pods(objects: list[Object], namespace: str) -> list[Object]:
    """A Pod of each workload, as its controller would make it."""
    workloads = [*find(objects, "Deployment"), *find(objects, "DaemonSet")]
    return [
        make("Pod", item["metadata"]["name"], namespace, spec=item["spec"]["template"]["spec"])
        for item in workloads
    ]


@pytest.mark.parametrize("name", VALUES)
def test_helm_has_nothing_to_say(helm: Helm, name: str) -> None:
    release, values = VALUES[name]
    assert "0 chart(s) failed" in helm.run("lint", "--strict", str(CHARTS[release]), values=values)


@pytest.mark.parametrize("name", VALUES)
def test_the_api_server_takes_it(helm: Helm, plane: ControlPlane, namespace: str, name: str) -> None:
    release, values = VALUES[name]
    objects = helm.render(release, values, namespace)
    for place in values.get("rbac", {}).get("namespaces", []):
        plane.apply(make("Namespace", place))
    known = [item for item in objects if item["kind"] != "ServiceMonitor"]
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": known})
    command = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    told = plane.kubectl(*command, stdin=content).splitlines()
    assert len(told) == len(known) >= 6
    assert len(objects) - len(known) == (name == "large"), "that kind is not Kubernetes' own"


@pytest.mark.parametrize("name", VALUES)
def test_restricted_admits_it(helm: Helm, plane: ControlPlane, namespace: str, name: str) -> None:
    """Pod Security takes every Pod but the one that reads the nodes' files."""
    release, values = VALUES[name]
    objects = helm.render(release, values, namespace)
    plane.apply(make("Namespace", namespace) | {"metadata": {"name": namespace, "labels": RESTRICTED}})
    plane.apply(*find(objects, "ServiceAccount"))
    pods = list_pods(objects, namespace)
    assert pods
    for pod in pods:
        command = ("create", "--dry-run=server", "-f", "-")
        if pod["metadata"]["name"] == "kubewhy-fluent-bit":
            with pytest.raises(KubectlFailed) as refused:
                plane.kubectl(*command, stdin=json.dumps(pod))
            told = str(refused.value).partition('violates PodSecurity "restricted:latest": ')[2]
            reasons = {reason.split(" (")[0].split(" != ")[0].strip() for reason in told.split("), ")}
            assert reasons == {"restricted volume types", "runAsNonRoot", "runAsUser=0"}
        else:
            plane.kubectl(*command, stdin=json.dumps(pod))


def test_the_rights_are_those_of_the_manifests(helm: Helm, tmp_path: Path) -> None:
    def read(values: Object) -> dict[str, Any]:
        roles = [item for item in helm.render("kubewhy", values) if item["kind"] in ("ClusterRole", "Role")]
        path = tmp_path / "role.json"
        path.write_text(json.dumps(roles[0]))
        return {"rules": read_rules(path), "places": [role["metadata"].get("namespace") for role in roles]}

    wide, narrow = read(SMALL), read(SMALL | {"rbac": {"namespaces": ["shop", "pay"]}})
    assert wide == {"rules": read_rules(DEPLOY / "kubernetes" / "rbac.yaml"), "places": [None]}
    expected = read_rules(DEPLOY / "kubernetes" / "rbac-namespaced.yaml")
    assert narrow == {"rules": expected, "places": ["shop", "pay"]}


def test_fluent_bit_reads_pods_and_events_alone(helm: Helm) -> None:
    roles = find(helm.render(*VALUES["kinesis"]), "ClusterRole")
    assert {role["metadata"]["name"]: role["rules"] for role in roles} == {
        "kubewhy-fluent-bit": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        "kubewhy-fluent-bit-events": [
            {"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}
        ],
    }


def test_the_settings_arrive_as_they_were_given(helm: Helm) -> None:
    (settings, *_) = find(helm.render("kubewhy", LARGE), "ConfigMap")
    read = tomllib.loads(settings["data"]["kubewhy.toml"])
    assert read == LARGE["settings"]
    assert [type(read[a][b]) for a, b in (("embeddings", "dimensions"), ("slack", "progress_seconds"))] == [
        int,
        float,
    ]
    read["opensearch"] |= {"auth": "none"}
    assert Settings(**read).embeddings.dimensions == 512


def test_slacks_secrets_are_those_of_the_way_it_comes(helm: Helm) -> None:
    def read(values: Object) -> set[tuple[str, str]]:
        workloads = find(helm.render("kubewhy", values), "Deployment")
        (app,) = (item for item in workloads if item["metadata"]["name"] == "kubewhy")
        variables = app["spec"]["template"]["spec"]["containers"][0]["env"]
        keys = [(v["name"], v["valueFrom"]["secretKeyRef"]["key"]) for v in variables if "valueFrom" in v]
        return {pair for pair in keys if pair[0].startswith("KUBEWHY_SLACK__")}

    token = ("KUBEWHY_SLACK__BOT_TOKEN", "bot-token")
    assert read(SMALL) == {token, ("KUBEWHY_SLACK__APP_TOKEN", "app-token")}
    more = {("KUBEWHY_SLACK__SIGNING_SECRET", "signing-secret"), ("KUBEWHY_SLACK__DATABASE", "url")}
    assert read(LARGE) == {token} | more


def test_the_way_in_leads_to_what_slack_sends_to(helm: Helm) -> None:
    objects = helm.render("kubewhy", LARGE)
    (ingress,) = find(objects, "Ingress")
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    assert (path["path"], path["pathType"]) == (SLACK_PATH, "Exact")
    service = path["backend"]["service"]["name"]
    assert service in {item["metadata"]["name"] for item in find(objects, "Service")}


def test_fluent_bit_starts_with_a_configuration_that_is_there(helm: Helm) -> None:
    for name in ("kinesis", "ingest", "opensearch"):
        objects = helm.render(*VALUES[name])
        (config,) = find(objects, "ConfigMap")
        for pod in list_pods(objects, "kubewhy"):
            (container,) = pod["spec"]["containers"]
            main = container["args"][1].rpartition("/")[2]
            assert main.endswith(f"-to-{name}.yaml") and main in config["data"]
            content = "".join(config["data"].values())
            told = {variable["name"] for variable in container["env"]}
            output = config["data"][f"to-{name}.yaml"]
            assert all(f"${{{variable}}}" in content for variable in told)
            assert {part.split("}")[0] for part in output.split("${")[1:]} <= told


def test_fluent_bit_sees_what_it_reads_and_may_not_change_it(helm: Helm) -> None:
    (daemons,) = find(helm.render(*VALUES["kinesis"]), "DaemonSet")
    spec = daemons["spec"]["template"]["spec"]
    mounts = {mount["mountPath"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec["volumes"] if "hostPath" in volume}
    for place in ("/var/log", "/run/log/journal", "/etc/machine-id"):
        assert paths[mounts[place]["name"]] == place and mounts[place]["readOnly"]
    assert [place for place, mount in mounts.items() if not mount.get("readOnly")] == ["/var/lib/fluent-bit"]


@pytest.mark.parametrize(
    ("release", "values", "told"),
    [
        ("kubewhy", {}, "image.repository"),
        ("kubewhy", SMALL | {"replicas": 2}, "database.existingSecret"),
        ("kubewhy", SMALL | {"ingest": {"enabled": True}}, "settings.opensearch.url"),
        ("kubewhy", SMALL | {"settings": {"slack": {"bot_token": "x"}}}, "bot_token"),
        ("kubewhy", SMALL | {"ingress": {"enabled": True}}, "settings.slack.mode: http"),
        ("kubewhy-fluent-bit", {}, "cluster"),
        ("kubewhy-fluent-bit", {"cluster": "here"}, "kinesis.region"),
    ],
)
def test_what_is_missing_is_said(helm: Helm, release: str, values: Object, told: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        helm.render(release, values)
    assert told in failed.value.stderr


def test_checkov_finds_nothing_unexplained(helm: Helm, tmp_path: Path) -> None:
    for name in ("large", "kinesis"):
        release, values = VALUES[name]
        objects = helm.render(release, values | {"image": IMAGE})
        content = "---\n".join(json.dumps(item) + "\n" for item in objects)
        (tmp_path / f"{name}.yaml").write_text(content)
    options = ["--framework", "kubernetes", "--skip-download", "--output", "json", "--directory", tmp_path]
    done = subprocess.run([linters.install() / "checkov", *options], capture_output=True, text=True)
    results = json.loads(done.stdout)["results"]
    failed = results["failed_checks"]
    assert len(results["passed_checks"]) > 300
    found = {(check["check_id"], check["resource"].partition(".app.")[0]) for check in failed}
    assert found == set(ACCEPTED)


def test_hadolint_finds_nothing() -> None:
    subprocess.run([linters.install() / "hadolint", DEPLOY.parent / "Dockerfile"], check=True)
