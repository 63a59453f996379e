from agents.model_selection import select_model
from domain.evidence import Evidence, Finding, IssueType, Source
from domain.objects import ObjectRef

POD = ObjectRef(kind="Pod", name="a-1", namespace="shop")


def finding(rule: str, issue_type: IssueType, symptom: bool = False) -> Finding:
    return Finding(
        rule=rule, object=POD, subject=POD, issue_type=issue_type, cause="x", confidence=0.9, symptom=symptom
    )


def seen(text: str) -> Evidence:
    return Evidence(source=Source.EVENT, text=text, object=POD)


def test_the_best_explaining_finding_decides():
    findings = [finding("crash-loop", IssueType.RUNTIME, symptom=True), finding("oom", IssueType.RESOURCES)]
    choice = select_model(findings, [seen("connection refused")])
    assert choice.issue_type is IssueType.RESOURCES
    assert "oom" in choice.reason


def test_a_symptom_decides_when_nothing_explains_it():
    assert (
        select_model([finding("crash", IssueType.RUNTIME, symptom=True)], []).issue_type is IssueType.RUNTIME
    )


def test_without_findings_most_of_the_evidence_decides():
    evidence = [seen("dial tcp: connection refused"), seen("no endpoints available"), seen("OOMKilled")]
    assert select_model([], evidence).issue_type is IssueType.NETWORKING


def test_nothing_seen_is_unknown():
    assert select_model([], [seen("all is well")]).issue_type is IssueType.UNKNOWN


def test_without_a_model_the_playbook_answers_and_says_so():
    choice = select_model([], [])
    assert choice.model == "playbook"
    assert "No model is configured" in choice.reason


def test_a_configured_model_is_taken():
    choice = select_model([], [], available=("some.model-v1",))
    assert choice.model == "some.model-v1"
    assert "some.model-v1" in choice.reason
