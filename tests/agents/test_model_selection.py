"""Situations, and who is chosen for them, and why."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from agents.model_selection import select_model, tell_issue_type
from agents.models.desk import ModelDesk, choose_settings
from domain.case import CaseFile
from domain.diagnosis import ModelCall
from domain.errors import MalformedSettings
from domain.evidence import Evidence, Finding, IssueType, Source
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow
from domain.settings import KnownModel, ModelSettings

POD = ObjectRef(kind="Pod", name="a-1", namespace="shop")
CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
V3 = "deepseek.v3.2"
R1 = "us.deepseek.r1-v1:0"


def finding(rule: str, issue_type: IssueType, sure: float = 0.6, symptom: bool = False) -> Finding:
    return Finding(
        rule=rule,
        object=POD,
        subject=POD,
        issue_type=issue_type,
        cause="x",
        confidence=sure,
        relevance=1.0,
        symptom=symptom,
    )


def seen(*texts: str) -> list[Evidence]:
    return [Evidence(source=Source.EVENT, text=text, object=POD) for text in texts]


def make_case(findings: Iterable[Finding] = (), evidence: Iterable[Evidence] = ()) -> CaseFile:
    window = TimeWindow.model_validate({"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z"})
    scope = Scope(cluster="local", namespaces=("shop",), workloads=(POD,), window=window)
    return CaseFile(question="why?", scope=scope, evidence=tuple(evidence), findings=tuple(findings))


class Knowing(ModelDesk):
    """A desk whose small model says what the test says."""

    def __init__(self, settings: ModelSettings, kind: IssueType) -> None:
        super().__init__(settings)
        self.kind, self.asked = kind, 0

    async def classify(
        self, case: CaseFile, spent: Iterable[ModelCall] = ()
    ) -> tuple[IssueType, tuple[ModelCall, ...]]:
        self.asked += 1
        return self.kind, (ModelCall(model=self.settings.classifier, role="classify", read=10, written=2),)


OOM = finding("oom", IssueType.RESOURCES)
DNS = finding("no-endpoints", IssueType.NETWORKING)
CRASH = finding("crash-loop", IssueType.RUNTIME, symptom=True)
SURE = finding("missing-configmap", IssueType.CONFIGURATION, sure=0.95)
REFUSED = seen("dial tcp: connection refused", "no endpoints available", "no such host db")

TABLE = {
    "no model is configured": ({"use": "never"}, [OOM], [], "resources", (), "No model is configured"),
    "the playbook is sure": ({}, [SURE], [], "configuration", (), "playbook is sure of the cause"),
    "sure, but models are always asked": (
        {"use": "always"},
        [SURE],
        [],
        "configuration",
        (CLAUDE, V3),
        f"It goes to {CLAUDE}, then to {V3}, then to the playbook.",
    ),
    "networking goes to DeepSeek first": ({}, [DNS], REFUSED, "networking", (V3, CLAUDE), "(no-endpoints)"),
    "configuration goes to Claude first": (
        {},
        [finding("key", IssueType.CONFIGURATION)],
        seen("secret not found"),
        "configuration",
        (CLAUDE, V3),
        "speaks of configuration",
    ),
    "an explaining finding wins over a symptom": ({}, [CRASH, OOM], [], "resources", (CLAUDE, V3), "(oom)"),
    "without findings most of the evidence decides": (
        {},
        [],
        [*REFUSED, *seen("OOMKilled")],
        "networking",
        (V3, CLAUDE),
        "3 observations speak of networking",
    ),
    "a symptom alone is settled by the small model": (
        {},
        [CRASH],
        [],
        "storage",
        (V3, CLAUDE),
        "calls it storage",
    ),
    "findings and evidence disagree": (
        {},
        [OOM],
        REFUSED,
        "storage",
        (V3, CLAUDE),
        "They do not settle it",
    ),
    "nothing was seen": ({}, [], seen("all is well"), "storage", (V3, CLAUDE), "calls it storage"),
    "a route of ones own": (
        {"routes": {"default": (R1,), "resources": (V3, R1)}},
        [OOM],
        [],
        "resources",
        (V3, R1),
        f"goes to {V3}, then to {R1}",
    ),
    "a kind without a route takes the default": (
        {"routes": {"default": (R1,), "storage": (V3,)}},
        [OOM],
        [],
        "resources",
        (R1,),
        f"goes to {R1}, then to the playbook",
    ),
    "too dear": (
        {"cost_ceiling": 0.02},
        [OOM],
        [],
        "resources",
        (V3,),
        f"{CLAUDE} was passed over: an answer may cost $0.0",
    ),
    "too small": (
        {"routes": {"default": ("ours",)}, "known": {"ours": KnownModel(family="claude", context=4_000)}},
        [OOM],
        [],
        "resources",
        (),
        "No model is left, so the playbook answers.",
    ),
}


@pytest.mark.parametrize(
    ("changes", "findings", "evidence", "kind", "route", "why"), TABLE.values(), ids=TABLE
)
async def test_a_situation_its_choice_and_the_reason(
    changes: dict[str, object],
    findings: list[Finding],
    evidence: list[Evidence],
    kind: str,
    route: tuple[str, ...],
    why: str,
) -> None:
    desk = Knowing(ModelSettings.model_validate({"use": "unsettled"} | changes), IssueType.STORAGE)
    choice = await select_model(make_case(findings, evidence), desk, seconds=100)
    assert (choice.issue_type, choice.route) == (kind, route)
    assert choice.model == (route[0] if route else "playbook")
    assert why in choice.reason
    assert len(choice.calls) == desk.asked


async def test_the_small_model_is_not_asked_where_findings_and_evidence_agree() -> None:
    desk = Knowing(ModelSettings(use="always"), IssueType.STORAGE)
    await select_model(make_case([DNS], REFUSED), desk, seconds=100)
    assert desk.asked == 0


async def test_a_small_model_without_an_opinion_leaves_the_guess() -> None:
    desk = Knowing(ModelSettings(use="always"), IssueType.UNKNOWN)
    choice = await select_model(make_case([CRASH]), desk, seconds=100)
    assert choice.issue_type is IssueType.RUNTIME


async def test_a_slow_model_is_not_begun_at_the_end() -> None:
    settings = ModelSettings(use="always", routes={"default": (R1, V3)}, classifier="")
    choice = await select_model(make_case([OOM]), ModelDesk(settings), seconds=20)
    assert choice.route == (V3,)
    assert "20 s are left" in choice.reason


def test_trouble_elsewhere_does_not_tell_the_kind() -> None:
    elsewhere = finding("node-not-ready", IssueType.NODE, sure=0.93).model_copy(
        update={"subject": POD.model_copy(update={"name": "b-1"}), "relevance": 0.2}
    )
    assert tell_issue_type(make_case([elsewhere, OOM])).kind is IssueType.RESOURCES


def test_the_evidence_contradicts_only_with_several_voices() -> None:
    assert tell_issue_type(make_case([OOM], REFUSED[:2])).agreed
    assert not tell_issue_type(make_case([OOM], REFUSED)).agreed


@pytest.mark.parametrize(
    ("mode", "route", "use", "trust"),
    [
        ("", (), "unsettled", "hybrid"),
        ("", (V3,), "always", "hybrid"),
        ("playbook", (V3,), "never", "hybrid"),
        ("hybrid", (), "always", "hybrid"),
        ("model", (V3, R1), "always", "model"),
    ],
)
def test_what_a_person_asks_for_wins(mode: str, route: tuple[str, ...], use: str, trust: str) -> None:
    chosen = choose_settings(ModelSettings(use="unsettled"), mode, route)
    assert (chosen.use, chosen.trust) == (use, trust)
    if route and mode != "playbook":
        assert chosen.routes == {"default": route}


@pytest.mark.parametrize(
    ("mode", "route", "sentence"),
    [("both", (), "Reasoner 'both' is not known"), ("model", ("gpt-9",), "Model 'gpt-9' is not known")],
)
def test_what_cannot_be_asked_for_is_explained(mode: str, route: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(MalformedSettings, match=sentence):
        choose_settings(ModelSettings(), mode, route)


async def test_no_credentials_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings = ModelSettings(use="always", usage=tmp_path / "usage.sqlite")
    choice = await select_model(make_case([CRASH]), ModelDesk(settings), seconds=100)
    assert "AWS credentials, and none were found" in choice.calls[0].fault
    assert choice.issue_type is IssueType.RUNTIME
