from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.settings import ModelSettings
from tests.loopback.bedrock import LoopbackBedrock, serve_bedrock


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Dummy keys, and nothing of this machine's own AWS configuration."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def bedrock() -> AsyncIterator[LoopbackBedrock]:
    async with serve_bedrock() as served:
        yield served


@pytest.fixture
def settings(bedrock: LoopbackBedrock, tmp_path: Path) -> ModelSettings:
    return ModelSettings(
        use="always", endpoint_url=bedrock.url, usage=tmp_path / "usage.sqlite", call_seconds=10, attempts=1
    )
