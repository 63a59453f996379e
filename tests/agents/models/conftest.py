from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.settings import ModelSettings
from tests.loopback.aws_keys import take_dummy_keys
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    take_dummy_keys(monkeypatch, tmp_path)


@pytest.fixture
async def bedrock() -> AsyncIterator[LoopbackBedrock]:
    async with serve_bedrock() as served:
        yield served


@pytest.fixture
def settings(bedrock: LoopbackBedrock, tmp_path: Path) -> ModelSettings:
    return ModelSettings(
        use="always", endpoint_url=bedrock.url, usage=tmp_path / "usage.sqlite", call_seconds=10, attempts=1
    )
