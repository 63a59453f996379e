"""What the documents say is so: links lead somewhere, commands exist, settings are known, pictures new."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.markers import Marker
from packaging.utils import canonicalize_name
from pydantic import BaseModel
from typer.testing import CliRunner

from docs import licences, reference
from domain.settings import Settings
from surfaces.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").rglob("*.md")})
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
ROOMS = "agents|benchmarks|deploy|docs|domain|evals|graphs|pipeline|prompts|surfaces|tests|tools"
PLACE = re.compile(rf"`((?:{ROOMS})/[\w./*-]+)`")
TABLE = re.compile(r"`\[([a-z_]+(?:\.[a-z_]+)?)(?:\.[A-Z][A-Z.]*)?\](?: ([a-z_]+))?")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def list_commands(page: Path) -> Iterator[str]:
    """Lines of code, indented or fenced, and code in a line of text."""
    text = read(page)
    for line in re.findall(r"^(?: {4,}|\$ )(\S.*)$", text, re.M):
        yield re.split(r"\s{2,}#", line)[0].removeprefix("$ ")
    for _, block in FENCE.findall(text):
        yield from (line.removeprefix("$ ") for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", text)


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert read(reference.CONFIGURATION) == reference.write_configuration(), "run `make docs`"


def test_the_picture_of_the_graph_is_the_graph() -> None:
    assert read(reference.ARCHITECTURE) == reference.write_architecture(), "run `make docs`"
    assert "plan_commands -.-> run_command" in reference.draw_graph()


def test_every_setting_is_on_the_page_with_what_it_means() -> None:
    page = read(reference.CONFIGURATION)

    def check(model: type[BaseModel]) -> None:
        for field in model.model_fields:
            assert (
                f"`{field}`" in page or f"{field}]`" in page or f".{field}." in page or f"[{field}." in page
            )

    check(Settings)
    assert "|  |" not in page, "a setting has no description"


def test_the_licence_of_every_package_is_listed() -> None:
    """Of those that are installed on Linux; the lock also holds what other systems need."""
    locked = re.findall(r"^([\w.-]+)==[^\s;]+(?: ; ([^\\\n]+))?", read(ROOT / "deploy/image/app.lock"), re.M)
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    wanted = {pack for pack, marker in locked if not marker or Marker(marker.strip()).evaluate(linux)}
    listed = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", read(licences.PAGE), re.M)
    assert len(wanted) > 50
    assert wanted <= {canonicalize_name(pack) for pack, _ in listed}, "run `make sbom`"
    assert "none declared" not in {licence for _, licence in listed}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", read(page))):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{name(page)} links {target}"
        if anchor:
            assert anchor in {slug(found) for found in re.findall(r"^#+ (.+)$", read(linked), re.M)}, target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_are_named_are_there(page: Path) -> None:
    for place in set(PLACE.findall(read(page))):
        assert list(ROOT.glob(place.rstrip("/"))) or (ROOT / place).exists(), f"{name(page)} names {place}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_kubewhys_own_commands_can_be_typed(page: Path) -> None:
    """As far as a parser can tell: the command, its options and what they take.

    In a line of text a command is often only named.
    """
    command = typer.main.get_command(app)
    for line in list_commands(page):
        words = line.partition(" -- kubewhy ")[2] or line.partition("kubewhy ")[2]
        if not line.startswith(("kubewhy ", "kubectl exec ", ".venv/bin/kubewhy ")) or not words:
            continue
        typed = shlex.split(words)
        try:
            parse(command, typed)
        except Exception as error:  # typer has a click of its own, with classes of the same names
            unfinished = {"MissingParameter", "BadOptionUsage"} if f"`{line}`" in read(page) else set()
            if type(error).__name__ not in {"Exit", *unfinished}:
                pytest.fail(f"{name(page)}: {line}: {error}")


def parse(command: Any, typed: list[str], parent: Any = None) -> None:
    """Down to the last command, without running it."""
    if not hasattr(command, "resolve_command"):
        command.make_context("kubewhy", typed, parent=parent)
        return
    context = command.make_context("kubewhy", typed, parent=parent)
    _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    parse(found, rest, context)


def list_runnable() -> list[str]:
    """Whole commands that need nothing but this repository."""
    lines = {line for page in PAGES for line in list_commands(page) if line.startswith("kubewhy ")}
    needs_nothing = re.compile(r"^kubewhy (?:doctor$|\S+ --help$|(?!.*--route).*--incident [a-z-]+(?: |$))")
    return sorted(line for line in lines if needs_nothing.match(line))


@pytest.mark.parametrize("line", list_runnable())
def test_commands_that_need_nothing_do_what_they_should(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, shlex.split(line.partition(" ")[2]))
    assert result.exit_code == 0, result.output
    assert result.stdout


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_targets_and_modules_that_are_named_exist(page: Path) -> None:
    makefile = read(ROOT / "Makefile")
    for line in list_commands(page):
        if found := re.match(r"make ([a-z-]+)", line):
            assert re.search(rf"^{found[1]}:", makefile, re.M), f"{name(page)}: there is no `make {found[1]}`"
        if found := re.match(r"(?:\S*/)?python -m ((?:docs|tests|benchmarks)[\w.]+)", line):
            module = ROOT / found[1].replace(".", "/")
            assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), found[1]


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=name)
def test_settings_that_are_named_are_settings(page: Path) -> None:
    text = read(page)
    for variable in set(re.findall(r"\bKUBEWHY_([A-Z_]+[A-Z])\b", text)):
        find_setting([part.lower() for part in variable.split("__")], f"{name(page)}: KUBEWHY_{variable}")
    for table, setting in set(TABLE.findall(text)):
        find_setting([*table.split("."), *filter(None, [setting])], f"{name(page)}: [{table}] {setting}")


def find_setting(parts: list[str], where: str) -> None:
    model: Any = Settings
    for part in parts:
        model = getattr(model, "__args__", (None, model))[1] if not isinstance(model, type) else model
        fields = getattr(model, "model_fields", None)
        if fields is None:
            return
        assert part in fields, f"{where}: there is no setting {part!r}"
        model = fields[part].annotation


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_tables_of_settings_can_be_read(page: Path) -> None:
    for language, block in FENCE.findall(read(page)):
        if language == "toml":
            Settings.model_validate(tomllib.loads(block))
