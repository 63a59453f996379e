"""No secret leaves by any exit, of many kinds, from objects, events, logs and the question."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.settings import load_settings
from graphs import troubleshoot
from graphs.context import Context
from graphs.session import Session
from graphs.threads import keep_in_memory
from surfaces.cli.app import app
from tests.exits.recording import POD, write_recording
from tests.tools.redaction.planted import Planted, plant
from tests.tools.redaction.values import Maker
from tools.incidents import open_incident
from tools.recorder import recorder

PLANTED = plant(23)
PASSWORD = Maker(99).password()  # a value that nothing but its name or place tells
IN_ONE_LINE = [item for item in PLANTED if "\n" not in item.text]


@dataclass(frozen=True)
class Ground:
    """Where the recording lies, and the threads."""

    recording: Path
    threads: Path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("planted") / "dump", PLANTED, PASSWORD)


@pytest.fixture(autouse=True)
def ground(recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    monkeypatch.setenv("KUBEWHY_THREADS", str(tmp_path / "threads.sqlite"))
    load_settings.cache_clear()
    yield Ground(recording, tmp_path / "threads.sqlite")
    load_settings.cache_clear()


def kubewhy(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


def leaks(told: str | bytes, planted: list[Planted] = PLANTED) -> list[str]:
    """The kinds of which something is told."""
    text = told.decode("latin-1") if isinstance(told, bytes) else told
    known = [item.kind for item in planted if item.leaks_in(text)]
    return [*known, *["the password"] * any(p in text for p in (PASSWORD, PASSWORD[-8:]))]


def ask(ground: Ground, question: str, *words: str) -> Result:
    return kubewhy("ask", "--incident", str(ground.recording), *words, question)


def test_there_are_enough_kinds() -> None:
    assert len({item.kind for item in PLANTED}) >= 50


def test_the_report_and_the_progress(ground: Ground) -> None:
    result = ask(ground, f"basket crashes, password is {PASSWORD}")

    assert result.exit_code in (0, 1), result.output
    assert "basket" in result.stdout and "<secret:" in result.stdout + result.stderr
    assert leaks(result.stdout) == leaks(result.stderr) == []


def test_the_report_in_json(ground: Ground) -> None:
    result = ask(ground, f"basket crashes, password is {PASSWORD}", "--json")

    assert json.loads(result.stdout)["evidence"]
    assert leaks(result.stdout) == []


def test_the_thread_on_the_disk(ground: Ground) -> None:
    asked = ask(ground, f"basket crashes, password is {PASSWORD}", "--thread", "t1")
    again = kubewhy("ask", "--thread", "t1", f"did the fix work? I set password={PASSWORD}")

    assert asked.exit_code in (0, 1) and again.exit_code in (0, 1), again.output
    stored = b"".join(path.read_bytes() for path in ground.threads.parent.glob("threads.sqlite*"))
    assert b"basket" in stored and b"<secret:1>" in stored
    assert leaks(stored) == []


@pytest.mark.parametrize("planted", IN_ONE_LINE, ids=[item.kind for item in IN_ONE_LINE])
async def test_the_question(planted: Planted) -> None:
    """Redacted before the graph sees it: understood as if the secret were not there."""
    context = Context(str(open_incident("missing-configmap-chain").folder))
    saver = keep_in_memory()
    session = Session(context, "t", saver)
    items = [item async for item in session.ask(f"Payment service cannot start: {planted.text}")]
    await context.close()

    stored = repr(saver.storage) + repr(saver.blobs) + repr(saver.writes)
    assert "cache-config" in str(items[-1])
    assert not planted.leaks_in(stored) and not planted.leaks_in(str(items))


@pytest.mark.parametrize(
    "command",
    [
        f"get pod {POD} -n shop -o yaml",
        f"get pod {POD} -n shop -o json",
        "get deployments,configmaps -n shop -o yaml",
        f"describe pod {POD} -n shop",
        "describe deployment basket -n shop",
        "describe configmap basket-config -n shop",
        f"logs {POD} -n shop",
        "events -n shop",
        "get events -n shop",
        f"get pod {POD} -n shop -o jsonpath={{.spec.containers[*].env[*].value}}",
        f"get pod {POD} -n shop -o custom-columns=A:.spec.containers[*].args",
    ],
)
def test_kubectl(ground: Ground, command: str) -> None:
    result = kubewhy("kubectl", "--incident", str(ground.recording), "--", *shlex.split(command))

    assert result.exit_code == 0, result.output
    assert "<secret:" in result.stdout
    assert leaks(result.output) == []


def test_the_search_in_logs(ground: Ground) -> None:
    result = kubewhy(
        "logs", "--incident", str(ground.recording), "--limit", "1000", "cannot connect giving up"
    )

    assert result.stdout.count("<secret:") > 50
    assert leaks(result.output, IN_ONE_LINE) == []


@pytest.mark.parametrize("role", ["plan", "diagnose"])
@pytest.mark.parametrize("family", ["claude", "deepseek"])
def test_the_prompt_for_a_model(ground: Ground, role: str, family: str) -> None:
    question = f"basket crashes, password is {PASSWORD}"
    words = ("--incident", str(ground.recording), "--role", role, "--family", family, question)
    result = kubewhy("prompt", *words)

    assert result.exit_code == 0, result.output
    assert "<secret:" in result.stdout or "&lt;secret:" in result.stdout
    assert leaks(result.stdout) == []


async def test_a_recording_on_the_disk(ground: Ground, tmp_path: Path) -> None:
    cluster = open_incident(ground.recording).cluster()

    await recorder.record(
        cluster,
        ["shop"],
        timedelta(days=9000),
        tmp_path / "out",
        progress=lambda *_: None,
        question=f"password is {PASSWORD}",
    )

    written = b"\n".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"basket" in written and leaks(written) == []


def test_an_import_on_the_disk(ground: Ground, tmp_path: Path) -> None:
    commands = ("get pods -n shop -o yaml", f"describe pod {POD} -n shop", f"logs {POD} -n shop")
    raw = {"kubectl logs x -n shop": "\n".join(item.text for item in PLANTED)}
    pod = json.loads((ground.recording / "shop" / "pods.json").read_text())
    raw[f"kubectl {commands[0].replace('yaml', 'json')}"] = json.dumps(pod)
    raw["kubectl describe node a"] = f"nothing known\npassword: {PASSWORD}"
    (tmp_path / "t.json").write_text(json.dumps(raw))

    result = kubewhy("import", str(tmp_path / "t.json"), "--out", str(tmp_path / "out"))

    assert result.exit_code == 0, result.output
    written = b"\n".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"basket" in written and leaks(written) == []


def test_an_evaluation(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own" / "planted"
    write_recording(folder / "cluster", PLANTED, PASSWORD)
    told = {"id": "planted", "question": "basket crashes", "expected": {"issue_type": "runtime"}}
    (folder / "incident.yaml").write_text(json.dumps(told))
    monkeypatch.setenv("KUBEWHY_INCIDENTS", str(folder.parent))
    load_settings.cache_clear()

    result = kubewhy("eval", "run", "--json", "-")

    assert "planted" in result.stdout and leaks(result.output) == []


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_sentence_about_an_error(ground: Ground, monkeypatch: pytest.MonkeyPatch, debug: str) -> None:
    monkeypatch.setenv("KUBEWHY_DEBUG", debug)
    load_settings.cache_clear()

    refused = kubewhy("kubectl", "--", "get", "pods", f"--token={PASSWORD}")
    unknown = kubewhy("ask", "--incident", f"postgres://a:{PASSWORD}@db/x", "why?")

    assert refused.exit_code == unknown.exit_code == 2
    assert leaks(refused.output) == leaks(unknown.output) == []


async def test_the_state_that_studio_shows(ground: Ground) -> None:
    context = Context(str(ground.recording))
    parts = []
    async for part in troubleshoot.graph.astream(
        {"question": f"basket crashes, password is {PASSWORD}"},
        context=context,
        stream_mode=["updates", "custom"],
        subgraphs=True,
    ):
        parts.append(repr(part))
    await context.close()

    assert len(parts) > 5 and leaks("\n".join(parts)) == []
