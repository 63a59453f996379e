from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import MalformedSettings
from domain.settings import load_settings


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_defaults_need_no_file() -> None:
    assert load_settings().limits.rounds == 3


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kubewhy.toml").write_text("window_minutes = 15\n[limits]\nrounds = 2\ncommands = 7\n")
    monkeypatch.setenv("KUBEWHY_LIMITS__ROUNDS", "5")

    settings = load_settings()

    assert settings.window_minutes == 15
    assert settings.limits.commands == 7
    assert settings.limits.rounds == 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[limits]\nrounds = 99\n", "limits.rounds"),
        ("window_minutes = 'x'\n", "window_minutes"),
        ("= =", "kubewhy.toml"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(text: str, told: str) -> None:
    Path("kubewhy.toml").write_text(text)

    with pytest.raises(MalformedSettings, match=told):
        load_settings()
