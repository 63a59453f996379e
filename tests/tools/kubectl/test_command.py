"""What is a command and what is not: tables of lines, each with its parse or the reason for its refusal."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.errors import RefusedCommand
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import KubectlCommand
from tools.kubectl.policy import check

HERE = Path(__file__).parent
ACCEPTED = yaml.safe_load((HERE / "accepted.yaml").read_text())
REFUSED = yaml.safe_load((HERE / "refused.yaml").read_text())


def show(command: KubectlCommand) -> dict[str, Any]:
    fields = command.model_dump(mode="json", exclude_defaults=True) | {"verb": command.verb}
    if command.targets:
        fields["targets"] = [" ".join([target.word, *target.names]) for target in command.targets]
    if "output" in fields:
        fields["output"] = str(command.output)
    return fields


def test_the_tables_are_long_enough() -> None:
    assert len({case["line"] for case in ACCEPTED}) >= 120
    assert len({line for line, _ in REFUSED}) >= 120


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["line"])
def test_accepted(case: dict[str, Any]) -> None:
    command = KubectlCommand.parse(case["line"])
    assert show(command) == case["parse"]
    assert KubectlCommand.parse(str(command)) == command, "the canonical line says the same"


@pytest.mark.parametrize(("line", "reason"), REFUSED, ids=lambda text: text[:60])
def test_refused(line: str, reason: str) -> None:
    with pytest.raises(RefusedCommand) as refusal:
        check(KubectlCommand.parse(line), BUILTIN_RESOURCES)
    sentence = str(refusal.value)
    assert reason in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?", "..."))


def test_accepted_commands_pass_the_policy() -> None:
    for case in ACCEPTED:
        if "widgets" not in case["line"]:
            check(KubectlCommand.parse(case["line"]), BUILTIN_RESOURCES)


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("-n prod get po -owide", "kubectl get po -n prod -o wide"),
        ("logs pod/web-1 app --previous", "kubectl logs web-1 -c app -p"),
        ("get pod/a pod/b svc/c", "kubectl get pod/a pod/b svc/c"),
        ("get pods -l 'app in (a,b)'", "kubectl get pods -l 'app in (a,b)'"),
        ("top po a", "kubectl top pods a"),
        ("rollout status deploy web", "kubectl rollout status deploy/web"),
    ],
)
def test_canonical_line(line: str, canonical: str) -> None:
    assert str(KubectlCommand.parse(line)) == canonical


def test_sizes_are_bounded() -> None:
    with pytest.raises(RefusedCommand, match="at most 20 objects"):
        KubectlCommand.parse("get pods " + " ".join(f"web-{n}" for n in range(21)))
    with pytest.raises(RefusedCommand, match="2000 characters"):
        KubectlCommand.parse("get pods -l " + "a" * 2000)
    with pytest.raises(RefusedCommand, match="2000 characters"):
        KubectlCommand.parse("get pods " + "\ufb03" * 1500)


def test_a_command_that_was_not_parsed_is_checked_all_the_same() -> None:
    with pytest.raises(RefusedCommand, match="Kubewhy only reads"):
        check(KubectlCommand(verb="delete"), BUILTIN_RESOURCES)
    with pytest.raises(RefusedCommand, match="not a flag of version"):
        check(KubectlCommand(verb="version", previous=True), BUILTIN_RESOURCES)
