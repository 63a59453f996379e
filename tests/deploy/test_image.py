"""The Dockerfile: what it takes is there and locked, and what it makes runs as nobody in particular."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.live.dockerfile import Stage, read_dockerfile

ROOT = Path(__file__).parents[2]
LOCKS = ("app", "lambda", "build")
TARGETS = {"app": ["/opt/kubewhy/bin/kubewhy", "slack"], "lambda": ["pipeline.handler.handler"]}


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    return read_dockerfile((ROOT / "Dockerfile").read_text())


def read_pins(lock: Path) -> dict[str, tuple[str, int]]:
    """Package -> (version, how many hashes it may have)."""
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE))
    found = {}
    for entry in entries:
        if match := re.match(r"([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry):
            found[match[1]] = (match[2], entry.count("--hash=sha256:"))
    return found


def list_copied(stages: dict[str, Stage]) -> list[str]:
    steps = [step for stage in stages.values() for step in stage.find("COPY") if "from" not in step.flags]
    return [source for step in steps for source in step.words[:-1]]


def test_what_is_copied_is_there_and_let_in(stages: dict[str, Stage]) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    for source in list_copied(stages):
        assert (ROOT / source).exists(), source
        assert any(source == place or source.startswith(f"{place}/") for place in let_in), source


def test_every_package_of_the_application_is_in_it(stages: dict[str, Stage]) -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    wanted = {name for name in packages if any(fnmatch(name, pattern) for pattern in patterns)}
    assert len(wanted) > 5
    assert wanted <= set(list_copied(stages))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_its_hashes(name: str) -> None:
    pins = read_pins(ROOT / "deploy" / "image" / f"{name}.lock")
    assert pins
    assert all(hashes for _, hashes in pins.values())


@pytest.mark.parametrize("name", ["app", "lambda"])
def test_the_images_have_the_versions_that_the_tests_have(name: str) -> None:
    tested = read_pins(ROOT / "requirements.lock")
    shipped = read_pins(ROOT / "deploy" / "image" / f"{name}.lock")
    assert len(tested) > 50
    assert {package: shipped[package][0] for package in tested} == {
        package: version for package, (version, _) in tested.items()
    }


@pytest.mark.parametrize(("name", "extras"), [("app", ["postgres", "traces"]), ("lambda", ["lambda"])])
def test_the_images_have_what_is_optional_elsewhere(name: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    shipped = read_pins(ROOT / "deploy" / "image" / f"{name}.lock")
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    for wanted in map(Requirement, [*project["dependencies"], *optional]):
        assert shipped[wanted.name][0] in wanted.specifier, f"{wanted}: run `make lock`"


@pytest.mark.parametrize("name", TARGETS)
def test_an_image_runs_as_a_user_without_rights(stages: dict[str, Stage], name: str) -> None:
    stage = stages[name]
    assert stage.base.startswith("gcr.io/distroless/") and stage.base.endswith(":nonroot")
    assert [step.text for step in stage.find("USER")] == ["10001:10001"]
    assert not stage.find("RUN"), "it has no shell"
    (entry,), (command,) = stage.find("ENTRYPOINT"), stage.find("CMD")
    assert [*entry.words, *command.words][-len(TARGETS[name]) :] == TARGETS[name]


def test_packages_come_locked_or_not_at_all(stages: dict[str, Stage]) -> None:
    for step in (step for stage in stages.values() for step in stage.find("RUN")):
        for command in step.text.split("&&"):
            if "pip" in command and (" install " in command or " wheel " in command):
                locked = "--require-hashes" in command
                assert locked or (
                    "--no-deps" in command and re.search("--no-(index|build-isolation)", command)
                )
