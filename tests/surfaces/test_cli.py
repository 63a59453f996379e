import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from domain.diagnosis import Diagnosis, Outcome
from domain.settings import load_settings
from surfaces.cli.app import app

CHAIN = "missing-configmap-chain"
PAYMENT = "Payment service cannot start"


@pytest.fixture(autouse=True)
def threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Threads in a folder of the test, and settings read anew."""
    monkeypatch.setenv("KUBEWHY_THREADS", str(tmp_path / "threads.sqlite"))
    load_settings.cache_clear()
    yield tmp_path / "threads.sqlite"
    load_settings.cache_clear()


def kubewhy(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})


def complaint(result: Result) -> str:
    """The one sentence on stderr; there is never a traceback, and stdout stays empty."""
    assert "Traceback" not in result.output
    assert result.stdout == ""
    return result.stderr.strip()


def test_a_diagnosis_is_reported_cause_first():
    result = kubewhy("ask", "--incident", CHAIN, PAYMENT)
    assert result.exit_code == 0
    report = result.stdout
    parts = ["cache-config does not exist", "\nWhy\n", "\nEvidence\n", "\nFix\n", "\nHow to verify\n"]
    places = [report.index(part) for part in parts]
    assert places == sorted(places)
    assert "payment-service" in report
    assert "\x1b" not in report


def test_progress_goes_to_stderr():
    result = kubewhy("ask", "--incident", CHAIN, PAYMENT)
    for word in ("understand", "survey", "read logs", "kubectl "):
        assert word in result.stderr
    assert "read logs" not in result.stdout


def test_json_prints_the_schema_and_nothing_else():
    result = kubewhy("ask", "--incident", CHAIN, "--json", PAYMENT)
    assert result.stderr == ""
    diagnosis = Diagnosis.model_validate_json(result.stdout)
    assert diagnosis.missing is not None
    assert diagnosis.missing.name == "cache-config"
    assert result.exit_code == 0


def test_without_a_question_the_incidents_own_is_asked():
    result = kubewhy("ask", "--incident", CHAIN, "--json")
    assert Diagnosis.model_validate_json(result.stdout).outcome is Outcome.DIAGNOSED


def test_nothing_wrong_ends_with_1():
    result = kubewhy("ask", "--incident", "healthy-noisy")
    assert result.exit_code == 1
    assert result.stdout.startswith("Nothing wrong found")


def test_a_thread_remembers_incident_and_case():
    assert kubewhy("ask", "--incident", CHAIN, "--thread", "t", PAYMENT).exit_code == 0
    result = kubewhy("ask", "--thread", "t", "did the fix work?")
    assert result.exit_code == 1
    assert result.stdout.startswith("Not recovered")


def test_the_report_names_the_thread_to_go_on_with():
    first = kubewhy("ask", "--incident", CHAIN, PAYMENT)
    thread = first.stdout.split("--thread ")[1].split()[0]
    assert kubewhy("ask", "--thread", thread, "did the fix work?").stdout.startswith("Not recovered")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask", "--incident", "missing-configmap-chian", "why?"], "missing-configmap-chain"),
        (["ask", "   "], "Nothing was asked"),
        (["ask"], "Nothing was asked"),
        (["ask", "--incident", CHAIN, "why is deployment/paiment-service down?"], "payment-service"),
        (["ask", "--incident", CHAIN, "-n", "prod-app", "what is wrong?"], "prod-apps"),
        (["kubectl", "--incident", CHAIN, "--", "delete", "pod", "x"], "get"),
        (["logs", "--incident", "nowhere", "x"], "nowhere"),
    ],
)
def test_bad_input_is_one_sentence_with_the_way_out(words: list[str], said: str):
    result = kubewhy(*words)
    assert result.exit_code == 2
    assert said in complaint(result).splitlines()[-1]


@pytest.mark.parametrize("words", [["ask", "--colour"], ["nonsense"], ["logs", "--limit", "0"], ["kubectl"]])
def test_wrong_usage_ends_with_2(words: list[str]):
    result = kubewhy(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_malformed_recording_is_named_with_its_line(tmp_path: Path):
    (tmp_path / "pods.json").write_text('{"kind": "List",\n "items": [}')
    result = kubewhy("ask", "--incident", str(tmp_path), "what is wrong?")
    assert result.exit_code == 2
    assert "pods.json" in complaint(result)
    assert "line 2" in complaint(result)


def test_a_corrupt_thread_database_is_left_as_it_is(threads: Path):
    threads.write_bytes(b"garbage" * 1000)
    result = kubewhy("ask", "--incident", CHAIN, PAYMENT)
    assert result.exit_code == 2
    assert "threads.sqlite" in complaint(result)
    assert threads.read_bytes() == b"garbage" * 1000


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBEWHY_LIMITS__ROUNDS", "many")
    load_settings.cache_clear()
    result = kubewhy("ask", "--incident", CHAIN, PAYMENT)
    assert result.exit_code == 2
    assert "limits.rounds" in complaint(result)


def test_asked_back_without_a_terminal_it_says_how_to_answer(twins: Path):
    asked = kubewhy("ask", "--incident", str(twins), "--thread", "t", "what is wrong with basket?")
    assert asked.exit_code == 2
    assert "1) Deployment blue/basket" in complaint(asked)
    assert "kubewhy ask --thread t" in complaint(asked)
    answered = kubewhy("ask", "--thread", "t", "--json", "green")
    assert Diagnosis.model_validate_json(answered.stdout).outcome is Outcome.HEALTHY


def test_a_bug_is_one_sentence_unless_the_trace_is_wanted(monkeypatch: pytest.MonkeyPatch):
    async def stumble(*arguments: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("surfaces.cli.explore.list_incidents", stumble)
    result = kubewhy("incidents")
    assert result.exit_code == 3
    assert "KUBEWHY_DEBUG=1" in complaint(result)
    monkeypatch.setenv("KUBEWHY_DEBUG", "1")
    load_settings.cache_clear()
    assert "Traceback" in kubewhy("incidents").stderr


def test_the_incidents_are_listed_with_their_questions():
    listed = kubewhy("incidents")
    assert listed.exit_code == 0
    assert any(line.startswith(CHAIN) and "Payment service" in line for line in listed.stdout.splitlines())
    entries = json.loads(kubewhy("incidents", "--json").stdout)
    assert {"id", "question", "provenance"} <= entries[0].keys()
    assert len(entries) == len(listed.stdout.splitlines())


def test_kubectl_prints_a_table_of_the_incident():
    result = kubewhy("kubectl", "--incident", CHAIN, "--", "get", "pods", "-n", "prod-apps")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert "CreateContainerConfigError" in result.stdout


def test_kubectl_flags_need_no_dashes_in_front():
    result = kubewhy("kubectl", "--incident", CHAIN, "get", "deploy", "-A", "-o", "name")
    assert "deployment.apps/cache-service" in result.stdout


def test_logs_are_searched_with_filters():
    result = kubewhy("logs", "--incident", CHAIN, "connection refused", "--level", "error", "--limit", "3")
    lines = result.stdout.splitlines()
    assert 0 < len(lines) <= 3
    assert "connection refused" in result.stdout
    assert all(" ERROR " in line or " FATAL " in line for line in lines)
    nothing = kubewhy("logs", "--incident", CHAIN, "zebra")
    assert (nothing.exit_code, nothing.stdout) == (0, "")


@pytest.mark.parametrize("words", ["--help", "ask --help", "incidents"])
def test_help_and_the_list_import_nothing_heavy(words: str):
    program = (
        "import sys, runpy\n"
        f"sys.argv = ['kubewhy', *{words.split()!r}]\n"
        "try: runpy.run_module('surfaces.cli.app', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(run.stderr.split())
    heavy = {"langgraph", "langchain_core", "drain3", "aiosqlite", "sqlite3", "boto3", "opensearchpy"}
    assert "typer" in loaded
    assert not heavy & loaded
    assert run.stdout


def test_an_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch):
    async def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("surfaces.cli.explore.list_incidents", interrupt)
    result = kubewhy("incidents")
    assert result.exit_code == 130
    assert complaint(result) == "Interrupted."


def _read_until(leader: int, expected: bytes) -> bytes:
    """What a terminal shows until ``expected``, or until the program leaves it."""
    said = b""
    while expected not in said:
        try:
            said += os.read(leader, 4096)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
    return said


def test_asked_back_at_a_terminal_it_goes_on_with_the_answer(twins: Path):
    command = [sys.executable, "-m", "surfaces.cli.app", "ask", "--incident", str(twins)]
    command.append("what is wrong with basket?")
    leader, follower = pty.openpty()
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        asked = _read_until(leader, b"Your answer: ").decode()
        os.write(leader, b"2\n")
        rest = _read_until(leader, b"this never comes").decode()
    os.close(leader)
    assert "2) Deployment green/basket" in asked
    assert "Nothing wrong found" in rest
    assert "green" in rest
    assert process.returncode == 1
