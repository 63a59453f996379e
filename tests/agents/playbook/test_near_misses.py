"""Scenes that look like trouble and are none: a rule that fires on them is wrong."""

import pytest

from agents.playbook.ranking import CREDIBLE
from domain.diagnosis import Outcome
from tests.agents.playbook.builders import (
    State,
    container,
    ended,
    env_from_key,
    workload,
)
from tests.agents.playbook.cases.near_misses import NS, QUIET, WEB, NearMiss, says, web
from tests.agents.playbook.cases.near_misses_network import REACHED
from tests.agents.playbook.scene import NODES, Piece, ask, bystanders


@pytest.mark.parametrize("scene", [*QUIET, *REACHED], ids=lambda scene: scene.name)
def test_nothing_is_wrong(scene: NearMiss) -> None:
    answer = ask(*scene.pieces, *bystanders("beside"), *NODES, about=scene.about, namespaces=(NS,))

    credible = [(f.rule, str(f.object), f.cause) for f in answer.findings if f.confidence >= CREDIBLE]
    assert not credible
    assert answer.diagnosis.outcome is not Outcome.DIAGNOSED


def crashing_with(*lines: str) -> list[Piece]:
    family = web(State(ended(1, seconds=3), ended(1), False, 5))
    return says(family, *lines)


MISREAD = {
    "credentials-refused": "INFO  auth: docs mention 'password authentication failed' and how to mend it",
    "disk-full": "INFO  metrics: no space left on device: 0",
    "certificate-rejected": '{"level":"info","msg":"x509: certificate has expired is handled by rotation"}',
    "rbac-forbidden": (
        'level=info msg="User \\"system:serviceaccount:a:b\\" cannot list resource '
        '\\"pods\\" is the expected answer"'
    ),
    "file-permission-denied": "2026-03-14 09:29:20 INFO tests: permission denied case passed",
    "setting-missing": "DEBUG settings: SMTP_HOST is not set, using the default",
    "connections-exhausted": "[INFO] limiter: answers 503 on too many connections",
    "host-unresolvable": "INFO resolver: no such host is cached for 30s: api.example.com: no such host",
}


@pytest.mark.parametrize("rule", MISREAD)
def test_a_line_that_calls_itself_harmless_is_no_sign(rule: str) -> None:
    answer = ask(*crashing_with(MISREAD[rule], "ERROR the moon is in the wrong phase"), *NODES, about=WEB)

    assert not answer.of(rule)
    assert answer.diagnosis.object == WEB
    assert "the moon is in the wrong phase" in answer.diagnosis.root_cause


@pytest.mark.parametrize("rule", MISREAD)
def test_the_same_words_count_when_they_are_an_error(rule: str) -> None:
    line = MISREAD[rule].replace("INFO", "ERROR").replace("DEBUG", "ERROR").replace("info", "error")

    answer = ask(*crashing_with(line), *NODES, about=WEB)

    assert answer.of(rule)


def test_optional_settings_do_not_explain_another_failure() -> None:
    entry = env_from_key("ConfigMap", "extras", "level", optional=True)
    family = workload(
        "Deployment", NS, "web", container(env=[entry]), states=State(ended(1), ended(1), False, 4)
    )

    answer = ask(family, *NODES, *bystanders(NS), about=WEB)

    assert not answer.of("configmap-missing")
    assert answer.diagnosis.object == WEB


@pytest.mark.parametrize(
    "printed",
    [
        (
            'Error from server (BadRequest): container "app" in pod "web-x" is waiting to start: '
            "ContainerCreating"
        ),
        'Error from server (BadRequest): previous terminated container "app" in pod "web-x" not found',
        "unable to retrieve container logs for containerd://1c0ffee1",
        'failed to try resolving symlinks in path "/var/log/pods/x/app/5.log": no such file or directory',
        "(no output)",
    ],
)
def test_what_kubectl_says_in_place_of_a_log_is_not_the_programs_word(printed: str) -> None:
    answer = ask(*crashing_with(printed), *NODES, about=WEB)

    assert answer.diagnosis.object == WEB
    assert printed[:20] not in answer.diagnosis.root_cause
