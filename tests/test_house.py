"""The rules of the house, as far as a program can check them."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import domain.errors as errors

HOUSE = Path(__file__).parents[1]
FLOORS = {"domain": 0, "prompts": 1, "tools": 1, "agents": 2, "graphs": 3, "evals": 4, "surfaces": 4}
MODULES = sorted(path for room in FLOORS for path in (HOUSE / room).rglob("*.py"))
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
BACKENDS = {"boto3", "botocore", "kubernetes", "opensearchpy", "slack_bolt", "slack_sdk"}
FORBIDDEN = ("os.environ.", "os.getenv.", "os.system.", "os.popen.", "os.exec", "subprocess.", "pty.")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def locate(path: Path) -> str:
    return str(path.relative_to(HOUSE))


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0]


def list_all_functions() -> Iterator[tuple[Path, Function]]:
    for module in MODULES:
        yield from ((module, node) for node in ast.walk(parse(module)) if isinstance(node, Function))


def list_imports(path: Path) -> Iterator[str]:
    """Every imported name with its module, wherever in the file: ``from os import path`` is ``os.path``."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{locate(path)}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def list_names(path: Path) -> Iterator[str]:
    """Every dotted name that is used: ``os.environ``."""
    return (ast.unparse(node) for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute))


def list_arguments(function: Function) -> Iterator[ast.arg]:
    spec = function.args
    named = (arg for arg in (*spec.posonlyargs, *spec.args) if arg.arg not in ("self", "cls"))
    return chain(named, spec.kwonlyargs, filter(None, (spec.vararg, spec.kwarg)))


def list_public(scope: ast.Module | ast.ClassDef) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """The module or class itself, and all that can be reached from it by public names."""
    yield scope
    for node in scope.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield from list_public(node) if isinstance(node, ast.ClassDef) else (node,)


def test_imports_only_run_downwards() -> None:
    for module in MODULES:
        floor = FLOORS[room_of(module)]
        rooms = {name.split(".")[0] for name in list_imports(module)}
        upward = [room for room in rooms if FLOORS.get(room, 0) > floor]
        assert not upward and not rooms & {"tests", "benchmarks"}, f"{locate(module)} imports {upward}"


def test_no_room_but_surfaces_imports_a_surface() -> None:
    for module in MODULES:
        if room_of(module) != "surfaces":
            assert not [n for n in list_imports(module) if n.startswith("surfaces")], locate(module)


def test_only_tools_and_surfaces_reach_the_world() -> None:
    for module in MODULES:
        if room_of(module) not in {"tools", "surfaces"}:
            assert not {name.split(".")[0] for name in list_imports(module)} & BACKENDS, locate(module)


def test_every_function_is_annotated() -> None:
    for module, function in list_all_functions():
        where = f"{locate(module)}:{function.lineno} {function.name}"
        assert function.returns is not None, f"{where} does not say what it returns"
        assert all(argument.annotation for argument in list_arguments(function)), where


def test_what_is_public_is_documented() -> None:
    for module in MODULES:
        for node in list_public(parse(module)):
            name = getattr(node, "name", "the module")
            assert ast.get_docstring(node), f"{locate(module)}: {name} has no docstring"


def test_functions_and_files_stay_short() -> None:
    for module in MODULES:
        assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE, locate(module)
    for module, function in list_all_functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= LONGEST_FUNCTION, f"{locate(module)}:{function.lineno} {function.name}"


def test_nothing_reads_the_environment_or_starts_a_program() -> None:
    for module in MODULES:
        used = {f"{name}." for name in (*list_imports(module), *list_names(module))}
        assert not [name for name in used if name.startswith(FORBIDDEN)], locate(module)
        text = module.read_text(encoding="utf-8")
        assert not re.search(r"\bcreate_subprocess_|\bshell\s*=\s*True\b", text), locate(module)


def test_exceptions_have_one_tree() -> None:
    tree = HOUSE / "domain" / "errors.py"
    for module in (module for module in MODULES if module != tree):
        for node in (n for n in ast.walk(parse(module)) if isinstance(n, ast.ClassDef)):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            strays = [base for base in bases if base.endswith(("Exception", "Error"))]
            assert not strays, f"{locate(module)}:{node.lineno} {node.name} belongs into domain/errors.py"


def test_the_docstring_of_the_tree_lists_every_exception() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.KubewhyError)
    }

    assert defined <= set(re.findall(r"\w+", errors.__doc__ or ""))


def read_lock(name: str) -> dict[str, Version]:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (HOUSE / name).read_text(encoding="utf-8"), re.M)
    return {package: Version(version) for package, version in pins}


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_the_lock_files_satisfy_the_project(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(r for e in extras for r in project["optional-dependencies"][e])]
    pins = read_lock(lock)

    for requirement in map(Requirement, wanted):
        if requirement.name == project["name"]:  # its own extras, which stand in the lock by their members
            members = chain.from_iterable(project["optional-dependencies"][e] for e in requirement.extras)
            assert all(Requirement(member).name in pins for member in members)
            continue
        assert requirement.name in pins, f"{requirement.name} is not in {lock}: run `make lock`"
        assert pins[requirement.name] in requirement.specifier, f"run `make lock`: {requirement}"


def test_the_two_lock_files_agree() -> None:
    runtime, dev = read_lock("requirements.lock"), read_lock("requirements-dev.lock")

    assert {package: dev.get(package) for package in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_files_name_no_index_and_hash_every_package(lock: str) -> None:
    text = (HOUSE / lock).read_text(encoding="utf-8")

    assert not re.search(r"https?://|^--(?!\s)|\bfile:", text, re.M)
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:])
