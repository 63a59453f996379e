from pathlib import Path

import pytest

from agents.models.budget import Budget, Ledger
from domain.diagnosis import ModelCall
from domain.errors import MalformedSettings
from domain.settings import ModelSettings


def call(tokens: int) -> ModelCall:
    return ModelCall(model="m", role="plan", read=tokens, written=0, cost=0.01)


async def test_an_investigation_ends_at_its_limit(tmp_path: Path):
    budget = Budget(ModelSettings(investigation_tokens=10_000), Ledger(tmp_path / "usage.sqlite"))
    assert await budget.refuse(8_000) == ""
    await budget.spend([call(4_000)])
    assert "10,000 tokens are the limit of an investigation" in await budget.refuse(8_000)


async def test_what_was_spent_before_a_restart_counts(tmp_path: Path):
    budget = Budget(ModelSettings(investigation_tokens=10_000), Ledger(tmp_path / "u"), spent=9_000)
    assert await budget.refuse(2_000)


async def test_a_day_is_shared_by_processes(tmp_path: Path):
    settings = ModelSettings(day_tokens=10_000)
    first, second = (Budget(settings, Ledger(tmp_path / "deep" / "usage.sqlite")) for _ in range(2))
    await first.spend([call(5_000), call(4_000)])
    assert await Ledger(tmp_path / "deep" / "usage.sqlite").used_today() == 9_000
    assert "limit of a day" in await second.refuse(2_000)


async def test_a_database_that_is_none_is_said(tmp_path: Path):
    (tmp_path / "usage.sqlite").write_text("not a database, whatever it is called " * 20)
    with pytest.raises(MalformedSettings, match="usage database"):
        await Ledger(tmp_path / "usage.sqlite").used_today()
