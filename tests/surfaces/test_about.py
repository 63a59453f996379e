"""``kubewhy about``, and the QR code, read back."""

import pytest
from typer.testing import CliRunner

from domain.settings import load_settings
from surfaces.about import draw_qr_text, read_about
from surfaces.cli.app import app

SOURCE = "https://example.org/kubewhy"


@pytest.fixture(autouse=True)
def settings_anew():
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_it_prints_version_and_source_with_a_code(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBEWHY_SOURCE", SOURCE)
    result = CliRunner().invoke(app, ["about"])

    version = read_about(load_settings()).version
    assert result.exit_code == 0
    assert f"Kubewhy {version}, Apache-2.0" in result.stdout and f"Source: {SOURCE}" in result.stdout
    assert draw_qr_text(SOURCE).strip() in result.stdout


def test_a_code_is_square_and_differs_with_the_address():
    drawn = draw_qr_text(SOURCE).splitlines()

    assert len({len(line) for line in drawn}) == 1
    assert len(drawn) == (len(drawn[0]) + 1) // 2
    assert draw_qr_text(f"{SOURCE}/other") != draw_qr_text(SOURCE)


def test_a_source_that_nobody_named_is_said_so(monkeypatch: pytest.MonkeyPatch):
    told = read_about(load_settings())
    result = CliRunner().invoke(app, ["about"])

    assert (told.source or "set source in kubewhy.toml") in result.stdout
