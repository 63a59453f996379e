"""What is a command: a table of lines, each with its parse. What is none: test_hostile.py."""

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


def show(command: KubectlCommand) -> dict[str, Any]:
    fields = command.model_dump(mode="json", exclude_defaults=True) | {"verb": command.verb}
    if command.targets:
        fields["targets"] = [" ".join([target.word, *target.names]) for target in command.targets]
    if "output" in fields:
        fields["output"] = str(command.output)
    return fields


def test_the_table_is_long_enough() -> None:
    assert len({case["line"] for case in ACCEPTED}) >= 120


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["line"])
def test_accepted(case: dict[str, Any]) -> None:
    command = KubectlCommand.parse(case["line"])
    assert show(command) == case["parse"]
    assert KubectlCommand.parse(str(command)) == command, "the canonical line says the same"


def test_accepted_commands_pass_the_policy() -> None:
    for case in ACCEPTED:
        if "widgets" not in case["line"]:
            command = KubectlCommand.parse(case["line"])
            check(command, BUILTIN_RESOURCES, command.context)


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


def test_a_command_that_was_not_parsed_is_checked_all_the_same() -> None:
    with pytest.raises(RefusedCommand, match="Kubewhy only reads"):
        check(KubectlCommand(verb="delete"), BUILTIN_RESOURCES)
    with pytest.raises(RefusedCommand, match="not a flag of version"):
        check(KubectlCommand(verb="version", previous=True), BUILTIN_RESOURCES)
