import pytest

from agents.models.catalogue import describe_model
from agents.models.routing import Need, find_route
from domain.errors import MalformedSettings
from domain.evidence import IssueType
from domain.settings import KnownModel, ModelSettings

SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
V3 = "deepseek.v3.2"
R1 = "us.deepseek.r1-v1:0"
NEED = Need(read=4_000, written=3_000, seconds=100)


def specs(kind: IssueType, settings: ModelSettings, need: Need = NEED) -> list[str]:
    return [model.spec for model in find_route(kind, settings, need).models]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (IssueType.NETWORKING, [V3, SONNET]),
        (IssueType.STORAGE, [V3, SONNET]),
        (IssueType.CONFIGURATION, [SONNET, V3]),
        (IssueType.UNKNOWN, [SONNET, V3]),
        (IssueType.ADMISSION, [SONNET, V3]),
    ],
)
def test_the_default_table(kind: IssueType, expected: list[str]):
    assert specs(kind, ModelSettings()) == expected


def test_a_model_named_twice_is_tried_once():
    assert specs(IssueType.NODE, ModelSettings(routes={"default": (V3, V3)})) == [V3]


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        ({"default": (V3,), "dns": (V3,)}, "issue type 'dns'"),
        ({"default": ()}, "'default' names no model"),
        ({"storage": (V3,)}, "needs a route 'default'"),
        ({"default": ("gpt-9",)}, "Model 'gpt-9' is not known"),
    ],
)
def test_a_table_that_cannot_be_used_is_explained(routes: dict[str, tuple[str, ...]], sentence: str):
    with pytest.raises(MalformedSettings, match=sentence):
        find_route(IssueType.STORAGE, ModelSettings(routes=routes), NEED)


def test_a_model_without_room_is_passed_over():
    settings = ModelSettings(
        routes={"default": ("ours", V3)}, known={"ours": KnownModel(family="claude", context=4_096)}
    )
    route = find_route(IssueType.UNKNOWN, settings, NEED)
    assert [model.spec for model in route.models] == [V3]
    assert "holds 4,096 tokens and up to 7,000 are needed" in route.passed_over[0]


def test_a_slow_model_is_not_begun_at_the_end():
    settings = ModelSettings(routes={"default": (R1, V3)})
    assert specs(IssueType.UNKNOWN, settings) == [R1, V3]
    assert specs(IssueType.UNKNOWN, settings, NEED.model_copy(update={"seconds": 20})) == [V3]


def test_a_ceiling_of_cost():
    settings = ModelSettings(
        routes={"default": (SONNET, "ours", V3)}, known={"ours": KnownModel(family="claude")}
    )
    cheap = settings.model_copy(update={"cost_ceiling": 0.02})
    route = find_route(IssueType.UNKNOWN, cheap, NEED)
    assert [model.spec for model in route.models] == [V3]
    assert "$0.057" in route.passed_over[0] and "price is not known" in route.passed_over[1]


@pytest.mark.parametrize(
    ("spec", "family", "tool_use"),
    [
        (SONNET, "claude", True),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "claude", True),
        ("anthropic:claude-sonnet-4-5", "claude", True),
        (V3, "deepseek", True),
        (R1, "deepseek", False),
        ("deepseek:deepseek-chat", "deepseek", True),
        ("deepseek:deepseek-reasoner", "deepseek", False),
    ],
)
def test_what_is_known_of_models(spec: str, family: str, tool_use: bool):
    model = describe_model(spec, ModelSettings())
    assert (model.family, model.tool_use) == (family, tool_use)


def test_a_model_of_ones_own_is_described_in_the_settings():
    ours = KnownModel(family="deepseek", tool_use=False, input=1, output=2)
    model = describe_model("arn:ours", ModelSettings(known={"arn:ours": ours}))
    assert model.cost(1_000_000, 500_000) == 2.0
