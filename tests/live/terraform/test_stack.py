"""The modules applied to moto: what AWS would be told, looked at from the other side through boto3."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.live.terraform.runner import Terraform

pytestmark = pytest.mark.live

STACK = Path("tests/live/terraform/stack")
ACCOUNT = "123456789012"
PROFILE = (
    f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
)


@pytest.fixture(scope="module")
def endpoint(terraform: Terraform) -> Iterator[str]:
    """moto, after the stack was applied to it."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        terraform.run(STACK, "init", "-input=false")
        terraform.run(STACK, "apply", "-auto-approve", "-input=false", f"-var=endpoint={url}")
        yield url
    finally:
        server.stop()


@pytest.fixture
def aws(endpoint: str) -> Any:
    """Makes a client of a service of moto's."""
    session = boto3.Session("loopback", "loopback", region_name="eu-central-1")
    return lambda service: session.client(service, endpoint_url=endpoint)


def read_policies(iam: Any, role: str) -> list[dict[str, Any]]:
    """The statements of a role's own policies."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


FORGOTTEN = {
    "aws_lambda_function": {"logging_config"},
    "aws_kinesis_stream": {"tags", "tags_all"},
}
"""What moto takes and does not give back."""


def test_a_second_plan_changes_nothing(terraform: Terraform, endpoint: str) -> None:
    terraform.run(STACK, "plan", "-input=false", f"-var=endpoint={endpoint}", "-out=second")
    plan = json.loads(terraform.run(STACK, "show", "-json", "second"))
    for change in plan["resource_changes"]:
        before, after = change["change"]["before"], change["change"]["after"]
        changed = {name for name in after if before[name] != after[name]}
        assert changed <= FORGOTTEN.get(change["type"], set()), change["address"]


def test_the_mapping_repeats_halves_and_gives_up(aws: Any) -> None:
    (mapping,) = aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert (mapping["MaximumRetryAttempts"], mapping["BatchSize"]) == (1000, 500)
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"].endswith(":kubewhy-ingest-given-up")
    assert mapping["EventSourceArn"].endswith(":stream/kubewhy-logs")


def test_the_function_has_the_settings_that_it_reads(aws: Any) -> None:
    function = aws("lambda").get_function(FunctionName="kubewhy-ingest")["Configuration"]
    variables = function["Environment"]["Variables"]
    assert variables["KUBEWHY_OPENSEARCH__AUTH"] == "sigv4"
    assert variables["KUBEWHY_INGEST__DEAD_LETTERS"].endswith("/kubewhy-ingest-dead-letters")
    assert function["PackageType"] == "Image"


def test_the_queue_of_the_settings_takes_letters(aws: Any) -> None:
    sqs = aws("sqs")
    urls = sqs.list_queues()["QueueUrls"]
    assert {url.rpartition("/")[2] for url in urls} == {
        "kubewhy-ingest-dead-letters",
        "kubewhy-ingest-given-up",
    }
    for url in urls:
        kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert kept["MessageRetentionPeriod"] == "1209600"


def test_fluent_bit_may_put_records_and_nothing_else(aws: Any) -> None:
    stream = aws("kinesis").describe_stream_summary(StreamName="kubewhy-logs")["StreamDescriptionSummary"]
    shipped = json.loads((Path(__file__).parents[3] / "deploy/fluent-bit/iam-policy.json").read_text())
    (statement,) = read_policies(aws("iam"), "kubewhy-fluent-bit-production")
    assert [statement["Action"]] == shipped["Statement"][0]["Action"]
    assert statement["Resource"] == stream["StreamARN"]
    assert stream["EncryptionType"] == "KMS"


def test_kubewhy_may_invoke_its_models_and_search_and_nothing_else(aws: Any) -> None:
    statements = read_policies(aws("iam"), "kubewhy-kubewhy-production")
    assert {statement["Action"] for statement in statements} == {"bedrock:InvokeModel", "es:ESHttpGet"}
    assert "*" not in json.dumps(statements)
    behind = [statement for statement in statements if "Condition" in statement]
    assert [
        statement["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"] for statement in behind
    ] == [PROFILE]


def test_the_function_may_do_what_it_does(aws: Any) -> None:
    statements = {
        statement["Sid"]: statement
        for statement in read_policies(aws("iam"), "kubewhy-ingest")
        if "Sid" in statement
    }
    assert statements["EmbedTemplates"]["Action"] == "bedrock:InvokeModel"
    assert statements["ReadTheStream"]["Resource"].endswith(":stream/kubewhy-logs")
    assert "kinesis:PutRecords" not in json.dumps(list(statements.values()))


def test_alarms_are_there_and_quiet_where_nothing_is_counted(aws: Any) -> None:
    alarms = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    treated = {alarm["AlarmName"]: alarm["TreatMissingData"] for alarm in alarms}
    assert len(treated) == 10
    assert [name for name, how in treated.items() if how == "breaching"] == ["kubewhy-silence"]
