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


def test_clusters_are_named_in_the_file_and_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kubewhy.toml").write_text(
        "default_cluster = 'prod'\n"
        "[clusters.production]\ncontext = 'prod-eks'\naliases = ['prod']\nnamespaces = ['shop', 'pay-*']\n"
    )
    monkeypatch.setenv("KUBEWHY_CLUSTERS__HERE__IN_CLUSTER", "true")

    settings = load_settings()

    assert settings.clusters["production"].namespaces == ("shop", "pay-*")
    assert settings.clusters["here"].in_cluster
    assert settings.default_cluster == "prod"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[limits]\nrounds = 99\n", "limits.rounds"),
        ("window_minutes = 'x'\n", "window_minutes"),
        ("= =", "kubewhy.toml"),
        ("[clusters.a]\ncontext = 'x'\nin_cluster = true\n", "clusters.a.in_cluster.*not both"),
        ("[clusters.a]\nnamespace = ['shop']\n", "clusters.a.namespace'"),
        ("[clusters.a]\nnamespaces = ['Shop']\n", "clusters.a.namespaces.0"),
        ("[clusters.a]\nnamespaces = ['']\n", "clusters.a.namespaces.0"),
        (
            "[clusters.a]\naliases = ['x']\n[clusters.b]\naliases = ['X']\n",
            "clusters a and b both go by.*'X'",
        ),
        ("[clusters.a]\n[clusters.b]\naliases = ['A']\n", "clusters a and b both go by the name 'A'"),
        ("default_cluster = 'c'\n[clusters.a]\n", "no cluster is called 'c'; there are: a"),
        ("default_cluster = 'c'\n", "no cluster is called 'c'; there are: none"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(text: str, told: str) -> None:
    Path("kubewhy.toml").write_text(text)

    with pytest.raises(MalformedSettings, match=told):
        load_settings()
