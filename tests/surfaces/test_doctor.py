"""``kubewhy doctor``: each thing that can be wrong is provoked once, and has a line and a fix of its own."""

import json
from collections import namedtuple
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from domain.settings import Settings, load_settings
from surfaces.cli.app import app
from surfaces.doctor.examine import examine
from surfaces.doctor.finding import Finding, Verdict
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.setup import SCOPES
from tests.loopback.aws import DENIED, THROTTLED, Failure
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock
from tests.tools.cluster.live.server import ApiServer, answer
from tools.cluster.live.rights import ABSENT
from tools.cluster.recorded import RecordedCluster

RECORDINGS = Path(__file__).parents[1] / "recordings"
DISK = namedtuple("DISK", "total used free")
CLAUDE, DEEPSEEK = "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "deepseek.v3.2"
FORBIDDEN = 'nodes is forbidden: User "kubewhy" cannot list resource "nodes"'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own, keys that open nothing."""
    monkeypatch.chdir(tmp_path)
    take_dummy_keys(monkeypatch, tmp_path)
    load_settings.cache_clear()
    yield tmp_path
    load_settings.cache_clear()


async def find(settings: Settings, part: str, cluster: str = "") -> Finding:
    """The finding about a part that is not as it should be; the finding at all if there is one only."""
    found = [finding for finding in await examine(settings, cluster) if finding.part.startswith(part)]
    assert found, part
    wrong = [finding for finding in found if finding.verdict is not Verdict.OK]
    return wrong[0] if wrong else found[0]


async def test_parts_that_are_not_configured_are_named_and_are_no_failure() -> None:
    findings = await examine(Settings())
    told = {finding.part.partition(" ")[0]: finding for finding in findings}
    assert {part: str(found.verdict) for part, found in told.items()} == {
        "cluster": "unset",
        "opensearch": "unset",
        "models": "unset",
        "embeddings": "unset",
        "slack": "unset",
        "disk": "ok",
        "database": "ok",
    }
    assert not [finding.part for finding in findings if "\n" in finding.says + finding.fix]


# --- clusters ---------------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    server = ApiServer(RecordedCluster(RECORDINGS / "oom-cross-namespace" / "cluster"))
    runner = await server.start()
    yield server
    await runner.cleanup()


@pytest.fixture
def clusters(server: ApiServer, home: Path) -> dict[str, Any]:
    """Settings of a cluster ``production`` on the loopback server."""
    return {
        "clusters": {"production": {"context": "shop"}},
        "kubeconfig": str(server.kubeconfig(home, token="any")),  # noqa: S106
    }


async def test_a_cluster_that_may_be_read_is_well(clusters: dict[str, Any], server: ApiServer) -> None:
    findings = {finding.part: finding for finding in await examine(Settings(**clusters))}
    assert findings["cluster production"].says == "answers, Kubernetes v1.20.2"
    assert findings["rights production"].verdict is findings["clock production"].verdict is Verdict.OK
    assert {request.method for request in server.seen} == {"GET"}
    assert not [request.path for request in server.seen if "secrets" in request.path]


async def test_rights_that_are_missing_are_named_with_the_rule_that_grants_them(
    clusters: dict[str, Any], server: ApiServer
) -> None:
    server.misbehave("/api/v1/nodes", answer(403, FORBIDDEN))
    server.misbehave(f"/api/v1/nodes/{ABSENT}", answer(403, FORBIDDEN))
    server.misbehave(f"/api/v1/namespaces/{ABSENT}/pods/{ABSENT}/log", answer(403, FORBIDDEN))
    found = await find(Settings(**clusters), "rights")
    assert found.verdict is Verdict.FAILED
    assert found.says == "may not get pods/log; get, list nodes"
    assert '{apiGroups: [""], resources: [nodes], verbs: [get, list]}' in found.fix
    assert '{apiGroups: [""], resources: [pods/log], verbs: [get]}' in found.fix
    assert "kubectl apply -f deploy/kubernetes/rbac.yaml" in found.fix


async def test_within_namespaces_what_no_role_can_grant_is_a_limit(
    clusters: dict[str, Any], server: ApiServer
) -> None:
    clusters["clusters"]["production"]["namespaces"] = ["recsys"]
    for path in ("/api/v1/nodes", "/api/v1/pods", "/api/v1/namespaces/recsys/services"):
        server.misbehave(path, answer(403, FORBIDDEN), answer(403, FORBIDDEN))
    found = [f for f in await examine(Settings(**clusters)) if f.part.startswith("rights")]
    assert [(f.verdict, f.says) for f in found] == [
        (Verdict.FAILED, "may not list services in namespace recsys"),
        (Verdict.LIMITED, "may not list nodes: answers will say so"),
    ]


async def test_a_login_that_is_not_accepted_is_said_to_be(
    clusters: dict[str, Any], server: ApiServer
) -> None:
    server.accepts = "another"
    found = await find(Settings(**clusters), "cluster")
    assert (found.verdict, "(401)" in found.says) == (Verdict.FAILED, True)
    assert "kubectl --context" in found.fix


async def test_a_server_that_is_not_there_and_a_kubeconfig_that_is_not(home: Path) -> None:
    settings: dict[str, Any] = {"clusters": {"gone": {}}, "kubeconfig": str(home / "none")}
    found = await find(Settings(**settings), "cluster")
    assert (found.verdict, "There is no kubeconfig" in found.says) == (Verdict.FAILED, True)
    gone = ApiServer(RecordedCluster(RECORDINGS / "oom-cross-namespace" / "cluster"))
    gone.url = "http://127.0.0.1:9"
    settings["kubeconfig"] = str(gone.kubeconfig(home))
    found = await find(Settings(**settings), "cluster", cluster="gone")
    assert "There is no context 'gone'" in found.says
    found = await find(Settings(kubeconfig=settings["kubeconfig"]), "cluster", cluster="shop")
    assert "cannot be reached" in found.says


async def test_outside_of_a_pod_there_is_no_service_account() -> None:
    found = await find(Settings(clusters={"here": {"in_cluster": True}}), "cluster")
    assert (found.verdict, "ServiceAccount" in found.fix) == (Verdict.FAILED, True)


@pytest.mark.parametrize(("minutes", "told"), [(10, "600 s behind"), (-10, "ahead of")])
async def test_clocks_that_disagree_are_told(
    clusters: dict[str, Any], server: ApiServer, minutes: int, told: str
) -> None:
    async def version(_: web.Request) -> web.Response:
        time = datetime.now(UTC) + timedelta(minutes=minutes)
        return web.json_response(
            {"gitVersion": "v1.34.4"}, headers={"Date": format_datetime(time, usegmt=True)}
        )

    server.misbehave("/version", version, version)
    found = await find(Settings(**clusters), "clock")
    assert (found.verdict, "NTP" in found.fix) == (Verdict.FAILED, True)
    assert told in found.says or told.replace("600", "599") in found.says


# --- logs -------------------------------------------------------------------------------------------------


class Search:
    """Answers as OpenSearch answers a checkup; each of its answers may be changed."""

    def __init__(self) -> None:
        names = ("kubernetes.namespace_name", "kubernetes.pod_name", "kubernetes.container_name", "cluster")
        self.types = dict.fromkeys((*names, "template_id"), "keyword")
        self.types |= {"@timestamp": "date_nanos", "severity": "byte"}
        self.ages: dict[str, timedelta] = {"shop": timedelta(seconds=20)}
        self.dimensions = 256
        self.refusal, self.reason = 0, ""

    async def answer(self, request: web.Request) -> web.Response:
        if self.refusal:
            return web.json_response({"message": self.reason}, status=self.refusal)
        if request.path == "/":
            return web.json_response({"version": {"distribution": "opensearch", "number": "2.19.1"}})
        if request.path.endswith("_field_caps"):
            return web.json_response({"fields": {name: {kind: {}} for name, kind in self.types.items()}})
        if request.path.endswith("_mapping"):
            vector = {"type": "knn_vector", "dimension": self.dimensions}
            return web.json_response({"t": {"mappings": {"properties": {"vector": vector}}}})
        now = datetime.now(UTC)
        namespaces = [
            {"key": name, "newest": {"value": (now - age).timestamp() * 1000}}
            for name, age in self.ages.items()
        ]
        groups = [{"key": "production", "groups": {"buckets": namespaces}}] if namespaces else []
        return web.json_response({"_shards": {"total": 1}, "aggregations": {"groups": {"buckets": groups}}})


@pytest.fixture
async def search() -> AsyncIterator[tuple[Search, dict[str, Any]]]:
    """The server, and the settings that lead to it."""
    searched = Search()
    served = web.Application()
    served.router.add_route("*", "/{path:.*}", searched.answer)
    server = TestServer(served)
    await server.start_server()
    yield searched, {"opensearch": {"url": str(server.make_url("")).rstrip("/")}}
    await server.close()


async def test_logs_that_arrive_are_well(search: tuple[Search, dict[str, Any]]) -> None:
    findings = {finding.part: finding for finding in await examine(Settings(**search[1]))}
    assert "opensearch 2.19.1" in findings["opensearch"].says
    assert findings["mapping"].verdict is Verdict.OK
    assert findings["log freshness production"].says.startswith("newest line by namespace: shop 2")


@pytest.mark.parametrize(
    ("status", "told", "fix"),
    [(401, "(401)", "auth"), (403, "(403)", "es:ESHttpGet"), (503, "503", "[opensearch] url")],
)
async def test_a_refusal_of_opensearch_has_its_own_fix(
    search: tuple[Search, dict[str, Any]], status: int, told: str, fix: str
) -> None:
    search[0].refusal = status
    found = await find(Settings(**search[1]), "opensearch")
    assert (found.verdict, told in found.says, fix in found.fix) == (Verdict.FAILED, True, True)


async def test_a_signature_that_came_too_late_is_about_the_clock(
    search: tuple[Search, dict[str, Any]],
) -> None:
    search[0].refusal, search[0].reason = 403, "Signature expired: 20261130T000000Z is now earlier than ..."
    found = await find(Settings(**search[1]), "opensearch")
    assert (found.verdict, "NTP" in found.fix) == (Verdict.FAILED, True)


async def test_an_opensearch_that_is_not_there_is_told() -> None:
    found = await find(Settings(opensearch={"url": "http://127.0.0.1:9"}), "opensearch")
    assert (found.verdict, "cannot be reached" in found.says) == (Verdict.FAILED, True)
    assert "[opensearch] url" in found.fix


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"@timestamp": "text"}, "@timestamp is text"),
        ({"severity": "text"}, "severity is text"),
        ({"cluster": "text"}, "cluster is text without a keyword beside"),
        ({}, "no index is there to search"),
    ],
)
async def test_a_mapping_that_no_search_can_use_is_told(
    search: tuple[Search, dict[str, Any]], changes: dict[str, str], told: str
) -> None:
    search[0].types = {**search[0].types, **changes} if changes else {}
    found = await find(Settings(**search[1]), "mapping")
    assert (found.verdict, told in found.says, bool(found.fix)) == (Verdict.FAILED, True, True)


async def test_vectors_of_another_length_are_told(
    search: tuple[Search, dict[str, Any]], bedrock: LoopbackBedrock
) -> None:
    search[0].dimensions = 1024
    embeddings = {"use": "titan", "endpoint_url": bedrock.url}
    found = await find(Settings(**search[1], embeddings=embeddings), "vectors")
    assert (found.verdict, "have 1024 numbers, the settings say 256" in found.says) == (Verdict.FAILED, True)


@pytest.mark.parametrize(
    ("ages", "verdict", "told"),
    [
        ({"shop": 40}, Verdict.FAILED, "the newest line is 40 min old"),
        ({}, Verdict.FAILED, "no line of the last 24 h"),
        ({"shop": -10}, Verdict.FAILED, "lines are 9 min ahead of this clock, from shop"),
        ({"shop": 1, "pay": 120}, Verdict.LIMITED, "namespaces whose newest line is older: pay 2 h"),
    ],
)
async def test_a_pipeline_that_stands_still_is_told_by_namespace(
    search: tuple[Search, dict[str, Any]], ages: dict[str, int], verdict: Verdict, told: str
) -> None:
    search[0].ages = {name: timedelta(minutes=minutes) for name, minutes in ages.items()}
    settings = Settings(**search[1], clusters={"production": {"in_cluster": True}})
    found = await find(settings, "log freshness production")
    assert (found.verdict, found.says) == (verdict, told)
    assert found.fix


async def test_a_namespace_whose_pods_ship_nothing_is_told(
    search: tuple[Search, dict[str, Any]], clusters: dict[str, Any]
) -> None:
    search[0].ages = {"recsys": timedelta(seconds=9)}
    found = await find(Settings(**search[1], **clusters), "log freshness production")
    assert (found.verdict, "web-edge" in found.says, "recsys" in found.says) == (Verdict.LIMITED, True, False)
    assert "fluentbit.io/exclude" in found.fix


# --- models -----------------------------------------------------------------------------------------------


@pytest.fixture
async def bedrock() -> AsyncIterator[LoopbackBedrock]:
    async with serve_bedrock() as served:
        yield served


@pytest.fixture
def models(bedrock: LoopbackBedrock, home: Path) -> dict[str, Any]:
    routes = {"default": (CLAUDE, DEEPSEEK)}
    given = {"use": "always", "endpoint_url": bedrock.url, "routes": routes, "classifier": ""}
    return {"models": {**given, "usage": home / "usage.sqlite"}}


async def test_every_model_of_the_routes_is_asked_for_one_token(
    models: dict[str, Any], bedrock: LoopbackBedrock
) -> None:
    findings = {finding.part: finding for finding in await examine(Settings(**models))}
    assert findings[f"model {CLAUDE}"].verdict is findings[f"model {DEEPSEEK}"].verdict is Verdict.OK
    assert {asked.model for asked in bedrock.asked} == {CLAUDE, DEEPSEEK}
    assert {asked.body["inferenceConfig"]["maxTokens"] for asked in bedrock.asked} == {1}


@pytest.mark.parametrize(
    ("failure", "verdict", "told", "fix"),
    [
        (DENIED, Verdict.FAILED, "may not be used", "allow bedrock:InvokeModel"),
        (
            Failure(400, "ValidationException", "The provided model identifier is invalid."),
            Verdict.FAILED,
            "model identifier is invalid",
            "inference profile",
        ),
        (Failure(403, "ExpiredTokenException"), Verdict.FAILED, "have expired", "aws sts"),
        (Failure(403, "InvalidSignatureException", "Signature expired"), Verdict.FAILED, "expired", "NTP"),
        (THROTTLED, Verdict.LIMITED, "throttled", "Service Quotas"),
    ],
)
async def test_a_model_that_may_not_be_used_is_told_by_its_name(
    models: dict[str, Any],
    bedrock: LoopbackBedrock,
    failure: Failure,
    verdict: Verdict,
    told: str,
    fix: str,
) -> None:
    bedrock.voices[DEEPSEEK] = lambda _: failure
    settings = Settings(**models)
    found = await find(settings, f"model {DEEPSEEK}")
    assert (found.verdict, told in found.says, fix in found.fix) == (verdict, True, True)
    assert (await find(settings, f"model {CLAUDE}")).verdict is Verdict.OK


async def test_without_credentials_that_is_what_is_said(
    models: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    models["models"]["region"] = "eu-north-1"  # no client of an earlier test has found keys for it
    found = await find(Settings(**models), f"model {CLAUDE}")
    assert (found.verdict, "credentials" in found.says) == (Verdict.FAILED, True)
    assert "pod identity" in found.fix


async def test_an_endpoint_that_is_not_there_is_told(models: dict[str, Any]) -> None:
    models["models"]["endpoint_url"] = "http://127.0.0.1:9"
    found = await find(Settings(**models), f"model {CLAUDE}")
    assert (found.verdict, "cannot be reached" in found.says) == (Verdict.FAILED, True)
    assert "let the network reach http://127.0.0.1:9" in found.fix


async def test_a_model_that_nobody_knows_is_told(models: dict[str, Any]) -> None:
    models["models"]["routes"] = {"default": ("palmyra",)}
    found = await find(Settings(**models), "model palmyra")
    assert (found.verdict, "is not known" in found.says) == (Verdict.FAILED, True)


async def test_the_model_of_the_vectors_is_asked_too(bedrock: LoopbackBedrock) -> None:
    settings = Settings(embeddings={"use": "titan", "endpoint_url": bedrock.url})
    assert (await find(settings, "model amazon.titan")).verdict is Verdict.OK
    bedrock.failures = [DENIED]
    settings.embeddings.region = "eu-west-3"
    found = await find(settings, "model amazon.titan")
    assert (found.verdict, "AccessDenied" in found.says) == (Verdict.FAILED, True)
    assert "bedrock:InvokeModel" in found.fix


# --- Slack ------------------------------------------------------------------------------------------------


@pytest.fixture
async def slack() -> AsyncIterator[tuple[LoopbackSlack, dict[str, Any]]]:
    async with serve_slack() as served:
        served.workspace.scopes = set(SCOPES)
        given = {
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "api_url": served.url,
            "channels": {"C0INCIDENTS": {"incident": "missing-configmap-chain"}},
        }
        yield served, given


async def test_an_installation_that_is_whole_is_well(slack: tuple[LoopbackSlack, dict[str, Any]]) -> None:
    found = await find(Settings(slack=slack[1]), "slack")
    assert (found.verdict, "as @kubewhy" in found.says) == (Verdict.OK, True)


async def test_a_scope_that_is_missing_is_told(slack: tuple[LoopbackSlack, dict[str, Any]]) -> None:
    slack[0].workspace.scopes.discard("files:write")
    found = await find(Settings(slack=slack[1]), "slack scope files:write")
    assert (found.verdict, "reinstall" in found.fix) == (Verdict.FAILED, True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bot_token": "xoxb-wrong"}, "Slack refuses KUBEWHY_SLACK__BOT_TOKEN: invalid_auth"),
        ({"app_token": ""}, "KUBEWHY_SLACK__APP_TOKEN must be a token"),
        ({"channels": {}}, "Nobody may ask anything"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "Slack cannot be reached"),
    ],
)
async def test_a_token_or_grant_that_is_missing_is_told(
    slack: tuple[LoopbackSlack, dict[str, Any]], changes: dict[str, Any], told: str
) -> None:
    found = await find(Settings(slack=slack[1] | changes), "slack")
    assert (found.verdict, told in found.says, bool(found.fix)) == (Verdict.FAILED, True, True)


# --- this machine -----------------------------------------------------------------------------------------


async def test_a_database_that_is_broken_is_told_and_left_alone(home: Path) -> None:
    (home / "threads.sqlite").write_bytes(b"not a database" * 100)
    found = await find(Settings(threads=home / "threads.sqlite"), "database")
    assert (found.verdict, "cannot be used" in found.says) == (Verdict.FAILED, True)
    assert (home / "threads.sqlite").read_bytes().startswith(b"not a database")


async def test_a_database_server_that_is_not_there_is_told_without_its_password(
    slack: tuple[LoopbackSlack, dict[str, Any]],
) -> None:
    pytest.importorskip("psycopg", reason="kubewhy[postgres] is not installed")
    url = "postgresql://kubewhy:hunter2hunter2@127.0.0.1:9/kubewhy"
    found = await find(Settings(slack=slack[1] | {"database": url}), "database")
    assert (found.verdict, "KUBEWHY_SLACK__DATABASE" in found.fix) == (Verdict.FAILED, True)
    assert "hunter2" not in str(found)


async def test_a_folder_that_cannot_be_written_is_told() -> None:
    found = await find(Settings(threads=Path("/proc/kubewhy/threads.sqlite")), "disk /proc")
    assert (found.verdict, "cannot be written" in found.says) == (Verdict.FAILED, True)
    assert "mount a volume" in found.fix


async def test_a_disk_that_is_full_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: DISK(2**30, 2**30 - 5 * 2**20, 5 * 2**20))
    found = await find(Settings(), "disk")
    assert (found.verdict, found.says) == (Verdict.FAILED, "5 MB are free")


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_says_so_in_lines_and_in_its_exit_code(home: Path) -> None:
    well = CliRunner().invoke(app, ["doctor"])
    assert well.exit_code == 0
    assert "\n-         opensearch: [opensearch] url is not set" in well.stdout
    (home / "kubewhy.toml").write_text('[opensearch]\nurl = "http://127.0.0.1:9"\n')
    load_settings.cache_clear()
    ill = CliRunner().invoke(app, ["doctor"])
    assert ill.exit_code == 1
    lines = ill.stdout.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("FAILED    opensearch: "))
    assert lines[number + 1].strip().startswith("fix: correct [opensearch] url")


def test_json_holds_every_finding_and_nothing_else() -> None:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    told = json.loads(result.stdout)
    assert {"part", "verdict", "says", "fix"} == set(told[0])
    assert {"cluster", "slack", "database"} <= {finding["part"] for finding in told}


def test_a_cluster_that_is_not_known_is_bad_input(home: Path) -> None:
    (home / "kubewhy.toml").write_text("[clusters.production]\nin_cluster = true\n")
    result = CliRunner().invoke(app, ["doctor", "--cluster", "staging"])
    assert result.exit_code == 2
    assert "No cluster is called 'staging'" in result.stderr
