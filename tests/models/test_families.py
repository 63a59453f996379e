"""Real models of each family on recorded incidents.

``KUBEWHY_LIVE_MODELS=1 make test-models`` asks them and records the answers. Without it the
cassettes of the last time answer; where there is none yet, the test is skipped.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.settings import load_settings
from evals.dataset import load_cases
from evals.run import EvalResult, run
from evals.solver import Setup
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import serve_bedrock
from tests.models.cassettes import read_requests, use_cassette

LIVE = os.environ.get("KUBEWHY_LIVE_MODELS") == "1"
CASSETTES = Path(__file__).parent / "cassettes"
FAMILIES = {
    "claude": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "deepseek-v3": "deepseek.v3.2",
    "deepseek-r1": "us.deepseek.r1-v1:0",
}
INCIDENTS = ("missing-configmap-chain", "webhook-without-backend", "job-backoff-exceeded", "healthy-noisy")


@pytest.fixture(autouse=True)
def settings_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KUBEWHY_MODELS__USAGE", str(tmp_path / "usage.sqlite"))
    monkeypatch.setenv("KUBEWHY_MODELS__ATTEMPTS", "1")
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


async def evaluate(spec: str, reasoner: str = "hybrid") -> EvalResult:
    return await run(load_cases(INCIDENTS), setups=[Setup(reasoner=reasoner, route=(spec,))])


@pytest.mark.models
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reasoner", ["hybrid", "model"])
async def test_a_real_model_diagnoses_recorded_incidents(
    family: str, reasoner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = CASSETTES / f"{family}-{reasoner}.yaml"
    if not LIVE and not path.exists():
        pytest.skip("no cassette: KUBEWHY_LIVE_MODELS=1 make test-models records one")
    if not LIVE:
        take_dummy_keys(monkeypatch, tmp_path)
    with use_cassette(path, record=LIVE):
        result = await evaluate(FAMILIES[family], reasoner)
    if reasoner == "hybrid":
        assert result.all_right
    assert all(score.right for case in result.cases for score in case.scores if score.name == "citations")
    assert result.total.tokens and result.total.cost


async def test_a_cassette_answers_as_the_model_did_and_holds_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_dummy_keys(monkeypatch, tmp_path)
    path = tmp_path / "cassette.yaml"
    async with serve_bedrock() as bedrock:
        monkeypatch.setenv("KUBEWHY_MODELS__ENDPOINT_URL", bedrock.url)
        load_settings.cache_clear()
        with use_cassette(path, record=True):
            recorded = await evaluate(FAMILIES["claude"])
        asked = len(bedrock.asked)
        with use_cassette(path, record=False):
            replayed = await evaluate(FAMILIES["claude"])
        assert len(bedrock.asked) == asked == len(read_requests(path))
    assert recorded.total == replayed.total
    assert [case.summary for case in recorded.cases] == [case.summary for case in replayed.cases]
    text = path.read_text(encoding="utf-8")
    for secret in ("AKIDEXAMPLE", "AWS4-HMAC", "Signature", "127.0.0.1"):
        assert secret not in text
