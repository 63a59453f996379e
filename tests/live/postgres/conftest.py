"""A PostgreSQL for all tests of a module, and a loopback Slack for each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.settings import Settings
from tests.live.postgres.server import Postgres, find_binaries, run_postgres
from tests.surfaces.slack.conftest import describe, slack

__all__ = ["describe", "slack"]

Describe = Callable[..., Settings]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL is installed: apt-get install postgresql")
    with run_postgres(binaries) as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.add_database()


@pytest.fixture
def replica(describe: Describe, database: str, tmp_path: Path) -> Describe:
    """Settings of a replica; its audit log, by which it is told apart, is named after it."""

    def make(name: str, **changes: Any) -> Settings:
        return describe(database=database, audit=tmp_path / f"{name}.ndjson", **changes)

    return make
